//! The program: `cargo mpp …` and `mpp …`.
//!
//! [`main`] turns raw arguments into a command and a [`session::Session`], runs it, and prints how it ended. Commands
//! live in one file each and do not know of one another; only `ui` writes to the terminal; only `session` reads the
//! environment; what is parsed, checked, compiled and filtered is the host library's work.
#![forbid(unsafe_code)]

mod approvals;
mod approving;
mod arguments;
mod atomic;
mod bug;
mod building;
mod cli;
pub mod codes;
mod commands;
mod error;
mod exit;
mod hosting;
mod interrupt;
mod keystore;
mod linting;
mod mapping;
mod packages;
mod plain_words;
mod reports;
mod session;
pub mod template;
mod trusting;
mod ui;
mod usage;
mod wording;

use std::process::ExitCode;
use std::sync::Arc;

use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;

/// Under which name the program was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `mpp …`
    Mpp,
    /// `cargo mpp …`
    CargoMpp,
}

impl Program {
    /// What a user types to get here.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mpp => "mpp",
            Self::CargoMpp => "cargo mpp",
        }
    }
}

/// Runs the program with the process's own arguments and environment; the exit codes are those of `exit`.
#[must_use]
pub fn main(program: Program) -> ExitCode {
    bug::guard(program, || run(program)).into()
}

fn run(program: Program) -> Exit {
    let arguments = session::arguments(program);
    let cli = match cli::parse(program, arguments.clone()) {
        Ok(cli) => cli,
        Err(end) => return ui::command_line(program, &arguments, &end),
    };
    let ui = Arc::new(Ui::new(program, &cli.output, session::base()));
    let end = Session::from_process(program).and_then(|session| commands::run(&session, &ui, cli.command));
    let exit = end.unwrap_or_else(|error| ui.fail(&error));
    if interrupt::happened() { Exit::Interrupted } else { exit }
}
