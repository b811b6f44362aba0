//! `callbar key`: makes, lists and revokes the keys of the HTTP interfaces.

use std::path::PathBuf;

use anyhow::{Result, bail};
use callbar_server::api::KeyBody;
use callbar_server::{Issued, Method};
use callbar_store::{CredentialKind, KeyView, Role};
use clap::{Subcommand, ValueEnum};

use super::store_client::StoreClient;
use crate::output::{or_dash, print, print_rows};

const KEYS: &str = "/callbar/v1/keys";

const EXAMPLES: &str = "\
Works with and without a running server. The secret of a new key is printed once:
only its hash is kept. A key without --domain is valid for all domains. A key of
iletimerkezi needs a domain and a list.

Examples (DIR stands for /var/lib/callbar):
  callbar key create --data DIR --kind native --role admin --json
  callbar key create --data DIR --kind webitel --domain my.example --role editor
  callbar key create --data DIR --kind iletimerkezi --domain my.example \\
                     --list spam --role editor --json
  callbar key list --data DIR
  callbar key revoke --data DIR 8fd26a17-eb28-4c74-aa6f-a3794f4f466c

Exit status: 0 done, 2 error (nothing is changed)";

/// The last line of the help of each command.
const MORE: &str = "Examples and exit status: callbar key --help";

/// Make, list or revoke the keys of the HTTP interfaces
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand, Debug)]
enum KeyCommand {
    Create(CreateKey),
    List(ListKeys),
    Revoke(RevokeKey),
}

/// Make a key
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct CreateKey {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Interface that the key is for
    #[arg(long, value_enum)]
    kind: KeyKind,
    /// Domain that the key is valid for [default: all]
    #[arg(long, value_name = "D")]
    domain: Option<String>,
    /// List of that domain that the key is valid for [default: all]
    #[arg(long, value_name = "L", requires = "domain")]
    list: Option<String>,
    /// Permissions of the key
    #[arg(long, value_enum)]
    role: KeyRole,
    /// Label of the key, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    label: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// List all keys, revoked ones too, without their secrets
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct ListKeys {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Revoke a key: the next request with it is refused
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
struct RevokeKey {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Key, as callbar key list prints it
    #[arg(value_name = "KEY")]
    key: String,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum KeyKind {
    /// A token and a key, for Webitel's interface
    Webitel,
    /// A key and a hash, for iletimerkezi's interface
    Iletimerkezi,
    /// A token, for /callbar/v1
    Native,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum KeyRole {
    /// All, keys included
    Admin,
    /// Read, and change lists and entries
    Editor,
    /// Read
    Reader,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        match &self.command {
            KeyCommand::Create(args) => args.run(),
            KeyCommand::List(args) => args.run(),
            KeyCommand::Revoke(args) => args.run(),
        }
    }
}

impl CreateKey {
    fn run(&self) -> Result<()> {
        let Self { domain, list, label, .. } = self;
        let kind = match self.kind {
            KeyKind::Webitel => CredentialKind::Webitel,
            KeyKind::Iletimerkezi => CredentialKind::Iletimerkezi,
            KeyKind::Native => CredentialKind::Native,
        };
        let role = match self.role {
            KeyRole::Admin => Role::Admin,
            KeyRole::Editor => Role::Editor,
            KeyRole::Reader => Role::Reader,
        };
        let body = KeyBody {
            kind: kind.as_str().to_owned(),
            domain: domain.clone(),
            list: list.clone(),
            role: role.as_str().to_owned(),
            label: label.clone(),
        };
        let client = StoreClient::open(&self.data)?;
        let issued: Issued = client.send(Method::POST, KEYS, &body)?;
        if self.json {
            return print(serde_json::to_string(&issued)? + "\n");
        }
        let parts = [("token", issued.token), ("key", issued.key), ("hash", issued.hash)];
        for (name, value) in parts {
            if let Some(value) = value {
                print(format!("{name:<6} {value}\n"))?;
            }
        }
        Ok(())
    }
}

impl ListKeys {
    fn run(&self) -> Result<()> {
        let keys: Vec<KeyView> = StoreClient::open(&self.data)?.all_pages(KEYS, usize::MAX)?;
        print_rows(keys, self.json, |key| {
            let KeyView { kind, key, domain, list, role, label, revoked, .. } = key;
            let state = revoked
                .map_or("good".into(), |at| format!("revoked {}", callbar_lists::display_time(at)));
            let (kind, role) = (kind.as_str().to_owned(), role.as_str().to_owned());
            [kind, key, or_dash(domain), or_dash(list), role, state, label]
        })
    }
}

impl RevokeKey {
    fn run(&self) -> Result<()> {
        let client = StoreClient::open(&self.data)?;
        let keys: Vec<KeyView> = client.all_pages(KEYS, usize::MAX)?;
        let Some(key) = keys.into_iter().find(|key| key.key == self.key) else {
            bail!("there is no key {:?}: callbar key list shows all", self.key);
        };
        let path = format!("{KEYS}/{}/{}", key.kind.as_str(), key.key);
        let _: serde_json::Value = client.request(Method::DELETE, &path)?;
        Ok(())
    }
}
