//! `mpp schema`: prints the JSON Schema of a file format.

use mpp_host::package::Manifest;

use crate::cli::{SchemaArgs, SchemaKind};
use crate::error::Error;
use crate::exit::Exit;
use crate::ui::Ui;

/// Prints the schema; it is JSON in both formats.
pub(crate) fn run(ui: &Ui, args: &SchemaArgs) -> Result<Exit, Error> {
    let SchemaKind::Manifest = args.kind;
    ui.print_json(&Manifest::json_schema())?;
    Ok(Exit::Done)
}
