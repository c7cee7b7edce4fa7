//! Errors in what was prepared for a tool: hosts, fixtures, faults.

use std::io;
use std::path::PathBuf;

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use mpp_host::package::manifest::HostPatternError;

use crate::codes;

/// A mock, fixture or fault that cannot be used with the package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The host of a mock or fault cannot be parsed.
    #[error("{subject} is for `{host}`, which is not a host")]
    InvalidHost {
        /// The mock or fault, as a noun phrase.
        subject: String,
        /// The host as it was given.
        host: String,
        /// The reason.
        source: HostPatternError,
    },
    /// The manifest does not declare the host of a mock or fault, so no request to it is ever sent.
    #[error("{subject} is for `{host}`, a host that the manifest does not declare{}", did_you_mean(nearest.as_deref()))]
    UndeclaredHost {
        /// The mock or fault, as a noun phrase.
        subject: String,
        /// The host as it was given.
        host: String,
        /// The hosts that the manifest declares.
        declared: Vec<String>,
        /// The declared host with the most similar name.
        nearest: Option<String>,
    },
    /// A fixture file cannot be read.
    #[error("the fixture `{fixture}` cannot be read")]
    ReadFixture {
        /// The path as it was given.
        fixture: String,
        /// The directory that the path is relative to.
        directory: PathBuf,
        /// The file system's error.
        source: io::Error,
    },
    /// The content of a fixture file is not valid.
    #[error("the fixture `{fixture}` is not valid{}", place(pointer.as_deref()))]
    InvalidFixture {
        /// The path as it was given.
        fixture: String,
        /// JSON pointer to the value that is not valid; `None` where the file is not JSON.
        pointer: Option<String>,
        /// What is wrong there.
        source: BoxedError,
    },
    /// More than one fixture is to be recorded at once, so that a request cannot be assigned to one of them.
    #[error("{} fixtures are to be recorded at once: {}", .fixtures.len(), listed(fixtures))]
    SeveralRecordings {
        /// The paths as they were given.
        fixtures: Vec<PathBuf>,
    },
    /// The probability of a fault is not between 0 and 1.
    #[error("the fault `{fault}` has the probability {probability}; expected a number from 0.0 to 1.0")]
    InvalidProbability {
        /// Name of the fault.
        fault: String,
        /// The probability as it was given.
        probability: f64,
    },
    /// A fault is set for call or request number 0.
    #[error("the fault `{fault}` is set for number 0; calls and requests are counted from 1")]
    CountedFromOne {
        /// Name of the fault.
        fault: String,
    },
    /// A fault needs a capability that the manifest does not declare.
    #[error("the fault `{fault}` can never happen: the manifest does not declare {capability}")]
    CapabilityMissing {
        /// Name of the fault.
        fault: String,
        /// The capability.
        capability: &'static str,
    },
}

impl Coded for PrepareError {
    fn code(&self) -> &'static Code {
        match self {
            Self::InvalidHost { .. } => &codes::R601,
            Self::UndeclaredHost { .. } => &codes::R602,
            Self::ReadFixture { .. } => &codes::R603,
            Self::InvalidFixture { .. } => &codes::R604,
            Self::SeveralRecordings { .. } => &codes::R605,
            Self::InvalidProbability { .. } | Self::CountedFromOne { .. } => &codes::R606,
            Self::CapabilityMissing { .. } => &codes::R607,
        }
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|host| format!("; did you mean `{host}`?")).unwrap_or_default()
}

fn place(pointer: Option<&str>) -> String {
    pointer.map(|pointer| format!(" at `{pointer}`")).unwrap_or_default()
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(" and ")
}
