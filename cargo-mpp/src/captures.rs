//! Reads the captures of MCP servers, and explains their errors.

use std::fs::File;
use std::path::{Path, PathBuf};

use mpp_home::FileError;
use mpp_host::codes::{Code, Coded};
use mpp_mcp::capture::{Capture, CaptureError};

use crate::error::{Error, Explain};
use crate::session::Session;

/// An error of a capture, with its file or command.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(crate) struct CaptureFailed {
    /// The file of the capture or of the calls, or the command of the server.
    place: String,
    /// The reason.
    source: CaptureError,
}

impl CaptureFailed {
    /// Creates the error for a file or a command.
    pub(crate) fn new(place: impl Into<String>, source: CaptureError) -> Self {
        Self { place: place.into(), source }
    }
}

impl Coded for CaptureFailed {
    fn code(&self) -> &'static Code {
        self.source.code()
    }
}

impl Explain for CaptureFailed {
    fn place(&self) -> Option<String> {
        Some(self.place.clone())
    }

    fn advice(&self) -> String {
        match &self.source {
            CaptureError::NotACapture { .. } => "name a file that `mpp capture -o FILE` has written".to_owned(),
            CaptureError::NewerFormat { .. } => "update this program, or record the capture again with it".to_owned(),
            CaptureError::Damaged { line, .. } => format!("correct or remove line {line}, or record the capture again"),
            CaptureError::Start { .. } => {
                "run the command after `--` by itself to see whether it works in this directory".to_owned()
            }
            CaptureError::Calls { line, .. } => {
                format!(
                    "correct line {line}; each line is a call such as {{\"tool\":\"convert\",\"arguments\":{{\"amount\":3}}}}"
                )
            }
            CaptureError::NoAnswer { .. } => {
                "see what the server wrote to stderr, above; the capture has everything that was said until then"
                    .to_owned()
            }
            CaptureError::Observe { .. } => {
                "install it with `apt install strace` or the like, or record without `--observe`".to_owned()
            }
            CaptureError::Listen { .. } => "choose an address of this machine: `--listen 127.0.0.1:0`".to_owned(),
            CaptureError::Url { .. } => "write a URL such as `https://mcp.example.com/mcp`".to_owned(),
            CaptureError::Write(_) => "free some space, or choose another file with `-o`, and record again".to_owned(),
            other => other.help(),
        }
    }
}

/// Reads a capture; `given` is its path as the user typed it.
///
/// # Errors
/// Returns an error if the file cannot be read or is not a capture.
pub(crate) fn read(session: &Session, given: &Path) -> Result<Capture, Error> {
    let path: PathBuf = session.resolve(given);
    let file = File::open(&path).map_err(|source| FileError::read("the capture", &path, source))?;
    if path.is_dir() {
        let source = std::io::Error::from(std::io::ErrorKind::IsADirectory);
        return Err(FileError::read("the capture", &path, source).into());
    }
    Ok(Capture::parse(file).map_err(|source| CaptureFailed::new(path.display().to_string(), source))?)
}
