//! `mpp doctor`: checks the home directory and the compilers of every language.

use std::path::Path;

use mpp_host::codes::{Code, Coded};
use mpp_sdk::wire::nearest;

use crate::cli::DoctorArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::doctor::{Health, LanguageHealth};
use crate::session::Session;
use crate::ui::Ui;

/// The error returned when a language does not exist, or cannot be compiled here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DoctorError {
    /// There is no language of this name.
    #[error("there is no language `{name}`{}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown {
        /// The name that was given.
        name: String,
        /// The most similar one.
        nearest: Option<&'static str>,
    },
    /// Something is missing or too old.
    #[error("tools in {title} cannot be compiled on this machine")]
    Unusable {
        /// The language.
        title: &'static str,
        /// How to install what is missing.
        install: String,
    },
}

impl Coded for DoctorError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unknown { .. } => &codes::C026,
            Self::Unusable { .. } => &codes::C027,
        }
    }
}

impl Explain for DoctorError {
    fn advice(&self) -> String {
        match self {
            Self::Unknown { .. } => {
                let names: Vec<String> = mpp_build::language_names().iter().map(|name| format!("`{name}`")).collect();
                format!("the languages are {}", names.join(", "))
            }
            Self::Unusable { install, .. } => install.clone(),
        }
    }
}

/// Prints what was found. With `--lang`, fails unless tools in this language can be compiled.
pub(crate) fn run(session: &Session, ui: &Ui, args: &DoctorArgs) -> Result<Exit, Error> {
    let dir = session.resolve(&args.dir);
    let found = mpp_build::languages(args.lang.as_deref(), &dir);
    if let (Some(name), true) = (&args.lang, found.is_empty()) {
        let nearest = nearest(name, mpp_build::language_names());
        return Err(DoctorError::Unknown { name: name.clone(), nearest }.into());
    }
    let home = session.home();
    let health = Health {
        program_version: env!("CARGO_PKG_VERSION"),
        home: session.shown(home.root()),
        home_is_writable: is_writable(home.root()),
        cache_bytes: size_of(&home.cache_dir()),
        languages: found.into_iter().map(LanguageHealth::of).collect(),
    };
    let unusable = health.languages.iter().find(|language| args.lang.is_some() && !language.is_usable);
    if let Some(language) = unusable {
        // The parts of Rust are installed together.
        let mut lines: Vec<String> = language.parts.iter().filter_map(|part| part.install.clone()).collect();
        lines.dedup();
        let install = lines.join("; ");
        let error = Error::from(DoctorError::Unusable { title: language.title, install });
        return Ok(ui.show_failed(&health, &error)?);
    }
    ui.show(&health)?;
    Ok(Exit::Done)
}

/// Returns whether files can be created in a directory, or the directory itself can be created. Nothing is left behind.
fn is_writable(dir: &Path) -> bool {
    let existing = dir.ancestors().find(|dir| dir.exists());
    existing.is_some_and(|dir| tempfile::Builder::new().prefix(".mpp-doctor-").tempfile_in(dir).is_ok())
}

/// Returns the size of the files below a directory.
fn size_of(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size_of(&entry.path()),
        Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |found| found.len()),
        _ => 0,
    };
    entries.map(size).sum()
}
