//! `mpp lint`: what a package could do better, from its manifest and its module alone.

use std::sync::Arc;

use crate::building;
use crate::cli::LintArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::linting;
use crate::reports::lint::Lints;
use crate::session::Session;
use crate::ui::Ui;

/// Looks, prints, and fails where `--deny` says so.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &LintArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.target);
    let package = building::package_at(session, ui, &args.select, &path)?;
    let manifest = package.manifest();
    let lints = Lints {
        package_id: manifest.package_id.clone(),
        version: manifest.version.clone(),
        findings: linting::findings(manifest, &package.imports()),
    };
    if args.deny && !lints.findings.is_empty() {
        return ui.show_failed(&lints, &Error::Lint { path: session.shown(&path), found: lints.findings.len() });
    }
    ui.show(&lints)?;
    Ok(Exit::Done)
}
