//! The parts of the network that all packages of one host share: the driver and the trusted roots, but never a connection.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use rustls::client::Resumption;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};

use super::driver::Driver;
use super::settings::NetworkSettings;
use crate::clock::Clock;

/// Maximum number of TLS sessions that one grant keeps for resumption.
const SESSIONS: usize = 32;

/// The network access of a host. Nothing is started before the first request.
pub(crate) struct NetworkService {
    pub(super) settings: NetworkSettings,
    clock: Arc<dyn Clock>,
    driver: OnceLock<Driver>,
    tls: OnceLock<ClientConfig>,
}

impl NetworkService {
    pub(crate) fn new(settings: NetworkSettings, clock: Arc<dyn Clock>) -> Self {
        Self { settings, clock, driver: OnceLock::new(), tls: OnceLock::new() }
    }

    pub(super) fn driver(&self) -> Result<&Driver, String> {
        if let Some(driver) = self.driver.get() {
            return Ok(driver);
        }
        let started = Driver::start().map_err(|error| format!("the network cannot be started: {error}"))?;
        // If two threads start a driver at once, one driver is kept and the other ends.
        Ok(self.driver.get_or_init(|| started))
    }

    /// Returns a TLS configuration with its own session store. A shared store would let servers link the requests of two packages.
    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        let shared = match self.tls.get() {
            Some(tls) => tls,
            None => {
                let made = self.make_tls().map_err(|error| format!("TLS cannot be set up: {error}"))?;
                self.tls.get_or_init(|| made)
            }
        };
        let mut own = shared.clone();
        own.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Arc::new(own))
    }

    fn make_tls(&self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.roots.extend_from_slice(&self.settings.extra_roots.roots);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let time = Arc::new(HostTime(Arc::clone(&self.clock)));
        let mut tls = ClientConfig::builder_with_details(provider, time)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(tls)
    }
}

/// The host's clock, by which the validity of certificates is checked.
#[derive(Debug)]
struct HostTime(Arc<dyn Clock>);

impl TimeProvider for HostTime {
    fn current_time(&self) -> Option<UnixTime> {
        self.0.now().duration_since(SystemTime::UNIX_EPOCH).ok().map(UnixTime::since_unix_epoch)
    }
}
