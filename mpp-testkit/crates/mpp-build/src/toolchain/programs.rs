//! Looks for programs, asks them for their versions, and runs them as steps of a build.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::env;
use crate::error::BuildError;
use crate::event::Event;
use crate::options::BuildOptions;
use crate::process::{Ended, run};

/// Returns the first program on the `PATH` with one of the names, in the order of the names.
pub(super) fn on_path<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = |name: &str| dirs.iter().map(|dir| dir.join(name)).find(|file| is_program(file));
    names.into_iter().find_map(found)
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        file.is_file()
    }
}

/// Returns what a program prints, if it succeeds.
pub(super) fn output_of(mut command: Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A compiler that ran to its end.
pub(super) enum Ran {
    /// It succeeded.
    Done,
    /// It failed with this status. Its messages were reported as events.
    Failed(String),
}

/// Runs a compiler in the directory of a project. Its output is reported as events.
pub(super) fn step(
    mut command: Command,
    dir: &Path,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Ran, BuildError> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.current_dir(dir);
    env::clean(&mut command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    let ended = run(command, &options.cancel, |_, line| events(Event::CompilerLine(line)));
    match ended.map_err(|source| BuildError::ProgramMissing { program, source })? {
        Ended::Cancelled => Err(BuildError::Interrupted),
        Ended::Exit(status) if status.success() => Ok(Ran::Done),
        Ended::Exit(status) => Ok(Ran::Failed(status.to_string())),
    }
}

/// Returns the first two numbers of a version such as `go1.27.3` or `19.1.7-3`.
pub(super) fn numbers(version: &str) -> Option<(u32, u32)> {
    let start = version.find(|c: char| c.is_ascii_digit())?;
    let mut parts = version[start..].split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((parts.next()?.ok()?, parts.next().and_then(Result::ok).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{numbers, on_path};

    #[test]
    fn reads_versions() {
        assert_eq!(numbers("go1.27.3"), Some((1, 27)));
        assert_eq!(numbers("Debian clang version 14.0.6"), Some((14, 0)));
        assert_eq!(numbers("go1.22rc1"), Some((1, 22)));
        assert_eq!((numbers("devel"), numbers("7")), (None, Some((7, 0))));
    }

    #[test]
    fn finds_programs_in_the_order_of_the_names() {
        let found = on_path(["no-such-program", "sh", "ls"]).expect("a shell");
        assert!(found.ends_with("sh"), "{}", found.display());
        assert_eq!(on_path(["no-such-program"]), None);
    }
}
