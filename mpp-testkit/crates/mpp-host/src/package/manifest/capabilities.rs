//! Validation of declared capabilities: hosts, injected headers, paths and variable names.

use std::collections::BTreeSet;

use super::{Capabilities, HostPattern, InjectedHost, ManifestError, NetworkEntry};
use crate::codes;

/// Headers that frame the message or belong to the connection, which only the host program may set.
const FRAMING: &[&str] =
    &["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/// Returns whether only the host program may set a header. `name` is in lower case.
pub(crate) fn is_framing(name: &str) -> bool {
    FRAMING.contains(&name) || name.starts_with("proxy-")
}

impl Capabilities {
    /// Returns the names of the variables in injected headers. The host program uses them and does not pass them to the
    /// tool.
    #[must_use]
    pub fn injected_variables(&self) -> BTreeSet<&str> {
        let templates = self.network.iter().flat_map(|entry| match entry {
            NetworkEntry::Injected(own) => own.inject.values().collect(),
            NetworkEntry::Host(_) => Vec::new(),
        });
        templates
            .flat_map(|template| template.split("${").skip(1))
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect()
    }
}

/// Checks every declared capability.
pub(super) fn check(capabilities: &Capabilities) -> Result<(), ManifestError> {
    check_variables(&capabilities.env_vars)?;
    check_network(capabilities)?;
    let filesystem = &capabilities.filesystem;
    for (list, paths) in [("read", &filesystem.read), ("write", &filesystem.write)] {
        let mut seen = BTreeSet::new();
        for (index, path) in paths.iter().enumerate() {
            let refuse = |message: String| {
                Err(ManifestError::new(&codes::G702, format!("/capabilities/filesystem/{list}/{index}"), message))
            };
            check_path(path).or_else(refuse)?;
            if !seen.insert(path) {
                return refuse(format!("`{path}` is listed twice"));
            }
        }
    }
    Ok(())
}

fn check_variables(names: &[String]) -> Result<(), ManifestError> {
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let refuse =
            |message: String| Err(ManifestError::new(&codes::G703, format!("/capabilities/env_vars/{index}"), message));
        if !is_variable(name) {
            let expected = "expected letters, digits and `_`, not starting with a digit";
            return refuse(format!("`{name}` is not a variable name: {expected}"));
        }
        if name.to_ascii_uppercase().starts_with("MPP_") {
            return refuse(format!("`{name}`: names that start with `MPP_` are reserved for the host"));
        }
        if !seen.insert(name) {
            return refuse(format!("`{name}` is listed twice"));
        }
    }
    Ok(())
}

fn is_variable(name: &str) -> bool {
    let valid = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    valid && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

fn check_network(capabilities: &Capabilities) -> Result<(), ManifestError> {
    let mut seen = BTreeSet::new();
    for (index, entry) in capabilities.network.iter().enumerate() {
        let at = |field: &str| format!("/capabilities/network/{index}{field}");
        let (field, injected) = match entry {
            NetworkEntry::Host(_) => ("", None),
            NetworkEntry::Injected(injected) => ("/host", Some(injected)),
        };
        let refuse = |message: String| ManifestError::new(&codes::G701, at(field), message);
        let host = HostPattern::parse(entry.host()).map_err(|error| refuse(error.to_string()))?;
        if let Some(injected) = injected {
            check_injection(injected, &capabilities.env_vars)
                .map_err(|message| ManifestError::new(&codes::G704, at("/inject"), message))?;
        }
        if !seen.insert(host) {
            return Err(refuse(format!("`{}` is listed twice", entry.host())));
        }
    }
    Ok(())
}

fn check_injection(entry: &InjectedHost, variables: &[String]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (name, value) in &entry.inject {
        let lower = name.to_ascii_lowercase();
        // RFC 9110, 5.6.2: a token.
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(format!("`{name}` is not a header name"));
        }
        if is_framing(&lower) {
            return Err(format!("the header `{name}` is reserved for the host"));
        }
        if !seen.insert(lower) {
            return Err(format!("the header `{name}` is listed twice"));
        }
        if !value.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Err(format!("the value of `{name}` contains a character that is not allowed in a header"));
        }
        for placeholder in value.split("${").skip(1) {
            let Some((variable, _)) = placeholder.split_once('}') else {
                return Err(format!("a `${{` in the value of `{name}` is not closed"));
            };
            if !variables.iter().any(|declared| declared == variable) {
                return Err(format!("the value of `{name}` uses `{variable}`, which `env_vars` does not declare"));
            }
        }
    }
    Ok(())
}

/// Checks a path in the sandbox: `/`, `.`, or parts joined by `/`, the first of which may be empty.
pub(crate) fn check_path(path: &str) -> Result<(), String> {
    let refuse = |what: &str| Err(format!("`{path}` is not a valid path: {what}"));
    if path == "/" || path == "." {
        return Ok(());
    }
    if path.chars().any(char::is_control) {
        return refuse("it contains a control character");
    }
    if path.contains('\\') {
        return refuse("use `/` as the separator");
    }
    if path.starts_with('~') {
        return refuse("`~` is not expanded: write the path as the tool opens it");
    }
    for part in path.strip_prefix('/').unwrap_or(path).split('/') {
        match part {
            "" => return refuse("it contains an empty part or ends in `/`"),
            "." | ".." => return refuse("it contains a part `.` or `..`"),
            _ => {}
        }
    }
    Ok(())
}
