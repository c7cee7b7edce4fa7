//! Questions to the user about packages and calls, and the error if the answer is not yes.

use std::path::PathBuf;

use mpp_home::{LaunchError, Mapped};
use mpp_host::codes::{Code, Coded, Remedy};
use mpp_host::policy::{Answer, Approver, NotApproved, Question, Why, plain_words};

use crate::codes;
use crate::error::{Error, Explain};
use crate::packages::PackageError;
use crate::reports::call::Introduction;
use crate::reports::trust::AskedCall;
use crate::session::Session;
use crate::ui::Ui;
use crate::wording;

/// The package that was not approved.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// What the error is about: the path of the package, or its id, version and registry.
    pub(crate) place: String,
    /// The package, as a user would type it.
    pub(crate) name: String,
    /// Whether the package was to be installed, and not to run.
    pub(crate) installs: bool,
}

impl Subject {
    /// Returns a package file.
    pub(crate) fn file(path: &str) -> Self {
        Self { place: path.to_owned(), name: path.to_owned(), installs: false }
    }

    /// Formats a remedy for this package.
    pub(crate) fn remedy(&self, remedy: &Remedy) -> String {
        match (self.installs, remedy) {
            (true, Remedy::TrustPublisher { .. }) => format!(
                "run `mpp inspect {name}` to see what it can do, and `mpp trust add {name}` to trust its publisher and approve it; \
                 then install it again",
                name = self.name
            ),
            (true, Remedy::Approve { tool: None, .. }) => format!(
                "run `mpp trust approve {name}` to approve it, and install it again; or pass `--yes`, which approves it, too",
                name = self.name
            ),
            _ => wording::remedy(remedy, &self.name),
        }
    }
}

/// The error returned when a call was not approved.
#[derive(Debug, thiserror::Error)]
#[error("{answer}")]
pub(crate) struct CallRefused {
    /// The package.
    pub(crate) subject: Subject,
    /// The reason.
    pub(crate) answer: NotApproved,
}

impl Coded for CallRefused {
    fn code(&self) -> &'static Code {
        if self.answer.is_no_to_trust() { &codes::C021 } else { self.answer.code() }
    }

    fn remedy(&self) -> Option<Remedy> {
        self.answer.remedy()
    }
}

impl Explain for CallRefused {
    fn place(&self) -> Option<String> {
        Some(self.subject.place.clone())
    }

    fn notes(&self) -> Vec<String> {
        match &self.answer {
            NotApproved::Required(question) => match &question.why {
                Why::WantsMore { new, .. } => {
                    let new: Vec<String> = new.iter().map(|new| format!("new: {new}")).collect();
                    vec![new.join("\n")]
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn advice(&self) -> String {
        match (&self.answer, self.remedy()) {
            (_, Some(remedy)) => self.subject.remedy(&remedy),
            (NotApproved::Declined(_), None) => if self.subject.installs {
                "nothing was installed, and no decision was saved"
            } else {
                "nothing was run, and no decision was saved"
            }
            .to_owned(),
            (_, None) => crate::codes::help(self.answer.code()),
        }
    }
}

/// Returns the error of a package that was not launched. `path` is its path, as a user would type it.
pub(crate) fn not_launched(path: &str, error: LaunchError) -> Error {
    match error {
        LaunchError::NotApproved(answer) => CallRefused { subject: Subject::file(path), answer }.into(),
        LaunchError::Untrusted(source) => PackageError::Untrusted { path: path.to_owned(), source }.into(),
        error => error.into(),
    }
}

/// Describes a package before it runs: who published it, and what it may do.
pub(crate) fn introduce(session: &Session, mapped: &Mapped) -> Introduction {
    let manifest = mapped.manifest();
    let leads_to = |guest: &str| mapped.mappings().host_path(guest).map(|host| PathBuf::from(session.shown(&host)));
    Introduction {
        package: format!("{} {}", manifest.name, manifest.version),
        package_id: manifest.package_id.clone(),
        publisher: manifest.publisher.name.clone(),
        key_id: mapped.package().key_id().clone(),
        trust: mapped.trust(),
        abilities: plain_words::abilities(manifest, leads_to),
        privacy: plain_words::privacy(manifest),
    }
}

/// Asks the user on the terminal, if there is one.
pub(crate) struct Terminal<'a> {
    pub(crate) session: &'a Session,
    pub(crate) ui: &'a Ui,
    /// `--yes`: approve for this run. It does not trust new publishers, and allows no paths of this machine.
    pub(crate) yes: bool,
    /// Shows the package of a new publisher.
    pub(crate) introduce: &'a dyn Fn(),
    /// The permissions of the package, with the paths on this machine that declared paths are mapped to.
    pub(crate) abilities: &'a [String],
}

impl Approver for Terminal<'_> {
    fn ask(&self, question: &Question) -> Answer {
        if self.yes && !question.needs_a_person() {
            return Answer::Once;
        }
        if !self.session.can_ask() || self.ui.wants_json() {
            return Answer::CannotAsk;
        }
        let (words, yes) = match &question.why {
            Why::UnknownPublisher { .. } => {
                (self.introduce)();
                (format!("Trust this publisher for {}, now and in the future?", question.package_id), Answer::Remember)
            }
            Why::WantsMore { .. } => {
                self.ui.aside(question);
                ("Approve this, now and in the future?".to_owned(), Answer::Remember)
            }
            Why::MachinePaths { paths } => {
                self.ui.aside(question);
                let words = if paths.len() == 1 { "Let it use this path?" } else { "Let it use these paths?" };
                return self.ui.choose(words).unwrap_or(Answer::CannotAsk);
            }
            Why::SensitiveTool { tool, .. } => {
                self.ui.aside(&AskedCall { question, abilities: self.abilities });
                (format!("Call {tool} with these arguments, this time?"), Answer::Once)
            }
        };
        match self.ui.confirm(&words) {
            Ok(true) => yes,
            Ok(false) => Answer::No,
            Err(_) => Answer::CannotAsk,
        }
    }
}
