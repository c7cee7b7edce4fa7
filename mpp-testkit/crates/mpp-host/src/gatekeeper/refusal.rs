//! Refusals: which step said no, why, and what to do.

use std::fmt;

use serde::Serialize;

use crate::codes::{Code, Coded};
use crate::package::fault::Fault;
use crate::signature::SignatureOutcome;

/// One of the seven steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 1: the archive is exactly as the format has it.
    ArchiveSafety,
    /// 2: nothing is larger than the limits.
    SizeLimits,
    /// 3: no name leads out of the package.
    PathTraversal,
    /// 4: the bytes are those that the envelope speaks of.
    ContentHash,
    /// 5: the publisher's key signed them.
    Signature,
    /// 6: the manifest is valid and speaks of this package.
    Manifest,
    /// 7: the module asks for nothing that was not declared.
    Capabilities,
}

impl Step {
    /// All seven, in order.
    pub const ALL: [Self; 7] = [
        Self::ArchiveSafety,
        Self::SizeLimits,
        Self::PathTraversal,
        Self::ContentHash,
        Self::Signature,
        Self::Manifest,
        Self::Capabilities,
    ];

    /// 1 to 7.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Its name, for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ArchiveSafety => "archive safety",
            Self::SizeLimits => "size limits",
            Self::PathTraversal => "path traversal",
            Self::ContentHash => "content hash",
            Self::Signature => "signature",
            Self::Manifest => "manifest",
            Self::Capabilities => "capabilities",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// Why a package was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The code of the refusal.
    pub code: &'static Code,
    /// The step that refused.
    pub step: Step,
    /// What was found and what was expected. Text from the package in it is not escaped for a terminal.
    pub message: String,
    /// The entry at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// What to do next.
    pub help: String,
    /// What is known about the signature; `None` before step 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_outcome: Option<Box<SignatureOutcome>>,
}

impl Refusal {
    pub(crate) fn new(step: Step, fault: Fault) -> Self {
        let help = fault.help.unwrap_or_else(|| fault.code.help.to_owned());
        Self { code: fault.code, step, message: fault.message, entry: fault.entry, help, signature_outcome: None }
    }

    pub(crate) fn with_outcome(mut self, outcome: SignatureOutcome) -> Self {
        self.signature_outcome = Some(Box::new(outcome));
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some(entry) if !self.message.contains(entry.as_str()) => write!(f, "`{entry}`: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Refusal {}

impl Coded for Refusal {
    fn code(&self) -> &'static Code {
        self.code
    }

    fn help(&self) -> String {
        self.help.clone()
    }
}
