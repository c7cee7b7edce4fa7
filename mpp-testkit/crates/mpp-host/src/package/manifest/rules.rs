//! Validation of a manifest beyond its shape: names, versions, tools and privacy filters.

use std::collections::BTreeSet;

use mpp_sdk::wire::{ToolDefinition, is_tool_name};
use serde_json::Value;

use super::{Manifest, ManifestError};
use crate::codes;
use crate::keys::KeyId;
use crate::package::{MANIFEST, SIGNATURE, entry_name};
use crate::privacy::{self, PatternError};

/// The version of the format that this host supports.
const MPP_VERSION: (u64, u64) = (1, 0);

/// Refuses a format that this host does not support, before any other check.
pub(super) fn check_format(document: &Value) -> Result<(), ManifestError> {
    let Some(text) = document.get("mpp_version").and_then(Value::as_str) else { return Ok(()) };
    let version = semver::Version::parse(text).map_err(|error| {
        ManifestError::new(&codes::G615, "/mpp_version", format!("`{text}` is not a version")).caused_by(error)
    })?;
    let (major, minor) = MPP_VERSION;
    let exact = version.pre.is_empty() && version.build.is_empty();
    if (version.major, version.minor) == MPP_VERSION && exact {
        return Ok(());
    }
    let message = format!("the manifest has format {text}, but this host supports only {major}.{minor}");
    Err(ManifestError::new(&codes::G614, "/mpp_version", message))
}

/// Checks everything except capabilities, which step 7 checks.
pub(super) fn check(manifest: &Manifest) -> Result<(), ManifestError> {
    check_identity(manifest)?;
    check_entrypoint(&manifest.runtime.entrypoint)?;
    check_tools(&manifest.tool_definitions)?;
    check_privacy(manifest)
}

/// Checks the form of a package id.
pub(crate) fn check_package_id(id: &str) -> Result<(), String> {
    let labels: Vec<&str> = id.split('.').collect();
    if id.len() <= 200 && (2..=10).contains(&labels.len()) && labels.iter().all(|label| is_label(label)) {
        return Ok(());
    }
    Err(format!(
        "`{id}` is not a package id: expected 2 to 10 labels of `a-z 0-9 -` joined by dots, like `com.example.my-tool`"
    ))
}

fn check_identity(manifest: &Manifest) -> Result<(), ManifestError> {
    let malformed = |pointer: &str, message: String| Err(ManifestError::new(&codes::G615, pointer, message));
    if let Err(message) = check_package_id(&manifest.package_id) {
        return malformed("/package_id", message);
    }
    let name = &manifest.name;
    let valid = name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.bytes().next().is_some_and(|b| b != b'-');
    if !valid {
        return malformed(
            "/name",
            format!("`{name}` is not a package name: expected 1 to 64 characters `a-z 0-9 -`, not starting with `-`"),
        );
    }
    if let Err(error) = semver::Version::parse(&manifest.version) {
        return malformed("/version", format!("`{}` is not a semantic version: {error}", manifest.version));
    }
    if manifest.description.trim().is_empty() {
        return malformed("/description", "the description is empty".to_owned());
    }
    if manifest.publisher.name.trim().is_empty() {
        return malformed("/publisher/name", "the publisher's name is empty".to_owned());
    }
    if let Some(url) = &manifest.publisher.url {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.contains(|c: char| c.is_whitespace() || c.is_control())) {
            return malformed("/publisher/url", format!("`{url}` is not an `https://` or `http://` address"));
        }
    }
    if let Some(id) = &manifest.publisher.verified_key_id
        && KeyId::parse(id).is_none()
    {
        let message =
            format!("`{id}` is not a key id: expected `pub_` or `dev_` followed by 16 hex digits; signing sets it");
        return malformed("/publisher/verified_key_id", message);
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let valid = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    valid && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
}

fn check_entrypoint(entrypoint: &str) -> Result<(), ManifestError> {
    let pointer = "/runtime/entrypoint";
    if entrypoint == MANIFEST || entrypoint == SIGNATURE {
        return Err(ManifestError::new(&codes::G608, pointer, format!("`{entrypoint}` is not a module")));
    }
    match entry_name::check(entrypoint.as_bytes()) {
        Ok(_) => Ok(()),
        Err(fault) => Err(ManifestError::new(&codes::G608, pointer, fault.message)),
    }
}

fn check_tools(tools: &[ToolDefinition]) -> Result<(), ManifestError> {
    let mut seen = BTreeSet::new();
    for (index, tool) in tools.iter().enumerate() {
        let refuse = |field: &str, message: String| {
            Err(ManifestError::new(&codes::G616, format!("/tool_definitions/{index}/{field}"), message))
        };
        if !is_tool_name(&tool.name) {
            return refuse(
                "name",
                format!("`{}` is not a tool name: expected 1 to 64 characters `A-Z a-z 0-9 _ -`", tool.name),
            );
        }
        if !seen.insert(&tool.name) {
            return refuse("name", format!("the tool `{}` is defined twice", tool.name));
        }
        if tool.description.trim().is_empty() {
            return refuse("description", format!("the tool `{}` has no description", tool.name));
        }
        if tool.parameters.get("type").and_then(Value::as_str) != Some("object") {
            return refuse("parameters", "expected a JSON Schema with `\"type\": \"object\"`".to_owned());
        }
    }
    Ok(())
}

fn check_privacy(manifest: &Manifest) -> Result<(), ManifestError> {
    privacy::check(&manifest.privacy_filters).map_err(|error| {
        let refused = ManifestError::new(&codes::G617, error.pointer(), error.to_string()).with_help(error.help());
        match error {
            PatternError::Regex { source, .. } => refused.caused_by(source),
            _ => refused,
        }
    })
}
