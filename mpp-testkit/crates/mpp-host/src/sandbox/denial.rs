//! The errors that the host reports for what it denied a tool: an undeclared host, path or variable.

use std::path::Path;

use mpp_sdk::wire::{ErrorKind, RpcError};

use super::access_log::PathDenial;
use super::filesystem::declared;
use super::network::Denial;
use crate::codes::{PathAccess, Remedy};
use crate::package::manifest::{Capabilities, cargo_toml};

/// What a package declares, and which variables the call was given.
pub(crate) struct Granted<'a> {
    pub(crate) capabilities: &'a Capabilities,
    pub(crate) variables: &'a [(String, String)],
}

impl Granted<'_> {
    /// Returns whether no declared path contains `path`.
    pub(super) fn may_be_undeclared(&self, path: &str) -> bool {
        let climbs = path.split('/').any(|part| part == "..");
        climbs || !declared(&self.capabilities.filesystem).iter().any(|(guest, _)| Path::new(path).starts_with(guest))
    }

    /// Returns the declared path that contains `path`, if it is declared for reading only.
    pub(super) fn read_only_above(&self, path: &str) -> Option<&str> {
        let all = declared(&self.capabilities.filesystem);
        let above = all.into_iter().filter(|(guest, _)| Path::new(path).starts_with(guest));
        let (guest, writable) = above.max_by_key(|(guest, _)| guest.len())?;
        (!writable).then_some(guest)
    }
}

/// Returns the error for a request to a host.
pub(super) fn of_host(denial: &Denial) -> RpcError {
    let error = RpcError::new(ErrorKind::CapabilityDenied, denial.sentence())
        .with("capability", "network")
        .with("host", denial.host.as_str())
        .with("help", denial.help());
    let error = match &denial.remedy {
        Some(Remedy::DeclareHost { line, .. }) => error.with("manifest", line.as_str()),
        _ => error,
    };
    match &denial.remedy {
        Some(remedy) => remedy.add_to(error),
        None => error,
    }
}

/// Returns the error for an access to a path.
pub(super) fn of_path(denial: &PathDenial, granted: &Granted<'_>) -> RpcError {
    let PathDenial { path, access, declared } = denial;
    let message = match (declared, access) {
        (Some(declared), _) => {
            format!("the manifest declares `{declared}` for reading only, and the tool tried to write to `{path}`")
        }
        (None, PathAccess::Read) => {
            format!("the manifest does not declare the path `{path}`, which the tool tried to read")
        }
        (None, PathAccess::Write) => {
            format!("the manifest does not declare the path `{path}`, which the tool tried to write to")
        }
    };
    let guest = declared.as_ref().unwrap_or(path).clone();
    let line = cargo_toml::filesystem(&granted.capabilities.filesystem, &guest, *access);
    let error = told(&message, "filesystem", &Remedy::DeclarePath { guest, line: line.clone() });
    let error = error.with("manifest", line);
    error.with("path", path.as_str()).with("access", access.to_string())
}

/// Returns the error for a variable that the call was not given; `None` if it was.
pub(super) fn of_variable(name: &str, granted: &Granted<'_>) -> Option<RpcError> {
    if granted.variables.iter().any(|(known, _)| known == name) {
        return None;
    }
    let name = name.to_owned();
    let (message, remedy) = if !granted.capabilities.env_vars.contains(&name) {
        let message = format!("the manifest does not declare the environment variable `{name}`");
        let line = cargo_toml::env_vars(&granted.capabilities.env_vars, &name);
        (message, Remedy::DeclareVariable { name: name.clone(), line })
    } else if granted.capabilities.injected_variables().contains(name.as_str()) {
        let message =
            format!("the host puts the environment variable `{name}` into headers, and the tool cannot read it");
        return Some(RpcError::new(ErrorKind::CapabilityDenied, message).with("capability", "env_vars"));
    } else {
        let message = format!("the call was not given the environment variable `{name}`");
        (message, Remedy::GiveVariables { names: vec![name.clone()] })
    };
    Some(told(&message, "env_vars", &remedy).with("variable", name))
}

fn told(message: &str, capability: &str, remedy: &Remedy) -> RpcError {
    let help = remedy.to_string();
    let error = RpcError::new(ErrorKind::CapabilityDenied, format!("{message}; {help}"))
        .with("capability", capability)
        .with("help", help);
    remedy.add_to(error)
}
