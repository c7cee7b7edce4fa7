//! `mpp lint`: checks the manifest and the module of a package for possible improvements.

use std::sync::Arc;

use mpp_host::codes::{Code, Coded};

use crate::building;
use crate::cli::LintArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::linting;
use crate::reports::lint::Lints;
use crate::session::Session;
use crate::ui::Ui;

/// The error returned when there are findings and `--deny` was given.
#[derive(Debug, thiserror::Error)]
#[error("{found} finding{}", if *found == 1 { "" } else { "s" })]
pub(crate) struct LintFindings {
    /// The package or project.
    path: String,
    /// Number of findings.
    found: usize,
}

impl Coded for LintFindings {
    fn code(&self) -> &'static Code {
        &codes::C034
    }
}

impl Explain for LintFindings {
    fn place(&self) -> Option<String> {
        Some(self.path.clone())
    }

    fn advice(&self) -> String {
        "each finding says how to fix it; without `--deny`, findings do not fail the command".to_owned()
    }
}

/// Prints the findings, and fails if there are any and `--deny` was given.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &LintArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.target);
    let package = building::package_at(session, ui, &args.select, &args.target)?;
    let manifest = package.manifest();
    let mut findings = linting::findings(manifest, &package.imports());
    findings.retain(|finding| !args.allow.contains(&finding.rule));
    let lints = Lints { package_id: manifest.package_id.clone(), version: manifest.version.clone(), findings };
    if args.deny && !lints.findings.is_empty() {
        let error = Error::from(LintFindings { path: session.shown(&path), found: lints.findings.len() });
        return Ok(ui.show_failed(&lints, &error)?);
    }
    ui.show(&lints)?;
    Ok(Exit::Done)
}
