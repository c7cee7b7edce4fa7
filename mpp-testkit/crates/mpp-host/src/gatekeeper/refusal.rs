//! Refusals of the Gatekeeper: the step that failed, the reason, and what to do next.

use std::fmt;

use serde::Serialize;

use crate::codes::{Code, Coded, Remedy};
use crate::package::fault::Fault;
use crate::signature::SignatureOutcome;

/// One of the seven steps of the Gatekeeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Step 1: the archive has exactly the structure that the format requires.
    ArchiveSafety,
    /// Step 2: nothing is larger than the limits.
    SizeLimits,
    /// Step 3: no entry name leads outside the package.
    PathTraversal,
    /// Step 4: the stored bytes have the content hash that the envelope states.
    ContentHash,
    /// Step 5: the publisher's key has signed the statement.
    Signature,
    /// Step 6: the manifest is valid and describes this package.
    Manifest,
    /// Step 7: the module is valid and imports nothing that the declared capabilities do not cover.
    Capabilities,
}

impl Step {
    /// All seven steps, in order.
    pub const ALL: [Self; 7] = [
        Self::ArchiveSafety,
        Self::SizeLimits,
        Self::PathTraversal,
        Self::ContentHash,
        Self::Signature,
        Self::Manifest,
        Self::Capabilities,
    ];

    /// Returns the number of the step, from 1 to 7.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Returns a human-readable name of the step.
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

/// The reason why the Gatekeeper refused a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// Code of the refusal.
    pub code: &'static Code,
    /// Step that refused the package.
    pub step: Step,
    /// Description of what was found and what was expected. It may contain text from the package, which is not escaped
    /// for a terminal.
    pub message: String,
    /// Name of the entry at fault, if the refusal is about one entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Instructions for the next step to take.
    pub help: String,
    /// Change that would let the package pass, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Box<Remedy>>,
    /// Outcome of the signature check; `None` if the refusal says nothing about the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_outcome: Option<Box<SignatureOutcome>>,
}

impl Refusal {
    pub(crate) fn new(step: Step, fault: Fault) -> Self {
        let help = fault.help.unwrap_or_else(|| fault.code.help.to_owned());
        let Fault { code, message, entry, remedy, .. } = fault;
        Self { code, step, message, entry, help, remedy, signature_outcome: None }
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

    fn remedy(&self) -> Option<Remedy> {
        self.remedy.as_deref().cloned()
    }
}
