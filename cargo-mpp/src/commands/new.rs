//! `mpp new`: a project that builds, tests and runs at once.

use serde::Serialize;

use crate::cli::NewArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::template::{self, NewProject};
use crate::ui::Ui;

/// A new project.
#[derive(Debug, Serialize)]
pub(crate) struct NewResult {
    /// Its name.
    pub(crate) name: String,
    /// Its directory.
    pub(crate) dir: String,
    /// The files that its author will look at.
    pub(crate) files: Vec<String>,
}

/// Makes it.
pub(crate) fn run(session: &Session, ui: &Ui, args: &NewArgs) -> Result<Exit, Error> {
    let request = NewProject { path: session.resolve(&args.path), template: args.template.clone() };
    let created = template::new_project(&request)?;
    let dir = session.shown(&created.dir);
    ui.show(&NewResult {
        name: created.name,
        dir: dir.clone(),
        files: created.files.iter().map(|file| file.display().to_string()).collect(),
    })?;
    ui.note(&format!(
        "next: `cd {dir}`, then `mpp run . {}` or `mpp build`;\n\
         the first `cargo test` compiles the sandbox, which takes some minutes, once",
        created.first_call
    ));
    Ok(Exit::Done)
}
