//! `callbar audit`: the log of changes of a directory with a store.

use std::path::PathBuf;

use anyhow::Result;
use callbar_server::api::PAGE_MAX;
use callbar_store::AuditRecord;

use super::store_client::{StoreClient, encode_segment};
use crate::output::{or_dash, print_rows};

const EXAMPLES: &str = "\
Prints the newest change first: time, who, what, domain, list, subject and detail,
tab separated. 'local' is somebody with access to the directory. Others are shown
by their key, as callbar key list prints it.

Examples (DIR stands for /var/lib/callbar):
  callbar audit --data DIR
  callbar audit --data DIR --domain my.example --limit 20 --json

Exit status: 0 done, 2 error";

/// Show the log of changes of the last 400 days
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Changes of this domain only
    #[arg(long, value_name = "D")]
    domain: Option<String>,
    /// Most changes to print
    #[arg(long, value_name = "N", default_value_t = PAGE_MAX as usize)]
    limit: usize,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        let path = match &self.domain {
            Some(domain) => format!("/callbar/v1/audit?domain={}", encode_segment(domain)),
            None => "/callbar/v1/audit".to_owned(),
        };
        let records: Vec<AuditRecord> =
            StoreClient::open(&self.data)?.all_pages(&path, self.limit)?;
        print_rows(records, self.json, |record| {
            let AuditRecord { at, who, what, domain, list, subject, detail, .. } = record;
            let [domain, list, subject, detail] = [domain, list, subject, detail].map(or_dash);
            [callbar_lists::display_time(at), who, what, domain, list, subject, detail]
        })
    }
}
