//! The tool chains, one per language: how a project is recognised, and what compiles it.

use std::path::Path;

mod c;
mod cargo;
mod command;
mod finding;
mod go;
mod job;
mod js;
mod programs;
mod python;

pub use self::cargo::{INSTALL as INSTALL_RUST, has_cargo};
pub use self::finding::{Finding, FindingState};
pub(crate) use self::job::{Declared, Job, Question, Toolchain};

/// The tool chain of Rust.
pub(crate) static CARGO: &dyn Toolchain = &cargo::Cargo;
/// The tool chain of projects that bring their own.
pub(crate) static COMMAND: &dyn Toolchain = &command::OwnCommand;
/// The tool chains that recognise a project by its files, in the order in which they are asked.
static BY_FILES: [&dyn Toolchain; 5] = [&go::Go, &js::Js, &python::Python, &c::Cpp, &c::C];

/// Returns the tool chain of a project with a `manifest.json` that does not name one, and the file by which it is recognised.
pub(crate) fn detect(dir: &Path) -> Option<(&'static dyn Toolchain, String)> {
    BY_FILES.iter().find_map(|toolchain| Some((*toolchain, toolchain.detect(dir)?)))
}

/// A language in which tools can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Language {
    /// The name, for example `go`.
    pub name: &'static str,
    /// The name as people write it, for example `Go`.
    pub title: &'static str,
    /// What its projects need, as far as it is found on this machine.
    pub findings: Vec<Finding>,
}

/// Looks for what each language needs, or the one with the given name. `dir` is the directory of a project.
///
/// The result is empty if there is no language of this name.
#[must_use]
pub fn languages(name: Option<&str>, dir: &Path) -> Vec<Language> {
    let all = [CARGO].into_iter().chain(BY_FILES.iter().copied());
    let wanted = all.filter(|toolchain| name.is_none_or(|name| toolchain.name() == name));
    let found = wanted.map(|toolchain| Language {
        name: toolchain.name(),
        title: toolchain.title(),
        findings: toolchain.find(dir),
    });
    found.collect()
}

/// Returns the names of all languages.
#[must_use]
pub fn language_names() -> Vec<&'static str> {
    [CARGO].into_iter().chain(BY_FILES.iter().copied()).map(Toolchain::name).collect()
}
