//! What a run gets of this machine: declared paths mapped to real ones, declared variables given values.

use std::path::{Path, PathBuf};

use mpp_build::Dev;
use mpp_host::package::Manifest;
use mpp_sdk::wire::did_you_mean;

use crate::codes;
use crate::session::Session;
use crate::ui::Diagnostic;

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum MappingError {
    /// `--dir` without `=`.
    #[error("`--dir {given}` is no mapping: expected GUEST=HOST")]
    DirSyntax {
        /// What was given.
        given: String,
    },
    /// A guest path that the package does not declare.
    #[error("the package does not declare `{guest}`{}", did_you_mean(guest, declared.iter().map(String::as_str)))]
    DirUndeclared {
        /// The guest path.
        guest: String,
        /// What is declared.
        declared: Vec<String>,
    },
    /// The host path is not there.
    #[error("`{}` is not there, and `{guest}` cannot be mapped to it", host.display())]
    DirMissing {
        /// The guest path.
        guest: String,
        /// The host path.
        host: PathBuf,
    },
    /// A variable that the package does not declare.
    #[error("the package does not declare the variable `{name}`{}", did_you_mean(name, declared.iter().map(String::as_str)))]
    EnvUndeclared {
        /// The variable.
        name: String,
        /// What is declared.
        declared: Vec<String>,
    },
    /// A variable of this environment that is not set, or not UTF-8.
    #[error("the variable `{name}` is {} in this environment", if *not_text { "not UTF-8" } else { "not set" })]
    EnvUnset {
        /// The variable.
        name: String,
        /// Whether it is there and no text.
        not_text: bool,
    },
}

impl MappingError {
    /// The error as it is told.
    pub(crate) fn diagnostic(&self) -> Diagnostic {
        let (code, place, help) = match self {
            Self::DirSyntax { .. } => (&codes::C009, "--dir", "for instance --dir /data=./data".to_owned()),
            Self::DirUndeclared { declared, .. } => (&codes::C009, "--dir", listed(declared, "paths")),
            Self::DirMissing { guest, .. } => {
                (&codes::C009, "--dir", format!("make it, or map another: --dir {guest}=PATH"))
            }
            Self::EnvUndeclared { declared, .. } => (&codes::C010, "--env", listed(declared, "variables")),
            Self::EnvUnset { name, .. } => {
                (&codes::C010, "--env", format!("set it, or give a value: --env {name}=VALUE"))
            }
        };
        Diagnostic::new(code, self.to_string()).at(place).help(help)
    }
}

/// What a run gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mappings {
    /// Guest path → path of this machine, where somebody says so.
    pub(crate) dirs: Vec<(String, PathBuf)>,
    /// Variable → value.
    pub(crate) env: Vec<(String, String)>,
    /// `--env -`: the tool does without the variables that it declares.
    pub(crate) no_env: bool,
}

impl Mappings {
    /// What a declared path is on this machine, links resolved.
    pub(crate) fn host_path(&self, guest: &str) -> Option<PathBuf> {
        let named = self.dirs.iter().find(|(known, _)| known == guest).map(|(_, host)| host.as_path());
        named.unwrap_or(Path::new(guest)).canonicalize().ok()
    }
}

/// Resolves `--dir` and `--env` against what the package declares; `dev` are the project's own mappings.
///
/// A declared path that nobody maps is left to the host's own defaults; a declared variable takes its value from `--env`, else this environment, else the project's own mapping.
///
/// # Errors
/// Where an option cannot be read or names what is not declared.
pub(crate) fn resolve(
    session: &Session,
    manifest: &Manifest,
    dirs: &[String],
    env: &[String],
    dev: Option<&Dev>,
) -> Result<Mappings, MappingError> {
    Ok(Mappings {
        dirs: resolve_dirs(session, manifest, dirs, dev)?,
        env: resolve_env(session, manifest, env, dev)?,
        no_env: env.iter().any(|given| given == "-"),
    })
}

fn resolve_dirs(
    session: &Session,
    manifest: &Manifest,
    options: &[String],
    dev: Option<&Dev>,
) -> Result<Vec<(String, PathBuf)>, MappingError> {
    let files = &manifest.capabilities.filesystem;
    let mut declared: Vec<String> = files.read.iter().chain(&files.write).cloned().collect();
    declared.sort();
    declared.dedup();
    let mut given = Vec::new();
    for option in options {
        let (guest, host) = option.split_once('=').ok_or_else(|| MappingError::DirSyntax { given: option.clone() })?;
        if !declared.iter().any(|known| known == guest) {
            return Err(MappingError::DirUndeclared { guest: guest.to_owned(), declared });
        }
        let host = session.resolve(Path::new(host));
        if host.symlink_metadata().is_err() {
            return Err(MappingError::DirMissing { guest: guest.to_owned(), host });
        }
        given.push((guest.to_owned(), host));
    }
    let named = |guest: &String| {
        let option = given.iter().rfind(|(known, _)| known == guest).map(|(_, host)| host.clone());
        option.or_else(|| dev.and_then(|dev| dev.dirs.get(guest)).cloned())
    };
    Ok(declared.iter().filter_map(|guest| named(guest).map(|host| (guest.clone(), host))).collect())
}

fn resolve_env(
    session: &Session,
    manifest: &Manifest,
    options: &[String],
    dev: Option<&Dev>,
) -> Result<Vec<(String, String)>, MappingError> {
    let declared = &manifest.capabilities.env_vars;
    let mut given = Vec::new();
    for option in options.iter().filter(|option| *option != "-") {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option.as_str(), None),
        };
        if !declared.iter().any(|known| known == name) {
            return Err(MappingError::EnvUndeclared { name: name.to_owned(), declared: declared.clone() });
        }
        let value = match value {
            Some(value) => value,
            None => from_environment(session, name)?
                .ok_or_else(|| MappingError::EnvUnset { name: name.to_owned(), not_text: false })?,
        };
        given.push((name.to_owned(), value));
    }
    let none = options.iter().any(|option| option == "-");
    let mut env = Vec::new();
    for name in declared {
        let named = given.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.clone());
        let value = match named {
            Some(value) => Some(value),
            None if none => None,
            None => from_environment(session, name)?.or_else(|| dev.and_then(|dev| dev.env.get(name)).cloned()),
        };
        env.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(env)
}

fn from_environment(session: &Session, name: &str) -> Result<Option<String>, MappingError> {
    session
        .variable(name)
        .map(|value| value.into_string().map_err(|_| MappingError::EnvUnset { name: name.to_owned(), not_text: true }))
        .transpose()
}

fn listed(declared: &[String], what: &str) -> String {
    match declared {
        [] => format!("it declares no {what}"),
        names => format!("it declares {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}
