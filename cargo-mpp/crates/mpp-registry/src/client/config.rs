//! The configured registries: names, keys, URLs, and the prefixes of package ids that are bound to one of them.

mod edit;

use std::path::{Path, PathBuf};

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use serde::{Deserialize, Serialize};

use crate::codes;
use crate::note::VerifierKey;
use crate::protocol::{Origin, PackageId};

/// The configured registries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Name of the registry of every package id that no prefix is bound to.
    #[serde(default)]
    pub default: Option<String>,
    /// The registries.
    #[serde(default, rename = "registry")]
    pub registries: Vec<RegistryEntry>,
}

/// One configured registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RegistryEntry {
    /// The name under which the user knows the registry.
    pub name: String,
    /// The pinned root key, as a verifier key; its name is the origin of the registry. Absent for OCI registries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_key: Option<VerifierKey>,
    /// URLs of the registry and its mirrors. The first one takes changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// The place of packages in an OCI registry, `oci://HOST/NAMESPACE`, instead of a key and URLs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oci: Option<String>,
    /// Prefixes of package ids, each ending at a label, that are looked up in this registry and nowhere else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Where the value of the header `Authorization` comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Authorization>,
    /// A file with certificates in PEM that are trusted besides those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificates: Option<PathBuf>,
    /// Allows plain HTTP to other machines than this one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_http: bool,
    /// Keys of witnesses, some of which must have cosigned each checkpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<VerifierKey>,
    /// How many of the witnesses must have cosigned; 0 if absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub witness_quorum: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Where the value of the header `Authorization` comes from. It is never in the configuration itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Authorization {
    /// From this environment variable.
    Env(String),
    /// From this file.
    File(PathBuf),
}

/// An error of the configuration, or of choosing a registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not a configuration.
    #[error("the configuration of registries is not valid")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The mistake.
        source: BoxedError,
    },
    /// An entry contradicts itself or another one.
    #[error("the configuration of the registry `{name}` is not valid: {reason}")]
    Entry {
        /// The file.
        path: PathBuf,
        /// Name of the registry.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The table of a registry cannot be found in the text.
    #[error("the configuration is not written as the program writes it, so `{name}` cannot be removed from it")]
    Layout {
        /// The file.
        path: PathBuf,
        /// Name of the registry.
        name: String,
    },
    /// No registry is responsible for a package id.
    #[error("no registry is configured for `{package_id}`")]
    NoneFor {
        /// The package id.
        package_id: String,
        /// Names of the configured registries.
        known: Vec<String>,
    },
    /// There is no registry with this name or URL.
    #[error("there is no registry `{name}`")]
    Unknown {
        /// The name or URL.
        name: String,
        /// Names of the configured registries.
        known: Vec<String>,
    },
    /// No registry was named, and there is no default one.
    #[error("no registry was named, and there is no default one")]
    NoDefault {
        /// Names of the configured registries.
        known: Vec<String>,
    },
    /// The package id is bound to another registry than the one that was asked for.
    #[error("`{package_id}` is bound to the registry `{bound}`, not to `{wanted}`")]
    Bound {
        /// The package id.
        package_id: String,
        /// The registry that its prefix is bound to.
        bound: String,
        /// The registry that was asked for.
        wanted: String,
    },
}

impl Coded for ConfigError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Malformed { .. } | Self::Entry { .. } | Self::Layout { .. } => &codes::N037,
            Self::NoneFor { .. } | Self::Unknown { .. } | Self::NoDefault { .. } => &codes::N038,
            Self::Bound { .. } => &codes::N039,
        }
    }
}

impl RegistryEntry {
    /// A registry with a log, without bound prefixes.
    #[must_use]
    pub fn new(name: impl Into<String>, root_key: VerifierKey, url: impl Into<String>) -> Self {
        Self { root_key: Some(root_key), urls: vec![url.into()], ..Self::empty(name.into()) }
    }

    /// A registry with a log whose root key is not known yet. It can be asked for the key, but not be configured.
    #[must_use]
    pub fn unpinned(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self { urls: vec![url.into()], ..Self::empty(name.into()) }
    }

    /// Packages in an OCI registry.
    #[must_use]
    pub fn oci(name: impl Into<String>, place: impl Into<String>) -> Self {
        Self { oci: Some(place.into()), ..Self::empty(name.into()) }
    }

    fn empty(name: String) -> Self {
        Self {
            name,
            root_key: None,
            urls: Vec::new(),
            oci: None,
            prefixes: Vec::new(),
            authorization: None,
            certificates: None,
            allow_http: false,
            witnesses: Vec::new(),
            witness_quorum: 0,
        }
    }

