//! Finds componentize-py, in the project's environment or on the `PATH`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::program_of;
use crate::toolchain::programs;

/// The first version that takes the options which a build uses.
pub(super) const FIRST: (u32, u32) = (0, 17);
/// How it is installed.
pub(super) const INSTALL: &str =
    "`pip install componentize-py` in the project's environment (`.venv`), or anywhere on the `PATH`";

/// An installed componentize-py.
pub(super) struct Componentizer {
    pub(super) program: PathBuf,
    /// For example `0.25.1`.
    pub(super) version: String,
    /// The environment that it is installed in, if it is one.
    pub(super) environment: Option<PathBuf>,
}

/// Why there is none that can be used.
pub(super) enum Unusable {
    Missing,
    TooOld(Componentizer),
}

impl Componentizer {
    /// Looks for a version that can be used for the project in `dir`.
    pub(super) fn look(dir: &Path) -> Result<Self, Unusable> {
        let program = program_of(dir, "componentize-py").ok_or(Unusable::Missing)?;
        let mut command = Command::new(&program);
        command.arg("-V");
        let said = programs::output_of(command).ok_or(Unusable::Missing)?;
        let version = said.split_whitespace().last().unwrap_or_default().to_owned();
        let own = program.parent().and_then(Path::parent).filter(|dir| dir.join("pyvenv.cfg").is_file());
        let environment = own.map(Path::to_owned);
        let found = Self { program, version, environment };
        match programs::numbers(&found.version) {
            Some(numbers) if numbers >= FIRST => Ok(found),
            Some(_) => Err(Unusable::TooOld(found)),
            None => Err(Unusable::Missing),
        }
    }

    /// Returns the directories with the packages of its environment.
    pub(super) fn site_packages(&self) -> Vec<PathBuf> {
        let Some(environment) = &self.environment else { return Vec::new() };
        if cfg!(windows) {
            return vec![environment.join("Lib/site-packages")];
        }
        let versions = std::fs::read_dir(environment.join("lib")).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> =
            versions.map(|entry| entry.path().join("site-packages")).filter(|path| path.is_dir()).collect();
        found.sort();
        found
    }
}
