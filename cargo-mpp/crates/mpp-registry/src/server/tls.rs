//! TLS from files.

use std::path::Path;
use std::sync::Arc;

use mpp_host::causes::BoxedError;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::start_error::StartError;

/// Reads the certificates and the private key of the server.
///
/// # Errors
/// Returns [`StartError::Tls`] if a file cannot be read, or if the key does not belong to the first certificate.
pub(crate) fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor, StartError> {
    let fault = |path: &Path, source: BoxedError| StartError::Tls { path: path.to_owned(), source };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect)
        .map_err(|error| fault(certificates, error.into()))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| fault(key, error.into()))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| fault(certificates, error.into()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
