//! The surroundings of the process, read once: arguments, environment, directories, terminals.
//!
//! No other file reads the environment, so the behaviour of a command follows from its arguments and this value.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, stderr, stdin, stdout};
use std::path::{Path, PathBuf};

use mpp_home::{FileError, Home};
use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::error::{Error, Explain};
use crate::program::Program;

/// The surroundings of a command.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    program: Program,
    current_dir: PathBuf,
    home: Home,
    can_ask: bool,
    prints_to_terminal: bool,
}

/// The error returned when there is no home directory for the program's files.
#[derive(Debug, thiserror::Error)]
#[error("there is no home directory, and `MPP_HOME` is not set")]
pub(crate) struct NoHome;

impl Coded for NoHome {
    fn code(&self) -> &'static Code {
        &codes::C012
    }
}

impl Explain for NoHome {
    fn advice(&self) -> String {
        "set `MPP_HOME` to a directory that only you can write to".to_owned()
    }
}

impl Session {
    /// Reads the surroundings of this process.
    ///
    /// # Errors
    /// Returns an error if neither `MPP_HOME` nor a home directory is known, or if the current directory does not exist.
    pub(crate) fn from_process(program: Program) -> Result<Self, Error> {
        let current_dir = std::env::current_dir()
            .map_err(|source| FileError::read("the current directory", Path::new("."), source))?;
        let home = match std::env::var_os("MPP_HOME").filter(|value| !value.is_empty()) {
            Some(home) => current_dir.join(home),
            None => std::env::home_dir().filter(|home| home.is_absolute()).ok_or(NoHome)?.join(".mpp"),
        };
        let can_ask = stdin().is_terminal() && stderr().is_terminal();
        let prints_to_terminal = stdout().is_terminal();
        Ok(Self { program, current_dir, home: Home::at(home), can_ask, prints_to_terminal })
    }

    /// Returns the name by which the program was started.
    pub(crate) fn program(&self) -> Program {
        self.program
    }

    /// Returns the MPP home directory: `MPP_HOME`, or else `~/.mpp`.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Returns the user's home directory; `None` if there is none.
    pub(crate) fn user_home(&self) -> Option<PathBuf> {
        std::env::home_dir().filter(|home| home.is_absolute())
    }

    /// Returns whether the user can be asked: stdin and stderr are terminals.
    pub(crate) fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Returns whether stdout is a terminal.
    pub(crate) fn prints_to_terminal(&self) -> bool {
        self.prints_to_terminal
    }

    /// Makes a path from the command line absolute.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.current_dir.join(path)
    }

    /// Formats a path as a user would type it: relative if it is below the current directory.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.current_dir).unwrap_or(path);
        if short.as_os_str().is_empty() { ".".to_owned() } else { short.display().to_string() }
    }

    /// Returns the path of this program, for child processes.
    pub(crate) fn own_program(&self) -> Option<PathBuf> {
        // The link stays valid if the file is replaced while the program runs, for example by a build.
        let link = Path::new("/proc/self/exe");
        if cfg!(target_os = "linux") && link.exists() { Some(link.to_owned()) } else { std::env::current_exe().ok() }
    }

    /// Returns the path of this program, for other programs to start it later.
    pub(crate) fn installed_program(&self) -> Option<PathBuf> {
        std::env::current_exe().ok()
    }

    /// Returns the value of an environment variable.
    pub(crate) fn variable(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        std::env::var_os(name)
    }

    /// Returns the environment variables that are text.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        std::env::vars_os().filter_map(text).collect()
    }
}

/// Returns the current directory, to which shown paths are relative.
pub(crate) fn base() -> Option<String> {
    std::env::current_dir().ok()?.into_os_string().into_string().ok()
}

/// Returns the arguments of the process, including the program, without the word `mpp` that cargo passes to a subcommand.
pub(crate) fn arguments(program: Program) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if program == Program::CargoMpp && arguments.get(1).is_some_and(|word| word == "mpp") {
        arguments.remove(1);
    }
    arguments
}
