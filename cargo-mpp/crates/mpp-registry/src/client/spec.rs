//! Names of packages with requirements: `com.example.notes@1.2`.

use std::fmt;
use std::str::FromStr;

use mpp_host::codes::{Code, Coded};
use semver::{Version, VersionReq};

use crate::codes;
use crate::protocol::PackageId;

/// A package id, and a requirement for its version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackageSpec {
    /// The id.
    pub package_id: PackageId,
    /// The requirement; every version that is not a pre-release if none was given.
    pub requirement: VersionReq,
}

/// The error returned when a text does not name a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` does not name a package: {reason}")]
#[non_exhaustive]
pub struct SpecError {
    /// The text.
    pub found: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Coded for SpecError {
    fn code(&self) -> &'static Code {
        &codes::N044
    }
}

impl SpecError {
    fn new(found: &str, reason: impl Into<String>) -> Self {
        Self { found: found.to_owned(), reason: reason.into() }
    }
}

impl PackageSpec {
    /// Any version of a package.
    #[must_use]
    pub fn any(package_id: PackageId) -> Self {
        Self { package_id, requirement: VersionReq::STAR }
    }

    /// Returns whether a text looks like a package id, with or without a requirement, rather than like a path.
    #[must_use]
    pub fn looks_like_one(text: &str) -> bool {
        let id = text.split_once('@').map_or(text, |(id, _)| id);
        !text.ends_with(".mpp") && PackageId::parse(id).is_ok()
    }
}

impl FromStr for PackageSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (id, requirement) = text.split_once('@').map_or((text, None), |(id, rest)| (id, Some(rest)));
        let package_id = PackageId::parse(id).map_err(|_| {
            SpecError::new(text, "expected an id such as `com.example.my-tool`, or `com.example.my-tool@1.2`")
        })?;
        let requirement = match requirement {
            None => VersionReq::STAR,
            Some(text_of) => VersionReq::parse(text_of)
                .map_err(|error| SpecError::new(text, format!("`{text_of}` is not a requirement: {error}")))?,
        };
        Ok(Self { package_id, requirement })
    }
}

impl fmt::Display for PackageSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.requirement == VersionReq::STAR {
            true => write!(f, "{}", self.package_id),
            false => write!(f, "{}@{}", self.package_id, self.requirement),
        }
    }
}

/// Parses `ID@VERSION`, the name of exactly one version.
///
/// # Errors
/// Returns a [`SpecError`] if the text is something else.
pub fn parse_exact(text: &str) -> Result<(PackageId, Version), SpecError> {
    let (id, version) = text.split_once('@').ok_or_else(|| SpecError::new(text, "expected `ID@VERSION`"))?;
    let id = PackageId::parse(id).map_err(|_| SpecError::new(text, "expected `ID@VERSION`"))?;
    let version = Version::parse(version.trim_start_matches('='))
        .map_err(|error| SpecError::new(text, format!("`{version}` is not a version: {error}")))?;
    Ok((id, version))
}

#[cfg(test)]
mod tests {
    use super::{PackageSpec, parse_exact};

    #[test]
    fn names_a_package_with_or_without_a_requirement() {
        let spec: PackageSpec = "com.example.notes@1.2".parse().expect("a spec");
        assert_eq!(
            (spec.package_id.as_str(), spec.to_string().as_str()),
            ("com.example.notes", "com.example.notes@^1.2")
        );
        let spec: PackageSpec = "com.example.notes".parse().expect("a spec");
        assert_eq!(spec.to_string(), "com.example.notes");
        for bad in [
            "",
            "notes",
            "com.example.notes@",
            "com.example.notes@one",
            "com.example/notes",
            "../com.example",
            "Com.example",
        ] {
            bad.parse::<PackageSpec>().expect_err(bad);
        }
    }

    #[test]
    fn paths_are_not_taken_for_ids() {
        for id in ["com.example.notes", "com.example.notes@1", "com.example.notes@>=1, <2"] {
            assert!(PackageSpec::looks_like_one(id), "{id}");
        }
        for path in [".", "notes", "./com.example.notes", "notes.mpp", "com.example.mpp", "a/b.c", "/com.example.notes"]
        {
            assert!(!PackageSpec::looks_like_one(path), "{path}");
        }
    }

    #[test]
    fn an_exact_version_is_complete() {
        let (id, version) = parse_exact("com.example.notes@1.2.3").expect("exact");
        assert_eq!((id.as_str(), version.to_string().as_str()), ("com.example.notes", "1.2.3"));
        for bad in ["com.example.notes", "com.example.notes@1.2", "com.example.notes@^1.2.3", "x@1.2.3"] {
            parse_exact(bad).expect_err(bad);
        }
    }
}
