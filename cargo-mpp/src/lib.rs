//! The program: `cargo mpp …` and `mpp …`.
//!
//! [`main`] parses the arguments into a command and a session, runs the command, and prints its error. Each command
//! has one file and does not know the others; only `ui` writes to the terminal; only `session` reads the environment; packages
//! are parsed, verified, compiled and filtered by the libraries.
#![forbid(unsafe_code)]

mod admitting;
mod agent;
mod approving;
mod arguments;
mod bug;
mod building;
mod captures;
mod cli;
pub mod codes;
mod commands;
mod diagnostic;
mod error;
mod exit;
mod fetching;
mod hosting;
mod installed;
mod installing;
mod interrupt;
mod launching;
mod linting;
mod mappings;
#[cfg(feature = "oci")]
mod oci;
mod own_keys;
mod packages;
mod passing_on;
mod passphrase;
mod program;
mod publishing;
mod recording;
mod registries;
mod reports;
mod serving;
mod session;
pub mod template;
mod ui;
mod usage;
mod waiting;
mod wording;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

pub use crate::program::Program;

use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;

/// Runs the program with the arguments and the environment of this process.
#[must_use]
pub fn main(program: Program) -> ExitCode {
    let arguments = session::arguments(program);
    let options = cli::OutputOptions::guessed_from(&arguments);
    bug::guard(program, &options, || run(program, arguments)).into()
}

fn run(program: Program, arguments: Vec<OsString>) -> Exit {
    if arguments.get(1).is_some_and(|word| word == cli::COMPILE_CHILD) {
        let ui = Ui::new(program, &cli::OutputOptions::quiet(), None);
        return commands::compile_child::run(&ui).unwrap_or_else(|error| ui.fail(&error));
    }
    let cli = match cli::parse(program, arguments.clone()) {
        Ok(cli) => cli,
        Err(end) => return ui::command_line(program, &arguments, &end),
    };
    let ui = Arc::new(Ui::new(program, &cli.output, session::base()));
    let end = Session::from_process(program).and_then(|session| commands::run(&session, &ui, cli.command));
    let exit = end.unwrap_or_else(|error| ui.fail(&error));
    if interrupt::happened() { Exit::Interrupted } else { exit }
}
