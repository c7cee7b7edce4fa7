//! Checks whether the Rust target is installed, and adds it through `rustup`.

use std::path::Path;
use std::process::Command;

use mpp_host::CancelHandle;

use super::{TARGET, env};
use crate::error::BuildError;
use crate::event::Event;
use crate::process::{Ended, run};

/// Returns whether the toolchain used in `dir` has the standard library of the target. Returns `true` if this cannot be
/// determined; the build then reports the problem.
pub(crate) fn is_installed(dir: &Path) -> bool {
    let mut command = Command::new("rustc");
    env::clean(&mut command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    command.current_dir(dir).args(["--print", "target-libdir", "--target", TARGET]);
    match command.output() {
        Ok(output) if output.status.success() => Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir(),
        _ => true,
    }
}

/// Returns whether rustc reported that the target is missing.
pub(super) fn is_named_missing(output: &str) -> bool {
    output.contains(&format!("the `{TARGET}` target may not be installed"))
}

/// Runs `rustup target add` for the toolchain used in `dir`.
pub(super) fn add(dir: &Path, cancel: &CancelHandle, events: &mut dyn FnMut(Event)) -> Result<(), BuildError> {
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
        Ok(Ended::Exit(_)) if output.is_empty() => Err(missing("rustup failed without a message".to_owned())),
        Ok(Ended::Exit(_)) => Err(missing(output)),
        Ok(Ended::Cancelled) => Err(BuildError::Interrupted),
        // rustup is not installed, so the way to add the target is unknown.
        Err(_) => Err(missing(String::new())),
    }
}
