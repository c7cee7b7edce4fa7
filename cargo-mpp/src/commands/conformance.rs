//! `mpp conformance`: checks what a program answers on the wire.

use std::sync::Arc;

use mpp_cases::conformance::{Conformity, Requirement, Target};
use mpp_cases::{SubjectError, codes as case_codes};
use mpp_host::codes::{Code, Coded};
use mpp_recording::junit::{Suite, junit};

use crate::cli::ConformanceArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::packages::PackageError;
use crate::reports::testing::{ConformanceCounts, ConformanceReport};
use crate::session::Session;
use crate::ui::Ui;
use crate::{building, hosting, installed, interrupt, packages};

/// The error returned when a package does not meet requirements.
#[derive(Debug, thiserror::Error)]
#[error("the package does not conform to the wire protocol: {what}")]
pub(crate) struct NotConforming {
    /// The package or project.
    path: String,
    /// What is wrong.
    what: String,
}

impl Coded for NotConforming {
    fn code(&self) -> &'static Code {
        &case_codes::R720
    }
}

impl Explain for NotConforming {
    fn place(&self) -> Option<String> {
        Some(self.path.clone())
    }

    fn advice(&self) -> String {
        "the output says what is required and what was answered; `-v` shows the text of every requirement".to_owned()
    }
}

impl Explain for SubjectError {}

/// Checks the requirements, and prints the results.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &ConformanceArgs) -> Result<Exit, Error> {
    interrupt::watch();
    let path = session.resolve(&args.target);
    let host = hosting::host(session, ui)?;
    let (package, shown) = if path.is_dir() {
        let target = building::for_own_use(session, ui, &args.select, &host, &path)?;
        (target.package, session.shown(&path))
    } else {
        let path = packages::locate(session, ui, &args.target, false)?;
        let package = installed::adopt_to_run(session, ui, &path, packages::open(&path)?)?;
        (package, session.shown(&path))
    };
    let trust = session.home().trust_store()?;
    ui.progress("Loading", &package.manifest().name, false);
    let target = Target::load(&host, package, &trust).map_err(|error| match error {
        SubjectError::NotTrusted(source) => Error::from(PackageError::Untrusted { path: shown.clone(), source }),
        error => error.into(),
    })?;
    ui.progress("Checking", &target.manifest().name, false);
    let total = mpp_cases::conformance::requirements().count() as u64;
    let mut done = 0;
    let requirements = target.check(&mut |requirement: &Requirement| {
        done += 1;
        ui.progress_count(done, total, requirement.name);
    });
    ui.progress_done();
    let counts = ConformanceCounts::of(&requirements);
    let what = what_is_wrong(&requirements, args.complete);
    let manifest = target.manifest();
    let report = ConformanceReport {
        package_id: manifest.package_id.clone(),
        version: manifest.version.clone(),
        requirements,
        counts,
    };
    let failure = what.map(|what| NotConforming { path: shown, what });
    if ui.wants_junit() {
        ui.print_raw(suite(&report, args.complete).as_bytes())?;
        return failure.map_or(Ok(Exit::Done), |failure| Err(failure.into()));
    }
    match failure {
        Some(failure) => Ok(ui.show_failed(&report, &Error::from(failure))?),
        None => {
            ui.show(&report)?;
            Ok(Exit::Done)
        }
    }
}

/// Names the requirements that are not met; `None` if there are none. With `complete`, those that lack a tool are among them.
fn what_is_wrong(requirements: &[Requirement], complete: bool) -> Option<String> {
    let names =
        |list: Vec<&Requirement>| list.iter().map(|one| format!("`{}`", one.name)).collect::<Vec<_>>().join(", ");
    let not_met: Vec<_> = requirements.iter().filter(|one| one.conformity == Conformity::NotMet).collect();
    let lacking: Vec<_> = requirements.iter().filter(|one| complete && one.missing_tool.is_some()).collect();
    let mut parts = Vec::new();
    if !not_met.is_empty() {
        parts.push(format!("it does not meet {}", names(not_met)));
    }
    if !lacking.is_empty() {
        parts.push(format!("it lacks the tools to check {}", names(lacking)));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn suite(report: &ConformanceReport, complete: bool) -> String {
    let mut suite = Suite::new(format!("{} {}", report.package_id, report.version));
    for one in &report.requirements {
        let found = one.found.clone().unwrap_or_default();
        match one.conformity {
            Conformity::Met => suite.passed(one.name, one.duration),
            Conformity::NotChecked if !(complete && one.missing_tool.is_some()) => suite.skipped(one.name, found),
            _ => suite.failed(one.name, one.duration, vec![found, format!("required: {}", one.requires)]),
        }
    }
    junit(&[suite])
}
