//! Observes the server of a capture with `strace`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use mpp_mcp::capture::{CaptureError, Observed, observed_command, read_observed};

/// An observation and its file, which is removed at the end.
pub(super) struct Observer {
    dir: tempfile::TempDir,
}

impl Observer {
    /// Prepares an observation.
    pub(super) fn new() -> Result<Self, CaptureError> {
        let failed = |reason: String| CaptureError::Observe { reason };
        if !cfg!(target_os = "linux") {
            return Err(failed("this works on Linux only".to_owned()));
        }
        let version = Command::new("strace").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        match version {
            Ok(status) if status.success() => {}
            Ok(_) => return Err(failed("`strace` does not work here".to_owned())),
            Err(_) => return Err(failed("`strace` is not installed".to_owned())),
        }
        let dir = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        Ok(Self { dir })
    }

    /// Returns the command that starts the server under observation.
    pub(super) fn command(&self, words: &[OsString]) -> Command {
        observed_command(words, &self.file())
    }

    /// Reads what was observed.
    pub(super) fn finish(
        &self,
        started: SystemTime,
        variables: Vec<(String, String)>,
    ) -> Result<Observed, CaptureError> {
        let trace = std::fs::read(self.file()).unwrap_or_default();
        if trace.is_empty() {
            let reason = "`strace` observed nothing; it may not have the right to trace processes".to_owned();
            return Err(CaptureError::Observe { reason });
        }
        let names = variables.into_iter().map(|(name, _)| name);
        Ok(read_observed(&String::from_utf8_lossy(&trace), started, names))
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("trace")
    }
}
