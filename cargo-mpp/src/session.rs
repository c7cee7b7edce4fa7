//! The process's surroundings, read once: arguments, environment, directories, terminals.
//!
//! No other file reads the environment, so what a command does follows from its arguments and this value.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, stderr, stdin, stdout};
use std::path::{Path, PathBuf};

use crate::Program;
use crate::error::Error;

/// Where a command runs.
#[derive(Debug)]
pub(crate) struct Session {
    program: Program,
    current_dir: PathBuf,
    home: PathBuf,
    can_ask: bool,
    prints_to_terminal: bool,
}

impl Session {
    /// The surroundings of this process.
    ///
    /// # Errors
    /// Where neither `MPP_HOME` nor a home directory is known, or the current directory is gone.
    pub(crate) fn from_process(program: Program) -> Result<Self, Error> {
        let current_dir =
            std::env::current_dir().map_err(|source| Error::read("the current directory", Path::new("."), source))?;
        let home = match std::env::var_os("MPP_HOME").filter(|value| !value.is_empty()) {
            Some(home) => current_dir.join(home),
            None => std::env::home_dir().filter(|home| home.is_absolute()).ok_or(Error::NoHome)?.join(".mpp"),
        };
        let can_ask = stdin().is_terminal() && stderr().is_terminal();
        let prints_to_terminal = stdout().is_terminal();
        Ok(Self { program, current_dir, home, can_ask, prints_to_terminal })
    }

    /// Under which name the program was started.
    pub(crate) fn program(&self) -> Program {
        self.program
    }

    /// `MPP_HOME`, else `~/.mpp`.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Where packages keep their state.
    pub(crate) fn state_dir(&self) -> PathBuf {
        self.home.join("kv")
    }

    /// Whether a person can be asked: stdin and stderr are terminals.
    pub(crate) fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Whether results go to a terminal.
    pub(crate) fn prints_to_terminal(&self) -> bool {
        self.prints_to_terminal
    }

    /// A path from the command line, made absolute.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.current_dir.join(path)
    }

    /// A path as a user here would type it: relative where it lies below the current directory.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.current_dir).unwrap_or(path);
        if short.as_os_str().is_empty() { ".".to_owned() } else { short.display().to_string() }
    }

    /// The user's home directory, where there is one.
    pub(crate) fn user_home(&self) -> Option<PathBuf> {
        std::env::home_dir()
    }

    /// This program's own file, for what runs in a child process.
    pub(crate) fn own_program(&self) -> Option<PathBuf> {
        // The link stays good when the file is replaced while it runs, by a build for instance.
        let link = Path::new("/proc/self/exe");
        if cfg!(target_os = "linux") && link.exists() { Some(link.to_owned()) } else { std::env::current_exe().ok() }
    }

    /// A variable of this process's environment.
    pub(crate) fn variable(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        std::env::var_os(name)
    }
}

/// The current directory, as paths are shown relative to it.
pub(crate) fn base() -> Option<String> {
    std::env::current_dir().ok()?.into_os_string().into_string().ok()
}

/// The process's arguments: the program's name first, without the word `mpp` that cargo passes to a subcommand.
pub(crate) fn arguments(program: Program) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if program == Program::CargoMpp && arguments.get(1).is_some_and(|word| word == "mpp") {
        arguments.remove(1);
    }
    arguments
}
