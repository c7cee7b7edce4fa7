//! The errors of captures.

use std::io;

use mpp_host::codes::{Code, Coded};

use crate::codes;

/// A capture cannot be recorded or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The file is not a capture.
    #[error("the file is not a capture: {reason}")]
    NotACapture {
        /// What was found.
        reason: String,
    },
    /// The file has a version of the format that this crate does not know.
    #[error("the capture has version {found} of the format; this program reads version {known}")]
    NewerFormat {
        /// The version of the file.
        found: u64,
        /// The version that this crate reads.
        known: u32,
    },
    /// A line of the file is not an entry.
    #[error("line {line} of the capture is damaged")]
    Damaged {
        /// Number of the line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file cannot be read.
    #[error("the capture cannot be read")]
    Read(#[source] io::Error),
    /// The server cannot be started.
    #[error("the server `{program}` cannot be started")]
    Start {
        /// The program.
        program: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// A file of calls is not valid.
    #[error("line {line} of the calls is not a call: {reason}")]
    Calls {
        /// Number of the line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The server did not answer a request.
    #[error("the server did not answer `{request}`: {reason}")]
    NoAnswer {
        /// The method, and for a call the tool.
        request: String,
        /// What happened instead.
        reason: String,
    },
    /// An address cannot be listened on.
    #[error("`{address}` cannot be listened on")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// A URL is not one of an HTTP server.
    #[error("`{url}` is not the URL of an HTTP server")]
    Url {
        /// The text.
        url: String,
    },
    /// The program that observes a server cannot be run.
    #[error("the server cannot be observed: {reason}")]
    Observe {
        /// The reason.
        reason: String,
    },
    /// The capture cannot be written.
    #[error("the capture cannot be written")]
    Write(#[source] io::Error),
}

impl Coded for CaptureError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotACapture { .. } | Self::Read(_) => &codes::M201,
            Self::NewerFormat { .. } => &codes::M202,
            Self::Damaged { .. } => &codes::M203,
            Self::Start { .. } => &codes::M204,
            Self::Calls { .. } => &codes::M205,
            Self::NoAnswer { .. } => &codes::M206,
            Self::Write(_) => &codes::M207,
            Self::Observe { .. } => &codes::M208,
            Self::Listen { .. } => &codes::M209,
            Self::Url { .. } => &codes::M210,
        }
    }
}
