//! `callbar serve`: serves the lists of a directory over HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Error, Result};
use callbar_server::{AppOptions, Config, Event, Limits, serve};
use clap::ValueEnum;

use crate::output::{note, print};

const EXAMPLES: &str = "\
Makes the directory if there is none. The first start makes a key with all
permissions and prints its token on standard output, once. SIGTERM and SIGINT end
the server after it has answered all requests under way.

Examples (DIR stands for /var/lib/callbar):
  callbar serve --data DIR --listen 127.0.0.1:8080
  callbar serve --data DIR --listen 0.0.0.0:443 --tls-cert c.pem --tls-key k.pem
  callbar serve --data DIR --listen 10.0.0.5:8080 --public
                    (without TLS, behind a proxy that does TLS)

Exit status: 0 ended by a signal, 2 error (another server has DIR, for instance)";

/// Serve the lists of a directory over HTTP
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Address and port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// File of the certificate chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// File of the key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Answer other machines without TLS
    #[arg(long)]
    public: bool,
    /// Requests a second that a key may make
    #[arg(long, value_name = "N", default_value_t = AppOptions::default().rate,
          value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Connections that may be open at a time
    #[arg(long, value_name = "N", default_value_t = Limits::default().connections)]
    connections: usize,
    /// Format of the log on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log: LogFormat,
    /// Log every request; without it, refused and failed ones only
    #[arg(long)]
    log_requests: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        self.start_log();
        let config = Config {
            dir: self.data.clone(),
            listen: self.listen,
            tls: self.tls_cert.clone().zip(self.tls_key.clone()),
            public: self.public,
            limits: Limits { connections: self.connections, ..Limits::default() },
            options: AppOptions { rate: self.rate, ..AppOptions::default() },
        };
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let mut unprinted = None;
        serve(&config, |event| {
            if let Err(error) = report(&event, scheme) {
                unprinted.get_or_insert(error);
            }
        })
        .map_err(Error::from)?;
        unprinted.map_or(Ok(()), Err)
    }

    fn start_log(&self) {
        let level = if self.log_requests { tracing::Level::DEBUG } else { tracing::Level::INFO };
        let log = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
        match self.log {
            LogFormat::Text => log.init(),
            LogFormat::Json => log.json().flatten_event(true).init(),
        }
    }
}

fn report(event: &Event, scheme: &str) -> Result<()> {
    match event {
        Event::FirstKey(token) => {
            note("a key with all permissions was made; its token is shown only now:");
            print(format!("{token}\n"))?;
        }
        Event::Listening(address) => note(format_args!("listening on {scheme}://{address}")),
        Event::Ending => note("ending after the requests under way"),
    }
    Ok(())
}
