//! How a host reaches the network: certificates, names, limits.

use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::limits::NetworkLimits;
use crate::codes::{self, Code, Coded};

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync + fmt::Debug {
    /// Every address of `host`. May block; the time is bounded by the caller.
    ///
    /// # Errors
    /// Where there is none.
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's way to find names.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }
}

/// How a host reaches the network. What tools may call is said by manifests and grants, not here.
#[derive(Debug, Clone)]
#[must_use]
pub struct NetworkSettings {
    pub(super) extra_roots: RootCertStore,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) limits: NetworkLimits,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            extra_roots: RootCertStore::empty(),
            resolver: Arc::new(SystemResolver),
            limits: NetworkLimits::default(),
        }
    }
}

impl NetworkSettings {
    /// Mozilla's root certificates, the operating system's resolver, the usual limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts further root certificates, in PEM; for instance a company's own.
    ///
    /// # Errors
    /// [`CertificateError`] where there is none in the text, or one is malformed.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, CertificateError> {
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let reason = |reason: String| CertificateError::Malformed { number: found + 1, reason };
            let certificate = certificate.map_err(|error| reason(error.to_string()))?;
            self.extra_roots.add(certificate).map_err(|error| reason(error.to_string()))?;
            found += 1;
        }
        if found == 0 { Err(CertificateError::None) } else { Ok(self) }
    }

    /// Finds names in another way, for tests and for hosts with their own.
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Other limits.
    pub fn limits(mut self, limits: NetworkLimits) -> Self {
        self.limits = limits;
        self
    }
}

/// Root certificates that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is none.
    #[error("there is no certificate in it: expected PEM, with a line `-----BEGIN CERTIFICATE-----`")]
    None,
    /// One is not what it should be.
    #[error("certificate {number} in it is malformed: {reason}")]
    Malformed {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl Coded for CertificateError {
    fn code(&self) -> &'static Code {
        &codes::R308
    }
}
