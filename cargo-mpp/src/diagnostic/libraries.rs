//! Explains the errors of the libraries in terms of commands.

use std::io::ErrorKind;

use mpp_build::BuildError;
use mpp_home::{BelongingsError, FileError, HomeError, LaunchError, MappingError};
use mpp_host::audit::AuditError;
use mpp_host::host::{GrantError, HostError, LoadError};
use mpp_host::keys::KeyError;
use mpp_host::sandbox::kv::StateError;
use mpp_mcp::bridge::ReplaceError;
use mpp_mcp::scaffold::ScaffoldError;
use mpp_sdk::wire::nearest;

use crate::error::Explain;
use crate::template::NewError;
use crate::wording;

impl Explain for AuditError {}
impl Explain for BuildError {}
impl Explain for GrantError {}
impl Explain for HostError {}
impl Explain for LoadError {}
impl Explain for NewError {}
impl Explain for ReplaceError {}
impl Explain for ScaffoldError {}

impl Explain for FileError {
    fn place(&self) -> Option<String> {
        Some(self.path().display().to_string())
    }

    fn advice(&self) -> String {
        let advice = match self {
            Self::Read { source, .. } => match source.kind() {
                ErrorKind::NotFound => "check the path; relative paths start at the current directory",
                ErrorKind::PermissionDenied => {
                    "you do not have permission to read it; check owner and mode with `ls -l`"
                }
                ErrorKind::IsADirectory => "name a file in that directory",
                _ => "",
            },
            Self::Write { source, .. } => match source.kind() {
                ErrorKind::StorageFull => "free some space and run the command again; no partial file was left behind",
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    "you do not have permission to write there; choose another place"
                }
                ErrorKind::NotFound => "the directory does not exist; create it, or choose another place",
                ErrorKind::NotADirectory => "a part of the path is a file, not a directory; choose another place",
                _ => "run the command again, or choose another place",
            },
            Self::Exists { .. } => {
                "choose another directory with `-o` or another name with `--name`, or move the file away yourself"
            }
            _ => "",
        };
        advice.to_owned()
    }
}

impl Explain for HomeError {
    fn place(&self) -> Option<String> {
        let path = self.path().display();
        Some(match self {
            Self::Policy { line, column, .. } => format!("{path}:{line}:{column}"),
            _ => path.to_string(),
        })
    }

    fn advice(&self) -> String {
        match self {
            Self::File(error) => error.advice(),
            Self::Key { source: KeyError::PassphraseNeeded, .. } => {
                "set `MPP_KEY_PASSPHRASE`, or name a file in `MPP_KEY_PASSPHRASE_FILE`; on a terminal the program asks"
                    .to_owned()
            }
            Self::LooseKey { path, .. } => format!(
                "run `chmod 600 {}`; if someone else may have read the key, create a new one with `mpp keygen`",
                path.display()
            ),
            Self::Policy { .. } => "correct the line; until then no package runs".to_owned(),
            Self::Damaged { .. } => {
                "correct, restore or remove the file; until then nothing in it is trusted".to_owned()
            }
            other => mpp_host::codes::Coded::help(other),
        }
    }
}

impl Explain for BelongingsError {
    fn place(&self) -> Option<String> {
        match self {
            Self::Home(error) => error.place(),
            Self::State(error) => error.place(),
            _ => None,
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::Home(error) => error.advice(),
            Self::State(error) => error.advice(),
            Self::Audit(error) => error.advice(),
            Self::NotOwn { own, .. } if own.is_empty() => "you have no keys yet".to_owned(),
            Self::NotOwn { own, .. } => {
                format!("your keys are {}", own.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "))
            }
            other => mpp_host::codes::Coded::help(other),
        }
    }
}

impl Explain for MappingError {
    fn place(&self) -> Option<String> {
        let option = match self {
            Self::PathUndeclared { .. } | Self::PathMissing { .. } => "--dir",
            _ => "--env",
        };
        Some(option.to_owned())
    }

    fn advice(&self) -> String {
        match self {
            Self::PathUndeclared { guest, declared } => declares(guest, declared, "paths"),
            Self::PathMissing { guest, .. } => format!("create it, or map another path: --dir {guest}=PATH"),
            Self::VariableUndeclared { name, declared } => declares(name, declared, "variables"),
            Self::VariableUnset { name, .. } => format!("set it, or pass a value: --env {name}=VALUE"),
            _ => String::new(),
        }
    }
}

impl Explain for LaunchError {
    fn place(&self) -> Option<String> {
        inner(self).and_then(Explain::place)
    }

    fn notes(&self) -> Vec<String> {
        inner(self).map_or_else(Vec::new, Explain::notes)
    }

    fn advice(&self) -> String {
        match (inner(self), mpp_host::codes::Coded::remedy(self)) {
            (Some(inner), _) => inner.advice(),
            (None, Some(remedy)) => wording::remedy(&remedy, wording::PACKAGE),
            (None, None) => mpp_host::codes::Coded::help(self),
        }
    }
}

impl Explain for StateError {
    fn place(&self) -> Option<String> {
        Some(self.path.display().to_string())
    }

    fn advice(&self) -> String {
        let advice = if self.is_damaged() {
            "keep a copy of the file if you need it; `mpp kv clear PKG` removes it, and the package starts with empty state"
        } else {
            "check the owner, mode and disk of the file and its directory; both must be private to you (600 and 700)"
        };
        advice.to_owned()
    }
}

/// Describes what the package declares instead of `wanted`.
fn declares(wanted: &str, declared: &[String], what: &str) -> String {
    if let Some(nearest) = nearest(wanted, declared.iter().map(String::as_str)) {
        return format!("did you mean `{nearest}`?");
    }
    match declared {
        [] => format!("it declares no {what}"),
        names => format!("it declares {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// Returns the error of a step, if it explains itself without the path of the package.
fn inner(error: &LaunchError) -> Option<&dyn Explain> {
    match error {
        LaunchError::Home(error) => Some(error),
        LaunchError::Mapping(error) => Some(error),
        LaunchError::Audit(error) => Some(error),
        LaunchError::Host(error) => Some(error),
        LaunchError::Load(error) => Some(error),
        LaunchError::Grant(error) => Some(error),
        _ => None,
    }
}
