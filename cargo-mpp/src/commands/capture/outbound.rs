//! Records the HTTP requests of the server of a capture.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use mpp_mcp::capture::{CaptureError, OutboundProxy, Tap};

/// A proxy, and the file with its certificate, which is removed at the end.
pub(super) struct Outbound {
    proxy: OutboundProxy,
    dir: tempfile::TempDir,
}

impl Outbound {
    /// Starts a proxy. `authorities` are those that this system trusts.
    pub(super) fn start(secrets: Vec<(String, String)>, authorities: &str, tap: &Tap) -> Result<Self, CaptureError> {
        let proxy = OutboundProxy::start(secrets, authorities, tap)?;
        let dir = tempfile::tempdir().map_err(CaptureError::Write)?;
        let outbound = Self { proxy, dir };
        // A server that replaces its list of authorities by this file still reaches what goes around the proxy.
        std::fs::write(outbound.file(), format!("{}\n{authorities}", outbound.proxy.authority()))
            .map_err(CaptureError::Write)?;
        Ok(outbound)
    }

    /// Returns the variables that make the server use the proxy.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        self.proxy.variables(&self.file())
    }

    /// Returns the address of the proxy.
    pub(super) fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Returns the directory of the file.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("authorities.pem")
    }
}
