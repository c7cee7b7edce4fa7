//! Deciding whether a package may run and a tool be called: the user's policy, what was accepted, and questions.

use std::path::Path;

use mpp_host::Host;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::ClearError;
use mpp_host::policy::{
    Answer, Approver, Clearance, ClearanceRequest, NotApproved, Policy, Question, Refusal, Settings, ToolClearance, Why,
};
use mpp_host::trust::{Admission, TrustStore};

use crate::error::Error;
use crate::session::Session;
use crate::ui::Ui;
use crate::{approvals, trusting};

/// The rules in `MPP_HOME/policy.toml`; the defaults where there is no such file.
///
/// # Errors
/// Where it cannot be read, or says what it cannot say: no rule is dropped in silence.
pub(crate) fn policy(session: &Session) -> Result<Policy, Error> {
    let path = session.home().join("policy.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Policy::default()),
        Err(error) => return Err(Error::read("your policy", &path, error)),
    };
    let damaged = |reason: String| Error::Damaged { path: path.clone(), reason };
    let settings: Settings = toml::from_str(&text).map_err(|error| damaged(error.message().to_owned()))?;
    Policy::new(settings).map_err(|error| damaged(error.to_string()))
}

/// Decides, asks, remembers, and gives the permission to run. Who is trusted says the `store`.
///
/// # Errors
/// [`NotAdmitted::Answer`] where the answer is no; else what went wrong.
pub(crate) fn admit(
    session: &Session,
    host: &Host,
    policy: &Policy,
    mut store: TrustStore,
    package: &VerifiedPackage,
    (tool, arguments): (&str, &str),
    approver: &dyn Approver,
) -> Result<Admitted, NotAdmitted> {
    let key = package.publisher_key();
    let manifest = package.manifest();
    let known = approvals::load(session, &manifest.package_id, key)?;
    let request = ClearanceRequest::new(package, policy, &store, approver);
    let cleared = host.clear(&request.approval(known.as_ref()).call(tool, arguments))?;
    if let Some(answer) = cleared.publisher {
        let publisher = trusting::accepted(package);
        store.add(match answer {
            Answer::Remember => trusting::add(session, publisher)?,
            _ => publisher,
        });
    }
    if let Some(approval) = &cleared.approval {
        approvals::save(session, approval)?;
    }
    let admission = store
        .admit(package)
        .map_err(|source| NotAdmitted::Error(Error::untrusted(session, Path::new(&manifest.name), source)))?;
    Ok(Admitted { admission, clearance: cleared.clearance, call: cleared.tool })
}

/// The decisions that let a package run and a tool of it be called.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) admission: Admission,
    pub(crate) clearance: Clearance,
    pub(crate) call: Option<ToolClearance>,
}

/// Why there is no permission.
#[derive(Debug)]
pub(crate) enum NotAdmitted {
    /// Somebody said no, or should have been asked, or the policy refuses.
    Answer(NotApproved),
    /// Something of ours could not be read or written.
    Error(Error),
}

impl From<ClearError> for NotAdmitted {
    fn from(error: ClearError) -> Self {
        match error {
            ClearError::NotApproved(answer) => Self::Answer(answer),
            ClearError::Audit(error) => Self::Error(Error::Audit(error)),
        }
    }
}

impl From<Error> for NotAdmitted {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Asks on the terminal, where there is one.
pub(crate) struct Terminal<'a> {
    pub(crate) session: &'a Session,
    pub(crate) ui: &'a Ui,
    /// `--yes`: approvals are given for this run. It does not answer whom to trust.
    pub(crate) yes: bool,
    /// Shows a package by somebody new.
    pub(crate) introduce: &'a dyn Fn(),
}

impl Approver for Terminal<'_> {
    fn ask(&self, question: &Question) -> Answer {
        if self.yes && !question.is_about_trust() {
            return Answer::Once;
        }
        if !self.session.can_ask() || self.ui.wants_json() {
            return Answer::CannotAsk;
        }
        let (words, yes) = match &question.why {
            Why::UnknownPublisher { .. } => {
                (self.introduce)();
                (format!("let {} by this key run, now and later?", question.package_id), Answer::Remember)
            }
            Why::WantsMore { .. } => {
                self.ui.aside(question);
                ("let it have this, now and later?".to_owned(), Answer::Remember)
            }
            Why::SensitiveTool { tool, .. } => {
                self.ui.aside(question);
                (format!("call {tool} this time?"), Answer::Once)
            }
        };
        match self.ui.confirm(&words) {
            Ok(true) => yes,
            Ok(false) => Answer::No,
            Err(_) => Answer::CannotAsk,
        }
    }
}

/// Lists what is new, and says what to type, for an error without a question.
pub(crate) fn help(question: &Question, path: &str) -> (Vec<String>, String) {
    match &question.why {
        Why::UnknownPublisher { .. } => (
            Vec::new(),
            format!("look at what it may do with `mpp inspect {path}`; to let it run: `mpp trust add {path}`"),
        ),
        Why::WantsMore { new, .. } => {
            let new: Vec<String> = new.iter().map(|new| format!("new: {new}")).collect();
            (vec![new.join("\n")], format!("to let it have this: `mpp trust approve {path}`; for one run: `--yes`"))
        }
        Why::SensitiveTool { tool, .. } => (
            Vec::new(),
            format!("for this call: `--yes`; to be asked no more: `mpp trust approve {path} --tool {tool}`"),
        ),
    }
}

/// What a policy's refusal is about, as its setting.
pub(crate) fn setting(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::DeniedHost { .. } => Some("deny_hosts"),
        Refusal::Level { .. } => Some("refuse"),
        _ => None,
    }
}
