//! `mpp completions SHELL`: prints a completion script.

use crate::cli::{self, CompletionsArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;

/// Prints the script.
pub(crate) fn run(session: &Session, ui: &Ui, args: &CompletionsArgs) -> Result<Exit, Error> {
    // Shells complete by file name, so `cargo mpp` is completed as the `cargo-mpp` that cargo starts.
    let name = session.program().name().replace(' ', "-");
    let mut command = cli::command(session.program()).name(name.clone()).bin_name(name.clone());
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    ui.print_raw(&script)?;
    Ok(Exit::Done)
}
