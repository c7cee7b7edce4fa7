//! The network settings of a host: root certificates, name resolution, limits.

use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::limits::NetworkLimits;
use crate::causes::BoxedError;
use crate::codes::{self, Code, Coded};

/// Resolves host names to addresses.
pub trait Resolver: Send + Sync + fmt::Debug {
    /// Returns every address of `host`. It may block; the caller limits the time.
    ///
    /// # Errors
    /// Returns an error if the name cannot be resolved.
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Resolves names with the operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }
}

/// The network settings of a host. They do not decide which hosts a tool may call; manifests and grants do.
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
    /// Returns the default settings: Mozilla's root certificates, the operating system's resolver, and the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts additional root certificates in PEM format, for example those of a company.
    ///
    /// # Errors
    /// Returns [`CertificateError`] if the text contains no certificate, or one is malformed.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, CertificateError> {
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            found += 1;
            let malformed = |source: BoxedError| CertificateError::Malformed { number: found, source };
            let certificate = certificate.map_err(|error| malformed(error.into()))?;
            self.extra_roots.add(certificate).map_err(|error| malformed(error.into()))?;
        }
        if found == 0 { Err(CertificateError::None) } else { Ok(self) }
    }

    /// Sets the resolver, for tests and for hosts that resolve names themselves.
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Sets the limits of requests and connections.
    pub fn limits(mut self, limits: NetworkLimits) -> Self {
        self.limits = limits;
        self
    }
}

/// The error of root certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The text contains no certificate.
    #[error("there is no certificate in it: expected PEM, with a line `-----BEGIN CERTIFICATE-----`")]
    None,
    /// A certificate is malformed.
    #[error("certificate {number} in it is malformed")]
    Malformed {
        /// The position of the certificate in the text, starting at 1.
        number: usize,
        /// The reason.
        source: BoxedError,
    },
}

impl Coded for CertificateError {
    fn code(&self) -> &'static Code {
        &codes::R308
    }
}