    /// Returns the origin of a registry with a log.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.root_key.as_ref().and_then(|key| Origin::parse(key.name()).ok())
    }

    /// Returns the length of the longest prefix that covers the package id.
    fn binds(&self, package_id: &str) -> Option<usize> {
        let covers = |prefix: &&str| {
            package_id.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let prefixes = self.prefixes.iter().map(|prefix| prefix.strip_suffix(".*").unwrap_or(prefix));
        prefixes.filter(covers).map(str::len).max()
    }

    /// Returns what is wrong with the entry by itself.
    fn mistake(&self) -> Option<String> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if self.name.is_empty() || !self.name.chars().all(is_name) {
            return Some("its name may contain only `a-z 0-9 - _ .`".to_owned());
        }
        match (&self.root_key, &self.oci) {
            (Some(_), Some(_)) => return Some("it has both a `root_key` and `oci`".to_owned()),
            (None, None) => return Some("its `root_key` is missing".to_owned()),
            (Some(key), None) if Origin::parse(key.name()).is_err() => {
                return Some("the name in its `root_key` is not the origin of a registry".to_owned());
            }
            (Some(_), None) if self.urls.is_empty() => return Some("it has no `urls`".to_owned()),
            (None, Some(place)) if !place.starts_with("oci://") => {
                return Some("`oci` does not begin with `oci://`".to_owned());
            }
            _ => {}
        }
        let is_prefix = |prefix: &String| {
            let prefix = prefix.strip_suffix(".*").unwrap_or(prefix);
            let is_label = |label: &str| {
                !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            };
            prefix.split('.').all(is_label)
        };
        if let Some(prefix) = self.prefixes.iter().find(|prefix| !is_prefix(prefix)) {
            return Some(format!("`{prefix}` is not the beginning of a package id, such as `com.mycompany`"));
        }
        (self.witness_quorum > self.witnesses.len())
            .then(|| format!("it requires {} of {} witnesses", self.witness_quorum, self.witnesses.len()))
    }
}

