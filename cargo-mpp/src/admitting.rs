//! Decides whether a package from a registry may be installed: whom the user trusts, and what they approved.

use std::time::SystemTime;

use mpp_home::Publishers;
use mpp_host::clock::rfc3339;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::policy::{Answer, Approval, Approver as _, Decision, NotApproved, Situation, plain_words};
use mpp_host::trust::{Trust, TrustStore};

use crate::approving::{CallRefused, Subject, Terminal};
use crate::error::Error;
use crate::reports::call::Introduction;
use crate::session::Session;
use crate::ui::Ui;

/// Decides as for a package file that is to run. What the user accepts is saved.
///
/// `subject` says how errors name the package, and commands that accept it in advance.
///
/// # Errors
/// Returns an error if the answer is no, if nobody could be asked, or if the policy refuses.
pub(crate) fn admit(
    session: &Session,
    ui: &Ui,
    package: &VerifiedPackage,
    subject: &Subject,
    yes: bool,
) -> Result<(), Error> {
    let home = session.home();
    let (policy, mut store) = (home.policy()?, home.trust_store()?);
    let (manifest, key) = (package.manifest(), package.publisher_key());
    let approvals = home.approvals();
    let known = approvals.load(&manifest.package_id, key)?;
    let introduction = introduction(package, store.decide(package));
    let terminal =
        Terminal { session, ui, yes, introduce: &|| ui.aside(&introduction), abilities: &introduction.abilities };
    let refused = |answer| Error::from(CallRefused { subject: subject.clone(), answer });
    let now = SystemTime::now();
    let decision = policy.decide(&Situation::new(package, store.decide(package), None), known.as_ref());
    let question = match decision {
        Decision::Allow => return admitted(&store, package, subject),
        Decision::Refuse(refusal) => return Err(refused(NotApproved::Refused(refusal))),
        Decision::Ask(question) => question,
    };
    match terminal.ask(&question) {
        Answer::Remember | Answer::Once => {}
        Answer::No => return Err(refused(NotApproved::Declined(Box::new(question)))),
        Answer::CannotAsk => return Err(refused(NotApproved::Required(Box::new(question)))),
    }
    if question.is_about_trust() {
        store.add(home.publishers().add(Publishers::of_package(package, now))?);
    }
    let situation = Situation::new(package, store.decide(package), None);
    approvals.save(&Approval::of(&situation, known.as_ref(), &rfc3339(now)))?;
    admitted(&store, package, subject)
}

fn admitted(store: &TrustStore, package: &VerifiedPackage, subject: &Subject) -> Result<(), Error> {
    store
        .admit(package)
        .map_err(|source| crate::packages::PackageError::Untrusted { path: subject.place.clone(), source })?;
    Ok(())
}

fn introduction(package: &VerifiedPackage, trust: Trust) -> Introduction {
    let manifest = package.manifest();
    Introduction {
        package: format!("{} {}", manifest.name, manifest.version),
        package_id: manifest.package_id.clone(),
        publisher: manifest.publisher.name.clone(),
        key_id: package.key_id().clone(),
        trust,
        abilities: plain_words::abilities(manifest, |_| None),
        privacy: plain_words::privacy(manifest),
    }
}
