//! A package whose tools the bridge publishes.

use mpp_home::{LaunchError, Launched};
use mpp_host::codes::Coded as _;
use mpp_host::package::{ContentHash, Manifest};
use mpp_host::policy::{Answer, Approver, NotApproved, Question};
use mpp_host::wire::RpcError;
use mpp_host::{CallOptions, CancelHandle, FilteredOutput};

use super::selection::Selection;

/// A package that was launched, and how its tools are published.
#[derive(Debug)]
pub struct ServedPackage {
    pub(super) launched: Launched,
    pub(super) manifest: Manifest,
    /// The package as the user named it, for messages.
    pub(super) named: String,
    pub(super) selection: Selection,
}

/// What a call of a package ended with.
pub(super) enum Called {
    /// The package was called, or the host answered for it.
    Output(Box<FilteredOutput>),
    /// The call was not approved.
    NotApproved(RpcError, &'static mpp_host::Code),
}

impl ServedPackage {
    /// Publishes all tools of a package under their own names. `named` is the package as the user named it.
    #[must_use]
    pub fn new(launched: Launched, manifest: Manifest, named: impl Into<String>) -> Self {
        Self { launched, manifest, named: named.into(), selection: Selection::default() }
    }

    /// Sets which tools are published, and under which names.
    #[must_use]
    pub fn select(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// Returns the manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the content hash of the package.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        self.launched.package().content_hash()
    }

    pub(super) fn question(&self, tool: &str, arguments: &str) -> Option<Question> {
        self.launched.package().question_about(tool, arguments)
    }

    /// Calls a tool. `answer` is a person's answer to the question about this call, if it was asked.
    pub(super) fn call(&self, tool: &str, arguments: &str, answer: Option<Answer>, cancel: &CancelHandle) -> Called {
        let options = match answer {
            None => CallOptions::new(),
            Some(answer) => match self.launched.decide_call(tool, arguments, &Given(answer)) {
                Ok(options) => options,
                Err(error) => return not_approved(&error),
            },
        };
        Called::Output(Box::new(self.launched.package().call_with(tool, arguments, options.cancel(cancel))))
    }
}

fn not_approved(error: &LaunchError) -> Called {
    let rpc = match error {
        LaunchError::NotApproved(NotApproved::Declined(question)) => RpcError::new(
            mpp_host::wire::ErrorKind::ApprovalRefused,
            format!("the person who was asked declined: {question}"),
        ),
        LaunchError::NotApproved(refused) => refused.to_rpc(),
        other => RpcError::new(
            mpp_host::wire::ErrorKind::CapabilityDenied,
            format!("the approval of this call cannot be used: {}", mpp_host::causes::with_causes(other)),
        ),
    };
    Called::NotApproved(rpc, error.code())
}

/// Answers with what a person has answered already.
struct Given(Answer);

impl Approver for Given {
    fn ask(&self, question: &Question) -> Answer {
        // Trust in a publisher is never decided through a client.
        if question.is_about_trust() { Answer::CannotAsk } else { self.0 }
    }
}
