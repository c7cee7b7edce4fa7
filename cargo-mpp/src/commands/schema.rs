//! `mpp schema`: prints the JSON Schema of a file format, or of the documents of `--format json`.

use mpp_host::codes::{Code, Coded};
use mpp_host::package::Manifest;
use mpp_sdk::wire::nearest;

use crate::cli::{SchemaArgs, SchemaCommand};
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::schema;
use crate::ui::Ui;

/// The error returned when no command of this name prints documents.
#[derive(Debug, thiserror::Error)]
#[error("no command `{command}` prints JSON documents{}", nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub(crate) struct NoDocuments {
    command: String,
    nearest: Option<&'static str>,
}

impl Coded for NoDocuments {
    fn code(&self) -> &'static Code {
        &codes::C001
    }
}

impl Explain for NoDocuments {
    fn advice(&self) -> String {
        let commands: Vec<&str> = schema::commands().collect();
        format!("the commands are {}; without one, `mpp schema output` describes them all", commands.join(", "))
    }
}

/// Prints the schema; it is JSON in both formats.
pub(crate) fn run(ui: &Ui, args: &SchemaArgs) -> Result<Exit, Error> {
    let schema = match &args.command {
        SchemaCommand::Manifest => Manifest::json_schema(),
        SchemaCommand::Test => mpp_cases::format::json_schema(),
        SchemaCommand::Output(args) => {
            let command = args.command.join(" ");
            let nearest = nearest(&command, schema::commands());
            schema::output(&command).ok_or(NoDocuments { command, nearest })?
        }
    };
    ui.print_json(&schema)?;
    Ok(Exit::Done)
}
