//! TLS by two PEM files, a certificate chain and its key, and the refusal of an exposed address without TLS.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// An address that the server does not listen on, because other machines reach it and there is no TLS.
///
/// # Examples
/// ```
/// use callbar_server::refuse_exposed;
///
/// let error = refuse_exposed("0.0.0.0:8080".parse()?, false, false).unwrap_err();
/// assert!(error.to_string().starts_with("other machines can reach 0.0.0.0:8080"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "other machines can reach {address}, and tokens would pass in clear: give --tls-cert and --tls-key, or \
     listen on 127.0.0.1, or give --public if a proxy in front does TLS"
)]
pub struct Exposed {
    address: SocketAddr,
}

/// Refuses to listen without TLS where other machines reach the address, unless `public` allows it.
///
/// # Errors
/// [`Exposed`], which says what to do.
///
/// # Examples
/// ```
/// use callbar_server::refuse_exposed;
///
/// assert!(refuse_exposed("127.0.0.1:8080".parse()?, false, false).is_ok());
/// assert!(refuse_exposed("0.0.0.0:8443".parse()?, true, false).is_ok(), "with TLS");
/// assert!(refuse_exposed("0.0.0.0:8080".parse()?, false, false).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn refuse_exposed(address: SocketAddr, tls: bool, public: bool) -> Result<(), Exposed> {
    if tls || public || address.ip().to_canonical().is_loopback() {
        Ok(())
    } else {
        Err(Exposed { address })
    }
}

/// A certificate or a key that cannot be used.
///
/// # Examples
/// ```
/// use callbar_server::acceptor;
///
/// let error = acceptor("no.pem".as_ref(), "no.key".as_ref()).err().expect("an error");
/// assert!(error.to_string().starts_with("no.pem: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}: give a PEM file, the certificate with its chain")]
pub struct TlsError {
    file: PathBuf,
    reason: String,
}

impl TlsError {
    fn new(file: &Path, error: impl fmt::Display) -> Self {
        Self { file: file.to_owned(), reason: error.to_string() }
    }
}

/// Makes an acceptor of TLS 1.2 and 1.3 with this certificate and its key.
///
/// # Errors
/// [`TlsError`], with the file at fault.
///
/// # Examples
/// ```
/// use callbar_server::acceptor;
///
/// # let directory = tempfile::tempdir()?;
/// let cert = directory.path().join("cert.pem");
/// std::fs::write(&cert, "not a certificate")?;
/// assert!(acceptor(&cert, "no.key".as_ref()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::new(cert, error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::new(key, error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| TlsError::new(cert, error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loopback_address_needs_neither_tls_nor_a_flag() {
        let may = |address: &str, tls, public| {
            refuse_exposed(address.parse().unwrap(), tls, public).is_ok()
        };
        for own in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert!(may(own, false, false), "{own}");
        }
        for public in ["0.0.0.0:80", "[::]:80", "192.168.1.1:80", "[::ffff:10.0.0.1]:80"] {
            assert!(!may(public, false, false), "{public}");
            assert!(may(public, true, false) && may(public, false, true), "{public}");
        }
    }
}
