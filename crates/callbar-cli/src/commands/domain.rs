//! `callbar domain`: the domains of a directory with a store.

use std::path::PathBuf;

use anyhow::Result;
use callbar::{PlanSpec, Settings};
use callbar_server::Method;
use callbar_server::api::{ChangeAnswer, DomainBody};
use callbar_store::DomainView;
use clap::Subcommand;

use super::store_client::{StoreClient, domain_path};
use crate::options::{RegionalPlanOptions, SettingsOptions};
use crate::output::{or_dash, print, print_rows};

const EXAMPLES: &str = "\
Works with and without a running server. The first domain makes the store of a
new directory. A change of the region, or of another part of the dial plan, reads
all entries of the domain again. If an entry cannot be read any more, the change
is refused.

Examples (DIR stands for /var/lib/callbar):
  callbar domain put --data DIR --region TR my.example
  callbar domain put --data DIR --region TR --subscribe shared.example my.example
  callbar domain show --data DIR
  callbar domain remove --data DIR my.example

Exit status: 0 done, 2 error (nothing is changed)";

/// The last line of the help of each command.
const MORE: &str = "Examples and exit status: callbar domain --help";

/// Make, change, show or remove domains
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: DomainCommand,
}

#[derive(Subcommand, Debug)]
enum DomainCommand {
    Put(PutDomain),
    Show(ShowDomains),
    Remove(RemoveDomain),
}

/// Make a domain, or replace the settings of an existing one
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct PutDomain {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Name of the domain (tenant)
    #[arg(value_name = "D")]
    name: String,
    #[command(flatten)]
    plan: RegionalPlanOptions,
    #[command(flatten)]
    settings: SettingsOptions,
    /// Description, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
}

/// Show one domain or all
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct ShowDomains {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Name of the domain [default: all]
    #[arg(value_name = "D")]
    name: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Remove a domain with its lists and all their entries
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct RemoveDomain {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Name of the domain
    #[arg(value_name = "D")]
    name: String,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        match &self.command {
            DomainCommand::Put(args) => args.run(),
            DomainCommand::Show(args) => args.run(),
            DomainCommand::Remove(args) => args.run(),
        }
    }
}

impl PutDomain {
    fn run(&self) -> Result<()> {
        let Settings { emergency_exempt, subscriptions } = self.settings.settings();
        let body = DomainBody {
            plan: PlanSpec::from(&self.plan.plan()?),
            emergency_exempt,
            subscriptions,
            description: self.description.clone(),
        };
        let client = StoreClient::open_or_create(&self.data)?;
        let ChangeAnswer { outcome } = client.send(Method::PUT, &domain_path(&self.name), &body)?;
        print(format!("{outcome}\t{}\n", self.name))
    }
}

impl ShowDomains {
    fn run(&self) -> Result<()> {
        let client = StoreClient::open(&self.data)?;
        let domains: Vec<DomainView> = match &self.name {
            Some(name) => vec![client.request(Method::GET, &domain_path(name))?],
            None => client.all_pages("/callbar/v1/domains", usize::MAX)?,
        };
        print_rows(domains, self.json, |domain| {
            let DomainView { name, plan, emergency_exempt, subscriptions, description, .. } =
                domain;
            let emergency = if emergency_exempt { "exempt" } else { "barred" }.to_owned();
            let subscriptions =
                or_dash((!subscriptions.is_empty()).then(|| subscriptions.join(",")));
            [name, plan.region, emergency, subscriptions, description]
        })
    }
}

impl RemoveDomain {
    fn run(&self) -> Result<()> {
        let client = StoreClient::open(&self.data)?;
        let ChangeAnswer { outcome } = client.request(Method::DELETE, &domain_path(&self.name))?;
        print(format!("{outcome}\t{}\n", self.name))
    }
}
