//! `mpp caps`: what a package declares, can import, and used in its recorded runs.

use std::sync::Arc;

use mpp_host::audit;
use mpp_host::gatekeeper::VerifiedPackage;
use serde_json::{Value, json};

use crate::cli::CapsArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::caps::Caps;
use crate::session::Session;
use crate::ui::Ui;
use crate::usage::{self, Recorded, Row};
use crate::{building, hosting};

/// Compares, and prints, suggests or checks.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &CapsArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.target);
    let package = building::package_at(session, ui, &args.select, &path)?;
    let manifest = package.manifest();
    let imports = package.imports();
    let recorded = recorded(session, &package)?;
    let capabilities = usage::compare(manifest, &imports, &recorded);
    if args.suggest {
        print(ui, usage::suggest(manifest, &capabilities, &recorded))?;
        return Ok(Exit::Done);
    }
    let objections: Vec<String> = capabilities.iter().filter_map(Row::objection).collect();
    let caps = Caps {
        package_id: manifest.package_id.clone(),
        version: manifest.version.clone(),
        imports,
        recorded,
        capabilities,
    };
    if args.check && !objections.is_empty() {
        return ui.show_failed(&caps, &Error::CapsDiffer { path: session.shown(&path), differences: objections });
    }
    ui.show(&caps)?;
    Ok(Exit::Done)
}

/// What the audit log says about this package by this key, in whatever version.
fn recorded(session: &Session, package: &VerifiedPackage) -> Result<Recorded, Error> {
    let mut recorded = Recorded::default();
    audit::read(&hosting::audit_dir(session), |listed| {
        let entry = &listed.entry;
        if entry.package_id == package.manifest().package_id && entry.key == *package.publisher_key() {
            recorded.add(entry);
        }
    })
    .map_err(Error::Audit)?;
    Ok(recorded)
}

fn print(ui: &Ui, least: Value) -> Result<(), Error> {
    if ui.wants_json() {
        return ui.print_json(&json!({ "capabilities": least }));
    }
    let table = json!({ "package": { "metadata": { "mpp": { "capabilities": least } } } });
    let text = toml::to_string(&table).map_err(|error| Error::Output { source: std::io::Error::other(error) })?;
    ui.print_text(&text)
}
