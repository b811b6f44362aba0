//! `callbar lists`: the lists of a domain in a directory with a store.

use anyhow::Result;
use callbar::Action;
use callbar_server::Method;
use callbar_server::api::{ChangeAnswer, ListBody, RemovedList};
use callbar_store::ListView;
use clap::Subcommand;

use super::store_client::{StoreClient, domain_path, list_path};
use crate::options::DomainOptions;
use crate::output::{or_dash, print, print_rows};

const EXAMPLES: &str = "\
Works with and without a running server.

Examples (DIR stands for /var/lib/callbar):
  callbar lists show --data DIR --domain my.example
  callbar lists put --data DIR --domain my.example spam --response 607
  callbar lists put --data DIR --domain my.example vip --allow
  callbar lists remove --data DIR --domain my.example spam

Exit status: 0 done, 2 error (nothing is changed)";

/// The last line of the help of each command.
const MORE: &str = "Examples and exit status: callbar lists --help";

/// Make, change, show or remove lists
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: ListsCommand,
}

#[derive(Subcommand, Debug)]
enum ListsCommand {
    Show(ShowLists),
    Put(PutList),
    Remove(RemoveList),
}

/// Show the lists of a domain: name, action, response, entries, description
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct ShowLists {
    #[command(flatten)]
    place: DomainOptions,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Make a list, or replace the settings of an existing one
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct PutList {
    #[command(flatten)]
    place: DomainOptions,
    /// Name of the list
    #[arg(value_name = "L")]
    name: String,
    /// The list allows calls instead of denying them; between entries of one length allow beats deny
    #[arg(long)]
    allow: bool,
    /// SIP response to recommend for barred calls: 433, 603, 607 or 608
    #[arg(long, value_name = "CODE", conflicts_with = "allow")]
    response: Option<u16>,
    /// Description, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// When a list changes to deny: keep its patterns of a whole calling code, such as +90*
    #[arg(long)]
    allow_broad: bool,
}

/// Remove a list with all its entries
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct RemoveList {
    #[command(flatten)]
    place: DomainOptions,
    /// Name of the list
    #[arg(value_name = "L")]
    name: String,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        match &self.command {
            ListsCommand::Show(args) => args.run(),
            ListsCommand::Put(args) => args.run(),
            ListsCommand::Remove(args) => args.run(),
        }
    }
}

impl ShowLists {
    fn run(&self) -> Result<()> {
        let path = format!("{}/lists", domain_path(&self.place.domain));
        let lists: Vec<ListView> =
            StoreClient::open(&self.place.data)?.all_pages(&path, usize::MAX)?;
        print_rows(lists, self.json, |list| {
            let ListView { name, action, response, entries, description, .. } = list;
            let code = or_dash(response.map(|response| response.code().to_string()));
            [name, action.to_string(), code, entries.to_string(), description]
        })
    }
}

impl PutList {
    fn run(&self) -> Result<()> {
        let &Self { ref place, ref name, allow, response, ref description, allow_broad } = self;
        let action = if allow { Action::Allow } else { Action::Deny };
        let body = ListBody { action, response, description: description.clone(), allow_broad };
        let client = StoreClient::open(&place.data)?;
        let path = list_path(&place.domain, name);
        let ChangeAnswer { outcome } = client.send(Method::PUT, &path, &body)?;
        print(format!("{outcome}\t{name}\n"))
    }
}

impl RemoveList {
    fn run(&self) -> Result<()> {
        let Self { place, name } = self;
        let client = StoreClient::open(&place.data)?;
        let path = list_path(&place.domain, name);
        let RemovedList { outcome, entries } = client.request(Method::DELETE, &path)?;
        print(format!("{outcome}\t{name}\t{entries}\n"))
    }
}
