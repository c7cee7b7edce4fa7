//! Asking until everything is decided, and what is to be remembered of the answers.

use mpp_sdk::wire::{ErrorKind, RpcError};

use super::{Approval, Decision, Policy, Question, Refusal, Situation, Wants, Why};
use crate::trust::Trust;

/// Who answers: a person at a terminal, or behind an agent's own dialogue.
pub trait Approver {
    /// Asks, and waits for the answer.
    fn ask(&self, question: &Question) -> Answer;
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, and the same is not to be asked again.
    Remember,
    /// Yes, for this call.
    Once,
    /// No.
    No,
    /// There is nobody to ask.
    CannotAsk,
}

/// Everything is decided: it may run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// The publisher was accepted for this package and is to be added to the trusted ones. Where the answer was "once", it
    /// is to be trusted for this call alone.
    pub publisher: Option<Answer>,
    /// What was accepted, to be kept in the place of what was known; `None` where nothing changed.
    pub approval: Option<Approval>,
}

/// It does not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotApproved {
    /// Somebody must be asked, and there is nobody to ask.
    #[error("{0}")]
    Required(Box<Question>),
    /// Somebody was asked and said no.
    #[error("you said no: {0}")]
    Declined(Box<Question>),
    /// The policy refuses it.
    #[error("{0}")]
    Refused(#[from] Refusal),
}

impl NotApproved {
    /// The code that `mpp explain` describes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Required(question) if question.is_about_trust() => "MPP-K201",
            Self::Required(_) => "MPP-K206",
            Self::Declined(_) => "MPP-K207",
            Self::Refused(Refusal::Revoked { .. }) => "MPP-K202",
            Self::Refused(_) => "MPP-K208",
        }
    }

    /// The kind on the wire.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Required(_) => ErrorKind::ApprovalRequired,
            Self::Declined(_) | Self::Refused(_) => ErrorKind::ApprovalRefused,
        }
    }

    /// Whether somebody was asked whom to trust, and said no.
    #[must_use]
    pub fn is_no_to_trust(&self) -> bool {
        matches!(self, Self::Declined(question) if question.is_about_trust())
    }

    /// As the answer to a call.
    #[must_use]
    pub fn to_rpc(&self) -> RpcError {
        RpcError::new(self.kind(), self.to_string())
    }
}

impl Question {
    /// Whether it asks to trust somebody new: nothing but a person answers that.
    #[must_use]
    pub fn is_about_trust(&self) -> bool {
        matches!(self.why, Why::UnknownPublisher { .. })
    }
}

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, version, .. } = self;
        match &self.why {
            Why::UnknownPublisher { .. } => {
                write!(
                    f,
                    "`{}` ({}) is not a publisher you trust for `{}`",
                    self.publisher, self.key_id, self.package_id
                )
            }
            Why::WantsMore { is_known: true, .. } => write!(f, "{name} {version} wants more than you approved"),
            Why::WantsMore { is_known: false, .. } => {
                write!(f, "{name} {version} wants what you have not approved yet")
            }
            Why::SensitiveTool { tool, level } => {
                write!(
                    f,
                    "the tool `{tool}` of {name} {version} is of security level {level}, and calls of it need your approval"
                )
            }
        }
    }
}

impl Policy {
    /// Decides, and asks until nothing is open; `now` is RFC 3339 text, for what is remembered.
    ///
    /// # Errors
    /// [`NotApproved`] where the answer is no, there is nobody to ask, or the policy refuses.
    pub fn settle(
        &self,
        situation: &Situation<'_>,
        approval: Option<&Approval>,
        approver: &dyn Approver,
        now: &str,
    ) -> Result<Settled, NotApproved> {
        let mut situation = *situation;
        let mut known = approval.filter(|known| known.is_for(&situation.manifest.package_id, situation.key)).cloned();
        let mut settled = Settled::default();
        loop {
            let question = match self.decide(&situation, known.as_ref()) {
                Decision::Allow => return Ok(settled),
                Decision::Refuse(refusal) => return Err(refusal.into()),
                Decision::Ask(question) => question,
            };
            let answer = approver.ask(&question);
            match answer {
                Answer::No => return Err(NotApproved::Declined(Box::new(question))),
                Answer::CannotAsk => return Err(NotApproved::Required(Box::new(question))),
                Answer::Remember | Answer::Once => {}
            }
            if question.is_about_trust() {
                situation.trust = Trust::Trusted;
                settled.publisher = Some(answer);
            }
            let accepted = accept(&situation, known.as_ref(), &question.why, now);
            if answer == Answer::Remember {
                settled.approval = Some(accepted.clone());
            }
            known = Some(accepted);
        }
    }
}

impl Approval {
    /// What is remembered where somebody accepts all that the package wants.
    #[must_use]
    pub fn of(situation: &Situation<'_>, before: Option<&Self>, now: &str) -> Self {
        let before = before.filter(|known| known.is_for(&situation.manifest.package_id, situation.key));
        Self {
            package_id: situation.manifest.package_id.clone(),
            key: *situation.key,
            version: situation.manifest.version.clone(),
            approved: now.to_owned(),
            wants: Wants::of(situation.manifest).accepted_with(before.map(|known| &known.wants)),
            tools: before.map(|known| known.tools.clone()).unwrap_or_default(),
        }
    }

    /// The same with a tool that is not asked about any more; `None` where the package has no such tool.
    #[must_use]
    pub fn with_tool(mut self, situation: &Situation<'_>, tool: &str) -> Option<Self> {
        let definition = situation.manifest.tool_definitions.iter().find(|definition| definition.name == tool)?;
        self.tools.insert(definition.name.clone(), definition.security_level);
        Some(self)
    }
}

/// What was accepted with a yes to the question.
fn accept(situation: &Situation<'_>, before: Option<&Approval>, why: &Why, now: &str) -> Approval {
    let all = Approval::of(situation, before, now);
    match why {
        Why::SensitiveTool { tool, .. } => all.clone().with_tool(situation, tool).unwrap_or(all),
        _ => all,
    }
}
