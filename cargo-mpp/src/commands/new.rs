//! `mpp new`: creates a project for a new tool.

use crate::cli::NewArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::project::NewResult;
use crate::session::Session;
use crate::template::{self, NewProject};
use crate::ui::Ui;

/// Creates the project.
pub(crate) fn run(session: &Session, ui: &Ui, args: &NewArgs) -> Result<Exit, Error> {
    let request =
        NewProject { path: session.resolve(&args.path), name: args.name.clone(), template: args.template.clone() };
    let created = template::new_project(&request)?;
    let dir = session.shown(&created.dir);
    ui.show(&NewResult {
        name: created.name,
        path: dir.clone(),
        files: created.files.iter().map(|file| file.display().to_string()).collect(),
        kept: created.kept.iter().map(|file| file.display().to_string()).collect(),
    })?;
    let enter = if dir == "." { String::new() } else { format!("`cd {dir}`, then ") };
    ui.note(&format!(
        "next: {enter}`mpp run . {}` or `mpp build`;\n\
         the first `cargo test` compiles the sandbox once, which takes several minutes",
        created.first_call
    ));
    Ok(Exit::Done)
}
