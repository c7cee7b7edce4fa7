//! What a package receives from this machine: files and directories for its declared paths, values for its declared variables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use mpp_host::codes::{Code, Coded};
use mpp_host::package::Manifest;
use mpp_host::policy::MachinePath;

use crate::codes;

/// The mappings that a user asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappingRequest {
    /// Guest path and absolute path on this machine; the last mapping of a guest path counts.
    pub dirs: Vec<(String, PathBuf)>,
    /// Variable and value; `None` takes the value from the environment and requires it to be set. The last one counts.
    pub env: Vec<(String, Option<String>)>,
    /// Do not pass variables that are not in `env`.
    pub no_env: bool,
    /// Mappings of the project that the package was built from, for what is not requested otherwise: paths.
    pub project_dirs: BTreeMap<String, PathBuf>,
    /// Mappings of the project that the package was built from, for what is not requested otherwise: variables.
    pub project_env: BTreeMap<String, String>,
    /// Mappings of the policy for the package, for what neither the request nor the project maps.
    pub policy_dirs: BTreeMap<String, PathBuf>,
}

/// Resolved mappings: only paths and variables that the package declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mappings {
    /// Guest path and path on this machine. A declared path without a mapping is not in the list.
    pub dirs: Vec<(String, PathBuf)>,
    /// Declared paths without a mapping that a person can allow to lead to the same path of this machine. They are not mapped yet.
    pub offered: Vec<MachinePath>,
    /// Variable and value.
    pub env: Vec<(String, String)>,
    /// The package runs without the variables that it declares and that are not in `env`.
    pub no_env: bool,
}

/// An error of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// The package does not declare the path.
    #[error("the package does not declare the path `{guest}`")]
    PathUndeclared {
        /// The guest path.
        guest: String,
        /// The paths that the package declares.
        declared: Vec<String>,
    },
    /// The file or directory does not exist.
    #[error("cannot map `{guest}` to `{}`: it does not exist", host.display())]
    PathMissing {
        /// The guest path.
        guest: String,
        /// The path on this machine.
        host: PathBuf,
    },
    /// The package does not declare the variable.
    #[error("the package does not declare the variable `{name}`")]
    VariableUndeclared {
        /// The variable.
        name: String,
        /// The variables that the package declares.
        declared: Vec<String>,
    },
    /// The variable is not set in the environment, or is not UTF-8.
    #[error("the variable `{name}` is {} in this environment", if *not_text { "not UTF-8" } else { "not set" })]
    VariableUnset {
        /// The variable.
        name: String,
        /// Whether it is set to a value that is not UTF-8.
        not_text: bool,
    },
}

impl Coded for MappingError {
    fn code(&self) -> &'static Code {
        match self {
            Self::PathUndeclared { .. } | Self::PathMissing { .. } => &codes::C009,
            Self::VariableUndeclared { .. } | Self::VariableUnset { .. } => &codes::C010,
        }
    }
}

impl Mappings {
    /// The path on this machine that a declared path is mapped to, with links resolved; `None` if it is not mapped.
    #[must_use]
    pub fn host_path(&self, guest: &str) -> Option<PathBuf> {
        self.dirs.iter().find(|(known, _)| known == guest).and_then(|(_, host)| host.canonicalize().ok())
    }

    /// The path on this machine that a declared path leads to if it is mapped, or would lead to if a person allowed it.
    #[must_use]
    pub fn possible_path(&self, guest: &str) -> Option<PathBuf> {
        let offered = || self.offered.iter().find(|path| path.guest == guest).map(|path| path.host.clone());
        self.host_path(guest).or_else(offered)
    }

    /// The declared paths that are not mapped.
    pub(crate) fn unmapped(&self, manifest: &Manifest) -> Vec<String> {
        let is_mapped = |guest: &String| self.dirs.iter().any(|(known, _)| known == guest);
        declared(manifest).into_iter().filter(|guest| !is_mapped(guest)).collect()
    }
}

/// Resolves a request against what the package declares. `environment` looks up variables of the front end's environment.
///
/// A declared variable takes its value from the request, or else from the environment, or else from the project.
///
/// # Errors
/// Returns [`MappingError`] if the request names something that the package does not declare or that does not exist.
pub fn resolve(
    manifest: &Manifest,
    request: &MappingRequest,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Mappings, MappingError> {
    Ok(Mappings {
        dirs: resolve_dirs(manifest, request)?,
        offered: Vec::new(),
        env: resolve_env(&manifest.capabilities.env_vars, request, environment)?,
        no_env: request.no_env,
    })
}

fn resolve_dirs(manifest: &Manifest, request: &MappingRequest) -> Result<Vec<(String, PathBuf)>, MappingError> {
    let declared = declared(manifest);
    for (guest, host) in &request.dirs {
        if !declared.contains(guest) {
            return Err(MappingError::PathUndeclared { guest: guest.clone(), declared });
        }
        if host.symlink_metadata().is_err() {
            return Err(MappingError::PathMissing { guest: guest.clone(), host: host.clone() });
        }
    }
    let requested = |guest: &String| request.dirs.iter().rfind(|(known, _)| known == guest).map(|(_, host)| host);
    let mapped = |guest: String| {
        let host = requested(&guest).or_else(|| request.project_dirs.get(&guest));
        let host = host.or_else(|| request.policy_dirs.get(&guest)).cloned();
        host.map(|host| (guest, host))
    };
    Ok(declared.into_iter().filter_map(mapped).collect())
}

/// Returns the declared paths, sorted.
fn declared(manifest: &Manifest) -> Vec<String> {
    let files = &manifest.capabilities.filesystem;
    let mut declared: Vec<String> = files.read.iter().chain(&files.write).cloned().collect();
    declared.sort();
    declared.dedup();
    declared
}

fn resolve_env(
    declared: &[String],
    request: &MappingRequest,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Vec<(String, String)>, MappingError> {
    let set = |name: &str| {
        let text = |value: OsString| {
            value.into_string().map_err(|_| MappingError::VariableUnset { name: name.to_owned(), not_text: true })
        };
        environment(name).map(text).transpose()
    };
    let mut requested = BTreeMap::new();
    for (name, value) in &request.env {
        if !declared.contains(name) {
            return Err(MappingError::VariableUndeclared { name: name.clone(), declared: declared.to_vec() });
        }
        let value = match value {
            Some(value) => value.clone(),
            None => set(name)?.ok_or_else(|| MappingError::VariableUnset { name: name.clone(), not_text: false })?,
        };
        requested.insert(name.as_str(), value);
    }
    let mut env = Vec::new();
    for name in declared {
        let value = match requested.remove(name.as_str()) {
            Some(value) => Some(value),
            None if request.no_env => None,
            None => set(name)?.or_else(|| request.project_env.get(name).cloned()),
        };
        env.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(env)
}
