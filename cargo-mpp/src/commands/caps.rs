//! `mpp caps`: compares the capabilities that a package declares, can import, and used in its recorded runs.

use std::sync::Arc;

use mpp_host::audit;
use mpp_host::codes::{Code, Coded};
use mpp_host::gatekeeper::VerifiedPackage;
use serde_json::{Value, json};

use crate::building;
use crate::cli::CapsArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::caps::{Caps, Judged, Suggestion};
use crate::session::Session;
use crate::ui::{Ui, UiError};
use crate::usage::{self, Recorded, Row};
use crate::wording;

/// The error returned when the declared capabilities differ from those that are used.
#[derive(Debug, thiserror::Error)]
#[error("the declared capabilities differ from those that are used")]
pub(crate) struct CapsDiffer {
    /// The package or project.
    path: String,
    /// The differences, one sentence each.
    differences: Vec<String>,
}

impl Coded for CapsDiffer {
    fn code(&self) -> &'static Code {
        &codes::C033
    }
}

impl Explain for CapsDiffer {
    fn place(&self) -> Option<String> {
        Some(self.path.clone())
    }

    fn notes(&self) -> Vec<String> {
        self.differences.clone()
    }

    fn advice(&self) -> String {
        format!("run `mpp caps {} --suggest` to print a sufficient declaration", wording::word(&self.path))
    }
}

/// Compares, and prints, suggests or checks.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &CapsArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.target);
    let package = building::package_at(session, ui, &args.select, &args.target)?;
    let manifest = package.manifest();
    let imports = package.imports();
    let recorded = recorded(session, &package)?;
    let rows = usage::compare(manifest, &imports, &recorded);
    if args.suggest {
        print(ui, usage::suggest(manifest, &rows, &recorded))?;
        return Ok(Exit::Done);
    }
    let differences: Vec<String> = rows.iter().filter_map(Row::objection).collect();
    let caps = Caps {
        package_id: manifest.package_id.clone(),
        version: manifest.version.clone(),
        imports,
        recorded,
        capabilities: manifest.capabilities.clone(),
        verdicts: rows.iter().map(Judged::of).collect(),
        rows,
    };
    if args.check && !differences.is_empty() {
        return Ok(ui.show_failed(&caps, &Error::from(CapsDiffer { path: session.shown(&path), differences }))?);
    }
    ui.show(&caps)?;
    Ok(Exit::Done)
}

/// Returns the capabilities used by recorded runs of this package, in every version that is signed by this key.
fn recorded(session: &Session, package: &VerifiedPackage) -> Result<Recorded, Error> {
    let keys = session.home().with_earlier_keys(package.publisher_key())?;
    let mut recorded = Recorded::default();
    audit::read(&session.home().audit_dir(), |listed| {
        // What an interrupted call used is not known.
        let Some(entry) = listed.record.ended() else { return };
        if entry.package_id == package.manifest().package_id && entry.key.as_ref().is_some_and(|key| keys.contains(key))
        {
            recorded.add(entry);
        }
    })?;
    Ok(recorded)
}

fn print(ui: &Ui, least: Value) -> Result<(), UiError> {
    if ui.wants_json() {
        return ui.print_document(&Suggestion { capabilities: least });
    }
    let table = json!({ "package": { "metadata": { "mpp": { "capabilities": least } } } });
    let text = toml::to_string(&table).map_err(|error| UiError::output(std::io::Error::other(error)))?;
    ui.print_text(&text)
}
