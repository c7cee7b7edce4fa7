//! The Rust target: whether it is there, and adding it through `rustup`.

use std::path::Path;
use std::process::Command;

use super::{TARGET, env};
use crate::error::BuildError;
use crate::event::Event;
use crate::process::{Cancel, Ended, run};

/// Whether the tool chain that builds in `dir` has the target's standard library. Unknown counts as yes: the build will tell.
pub(super) fn is_installed(dir: &Path) -> bool {
    let mut command = Command::new("rustc");
    env::clean(&mut command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    command.current_dir(dir).args(["--print", "target-libdir", "--target", TARGET]);
    match command.output() {
        Ok(output) if output.status.success() => Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir(),
        _ => true,
    }
}

/// Whether rustc said that the target is missing.
pub(super) fn is_named_missing(output: &str) -> bool {
    output.contains(&format!("the `{TARGET}` target may not be installed"))
}

/// Runs `rustup target add` for the tool chain that builds in `dir`.
pub(super) fn add(dir: &Path, cancel: &Cancel, events: &mut dyn FnMut(Event)) -> Result<(), BuildError> {
    events(Event::AddingTarget { target: TARGET.to_owned() });
    let mut command = Command::new("rustup");
    command.current_dir(dir).args(["target", "add", TARGET]);
    let mut output = String::new();
    let ended = run(command, cancel, |_, line| {
        output.push_str(&line);
        output.push('\n');
        events(Event::RustupLine(line));
    });
    let missing = |output: String| BuildError::TargetMissing { target: TARGET.to_owned(), output };
    match ended {
        Ok(Ended::Exit(status)) if status.success() => Ok(()),
        Ok(Ended::Exit(_)) if output.is_empty() => Err(missing("rustup failed and said nothing".to_owned())),
        Ok(Ended::Exit(_)) => Err(missing(output)),
        Ok(Ended::Cancelled) => Err(BuildError::Interrupted),
        // No rustup: how the target is added is up to whoever installed Rust.
        Err(_) => Err(missing(String::new())),
    }
}
