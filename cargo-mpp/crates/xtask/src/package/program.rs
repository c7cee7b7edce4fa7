//! Packs the program for people without cargo: as a wheel for PyPI, and for npm.

use std::process::Command;

use crate::{Outcome, Step as _, root};

/// The options that choose this in place of packaging crates, and the command of the script for each.
const KINDS: [(&str, &str); 2] = [("--wheel", "wheel"), ("--npm", "npm")];

/// Runs the script in `cargo-mpp/packaging` with the other arguments. Returns `None` if no option asks for it.
pub(super) fn run(arguments: &[String]) -> Option<Outcome> {
    let (option, kind) = KINDS.into_iter().find(|(option, _)| arguments.iter().any(|argument| argument == option))?;
    let rest = arguments.iter().filter(|argument| *argument != option);
    let script = root().join("cargo-mpp/packaging/pack.py");
    Some(Command::new("python3").arg(script).arg(kind).args(rest).step())
}