impl Config {
    /// Parses the configuration in the file at `path`.
    ///
    /// # Errors
    /// Returns [`ConfigError::Malformed`] or [`ConfigError::Entry`]. Unknown keys are errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let malformed = |source: BoxedError| ConfigError::Malformed { path: path.to_owned(), source };
        let config: Self = toml::from_str(text).map_err(|error| malformed(error.to_string().trim_end().into()))?;
        for (number, entry) in config.registries.iter().enumerate() {
            let others = &config.registries[..number];
            let twice = |other: &&RegistryEntry| other.prefixes.iter().any(|prefix| entry.prefixes.contains(prefix));
            let reason = match entry.mistake() {
                Some(reason) => reason,
                None if others.iter().any(|other| other.name == entry.name) => "its name is used twice".to_owned(),
                None => match others.iter().find(twice) {
                    Some(other) => format!("a prefix is also bound to `{}`", other.name),
                    None => continue,
                },
            };
            return Err(ConfigError::Entry { path: path.to_owned(), name: entry.name.clone(), reason });
        }
        if let Some(name) = &config.default
            && config.find(name).is_none()
        {
            let reason = "it is the default registry, but not configured".to_owned();
            return Err(ConfigError::Entry { path: path.to_owned(), name: name.clone(), reason });
        }
        Ok(config)
    }

    /// Returns the registry with this name, origin or URL.
    #[must_use]
    pub fn find(&self, wanted: &str) -> Option<&RegistryEntry> {
        let trimmed = wanted.trim_end_matches('/');
        let is_wanted = |entry: &&RegistryEntry| {
            let urls = entry.urls.iter().chain(&entry.oci);
            entry.root_key.as_ref().is_some_and(|key| key.name() == wanted)
                || urls.map(|url| url.trim_end_matches('/')).any(|url| url == trimmed)
        };
        self.registries.iter().find(|entry| entry.name == wanted).or_else(|| self.registries.iter().find(is_wanted))
    }

    /// Returns the registry with this root key.
    #[must_use]
    pub fn with_root(&self, root_key: &VerifierKey) -> Option<&RegistryEntry> {
        self.registries.iter().find(|entry| entry.root_key.as_ref() == Some(root_key))
    }

    /// Returns the registry that `wanted` names, or else the default one.
    ///
    /// # Errors
    /// Returns [`ConfigError::Unknown`] or [`ConfigError::NoDefault`].
    pub fn named(&self, wanted: Option<&str>) -> Result<&RegistryEntry, ConfigError> {
        let known = || self.registries.iter().map(|entry| entry.name.clone()).collect();
        match wanted {
            Some(name) => self.find(name).ok_or_else(|| ConfigError::Unknown { name: name.to_owned(), known: known() }),
            None => self.default_entry().ok_or_else(|| ConfigError::NoDefault { known: known() }),
        }
    }

    /// Returns the only registry in which the package id is looked up. `wanted` is the registry that the user named; it cannot
    /// overrule a binding.
    ///
    /// # Errors
    /// Returns a [`ConfigError`] if there is no such registry, or if the id is bound to another one than `wanted`.
    pub fn registry_of(&self, package_id: &PackageId, wanted: Option<&str>) -> Result<&RegistryEntry, ConfigError> {
        let bound = self.registries.iter().filter_map(|entry| Some((entry.binds(package_id.as_str())?, entry)));
        let bound = bound.max_by_key(|(length, _)| *length).map(|(_, entry)| entry);
        match (bound, wanted) {
            (Some(bound), None) => Ok(bound),
            (Some(bound), Some(_)) => {
                let wanted = self.named(wanted)?;
                if wanted.name == bound.name {
                    return Ok(bound);
                }
                let (bound, wanted) = (bound.name.clone(), wanted.name.clone());
                Err(ConfigError::Bound { package_id: package_id.to_string(), bound, wanted })
            }
            (None, Some(_)) => self.named(wanted),
            (None, None) => self.default_entry().ok_or_else(|| ConfigError::NoneFor {
                package_id: package_id.to_string(),
                known: self.registries.iter().map(|entry| entry.name.clone()).collect(),
            }),
        }
    }

    fn default_entry(&self) -> Option<&RegistryEntry> {
        self.registries.iter().find(|entry| Some(&entry.name) == self.default.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use mpp_host::keys::{KeyRole, SigningKey};

    use super::{Config, ConfigError, RegistryEntry};
    use crate::note::{Algorithm, VerifierKey};
    use crate::protocol::PackageId;

    fn key(origin: &str) -> VerifierKey {
        let key = SigningKey::from_seed(&[3; 32], KeyRole::Publisher).public();
        VerifierKey::new(origin, Algorithm::Ed25519, key).expect("a key")
    }

    fn two() -> Config {
        let path = Path::new("config.toml");
        let open = RegistryEntry::new("open", key("open.example/log"), "https://open.example");
        let text = Config::with("# my registries\n", path, &open, true).expect("added");
        let mut own = RegistryEntry::new("own", key("own.example/log"), "https://own.example/");
        own.prefixes = vec!["com.mycompany".to_owned()];
        let text = Config::with(&text, path, &own, false).expect("added");
        assert!(text.contains("# my registries\n"), "{text}");
        Config::parse(&text, path).expect("valid")
    }

    #[test]
    fn a_bound_prefix_is_looked_up_in_its_registry_and_nowhere_else() {
        let config = two();
        let of = |id: &str, wanted| {
            config.registry_of(&PackageId::parse(id).expect("an id"), wanted).map(|entry| entry.name.clone())
        };
        assert_eq!(of("com.mycompany.crm", None).expect("bound"), "own");
        assert_eq!(of("com.mycompany", Some("own")).expect("bound"), "own");
        assert_eq!(of("com.mycompany-evil.crm", None).expect("default"), "open");
        assert_eq!(of("com.mycompany.crm", Some("https://own.example")).expect("the same"), "own");
        assert!(matches!(of("com.mycompany.crm", Some("open")), Err(ConfigError::Bound { .. })));
        assert!(matches!(of("com.other.crm", Some("missing")), Err(ConfigError::Unknown { .. })));
        assert_eq!(of("com.other.crm", Some("own")).expect("named"), "own");
    }

    #[test]
    fn the_longest_prefix_binds() {
        let mut config = two();
        config.registries[0].prefixes = vec!["com.mycompany.open.*".to_owned()];
        let of =
            |id: &str| config.registry_of(&PackageId::parse(id).expect("an id"), None).map(|entry| entry.name.clone());
        assert_eq!(of("com.mycompany.open.tool").expect("bound"), "open");
        assert_eq!(of("com.mycompany.opens").expect("bound"), "own");
    }

    #[test]
    fn without_a_default_only_bound_ids_have_a_registry() {
        let mut config = two();
        config.default = None;
        let id = PackageId::parse("com.other.crm").expect("an id");
        assert!(matches!(config.registry_of(&id, None), Err(ConfigError::NoneFor { .. })));
        assert!(matches!(config.named(None), Err(ConfigError::NoDefault { .. })));
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        let root = key("a.example/log");
        let valid = format!("[[registry]]\nname = \"a\"\nroot_key = \"{root}\"\nurls = [\"https://a.example\"]\n");
        Config::parse(&valid, Path::new("c")).expect("valid");
        for text in [
            "defalt = \"a\"".to_owned(),
            "default = \"a\"".to_owned(),
            format!("{valid}prefix = [\"com.a\"]\n"),
            format!("{valid}prefixes = [\"com..a\"]\n"),
            format!("{valid}oci = \"oci://a.example/x\"\n"),
            format!("{valid}witness_quorum = 1\n"),
            format!("{valid}{valid}"),
            valid.replace("\"a\"", "\"a b\""),
            valid.replace("urls = [\"https://a.example\"]", "urls = []"),
            valid.replace("a.example/log", "A.example/log"),
            "[[registry]]\nname = \"a\"\noci = \"https://a.example/x\"\n".to_owned(),
        ] {
            Config::parse(&text, Path::new("c")).expect_err(&text);
        }
    }
}
