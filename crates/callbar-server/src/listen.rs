//! Where the server listens: addresses that only this machine reaches, unless it is told otherwise.

use std::fmt;
use std::net::SocketAddr;

/// Why an address is not listened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    address: SocketAddr,
}

impl fmt::Display for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is reached from other machines, and tokens would pass in clear: give --tls-cert and \
             --tls-key, or listen on 127.0.0.1, or say --public if a proxy in front does TLS",
            self.address
        )
    }
}

impl std::error::Error for Exposed {}

/// Refuses to listen in clear where other machines reach it, unless that is wanted.
///
/// # Errors
/// [`Exposed`], which says what to do.
pub fn permit(address: SocketAddr, tls: bool, public: bool) -> Result<(), Exposed> {
    if tls || public || address.ip().to_canonical().is_loopback() {
        Ok(())
    } else {
        Err(Exposed { address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_goes_without_saying() {
        let may =
            |address: &str, tls, public| permit(address.parse().unwrap(), tls, public).is_ok();
        for own in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert!(may(own, false, false), "{own}");
        }
        for public in ["0.0.0.0:80", "[::]:80", "192.168.1.1:80", "[::ffff:10.0.0.1]:80"] {
            assert!(!may(public, false, false), "{public}");
            assert!(may(public, true, false) && may(public, false, true), "{public}");
        }
    }
}
