//! Asking a person: the approver, the possible answers, and the error returned when the answer is not yes.

use std::fmt;

use mpp_sdk::wire::{ErrorKind, RpcError};

use super::{Question, Refusal, Why};
use crate::codes::{self, Code, Coded, Remedy};

/// Answers questions about packages and tools, for example a person at a terminal.
pub trait Approver {
    /// Asks the question and waits for the answer.
    fn ask(&self, question: &Question) -> Answer;
}

/// An approver for programs that run without a person: it answers every question with [`Answer::CannotAsk`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Unattended;

impl Approver for Unattended {
    fn ask(&self, _: &Question) -> Answer {
        Answer::CannotAsk
    }
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, and the same question is not asked again.
    Remember,
    /// Yes, for this call only.
    Once,
    /// No.
    No,
    /// No person could be asked.
    CannotAsk,
}

/// The error returned when a package may not run or a tool may not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotApproved {
    /// An approval is needed, but no person could be asked for it.
    #[error("{0}")]
    Required(Box<Question>),
    /// A person was asked and said no.
    #[error("you declined: {0}")]
    Declined(Box<Question>),
    /// The policy refuses the package or the call.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Coded for NotApproved {
    fn code(&self) -> &'static Code {
        match self {
            Self::Required(question) if question.is_about_trust() => &codes::K201,
            Self::Required(_) => &codes::K206,
            Self::Declined(_) => &codes::K207,
            Self::Refused(Refusal::Revoked { .. }) => &codes::K202,
            Self::Refused(_) => &codes::K208,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Required(question) => Some(question.remedy()),
            Self::Refused(refusal) => {
                refusal.setting().map(|setting| Remedy::ChangePolicy { setting: setting.to_owned() })
            }
            // Who said no knows what yes would have allowed.
            Self::Declined(_) => None,
        }
    }
}

impl NotApproved {
    /// Returns the kind of the JSON-RPC error that reports this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Required(_) => ErrorKind::ApprovalRequired,
            Self::Declined(_) | Self::Refused(_) => ErrorKind::ApprovalRefused,
        }
    }

    /// Returns whether a person was asked to trust a publisher and said no.
    #[must_use]
    pub fn is_no_to_trust(&self) -> bool {
        matches!(self, Self::Declined(question) if question.is_about_trust())
    }

    /// Returns this error as the response to a call.
    #[must_use]
    pub fn to_rpc(&self) -> RpcError {
        let error = RpcError::new(self.kind(), self.to_string());
        match self.remedy() {
            Some(remedy) => remedy.add_to(error),
            None => error,
        }
    }
}

impl Question {
    /// Returns whether the question is about trusting a new publisher, which only a person may answer.
    #[must_use]
    pub fn is_about_trust(&self) -> bool {
        matches!(self.why, Why::UnknownPublisher { .. })
    }

    /// Returns whether only a person who sees the question may answer it: it is about a new publisher, or about paths of this
    /// machine. A setting that answers every question with yes must not answer this one.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        matches!(self.why, Why::UnknownPublisher { .. } | Why::MachinePaths { .. })
    }

    /// Returns what a person can do in advance, so that the question is not asked.
    fn remedy(&self) -> Remedy {
        let package_id = self.package_id.clone();
        match &self.why {
            Why::UnknownPublisher { .. } => Remedy::TrustPublisher {
                package_id,
                publisher: self.publisher.clone(),
                key_id: self.key_id.to_string(),
            },
            Why::WantsMore { .. } => Remedy::Approve { package_id, tool: None },
            Why::MachinePaths { paths } => {
                Remedy::MapPath { guest: paths.first().map(|path| path.guest.clone()).unwrap_or_default() }
            }
            Why::SensitiveTool { tool, .. } => Remedy::Approve { package_id, tool: Some(tool.clone()) },
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, .. } = self;
        match &self.why {
            Why::UnknownPublisher { .. } => {
                write!(
                    f,
                    "`{}` ({}) is not a publisher you trust for `{}`",
                    self.publisher, self.key_id, self.package_id
                )
            }
            Why::WantsMore { is_known: true, .. } => write!(f, "{name} {version} requests more than you approved"),
            Why::WantsMore { is_known: false, .. } => {
                write!(f, "{name} {version} requests something that you have not approved")
            }
            Why::MachinePaths { paths } => {
                let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", path.guest)).collect();
                write!(f, "{name} {version} would use {} of this machine", paths.join(", "))
            }
            Why::SensitiveTool { tool, level } => {
                write!(
                    f,
                    "the tool `{tool}` of {name} {version} has the security level {level}, so calling it needs your approval"
                )
            }
        }
    }
}
