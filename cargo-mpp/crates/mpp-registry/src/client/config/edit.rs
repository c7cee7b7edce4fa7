//! Changes of a configuration that leave everything else as the user wrote it.

use std::path::Path;

use mpp_host::causes::BoxedError;
use serde::Serialize;

use super::{Config, ConfigError, RegistryEntry};

/// The part of a configuration that adds a registry.
#[derive(Serialize)]
struct Added<'a> {
    registry: [&'a RegistryEntry; 1],
}

impl Config {
    /// Returns the text of a configuration with another registry. What the user wrote, comments included, stays as it is.
    ///
    /// # Errors
    /// Returns a [`ConfigError`] if the result would not be valid, for example because the name is taken.
    pub fn with(text: &str, path: &Path, entry: &RegistryEntry, is_default: bool) -> Result<String, ConfigError> {
        let malformed = |source: BoxedError| ConfigError::Malformed { path: path.to_owned(), source };
        let before = Self::parse(text, path)?;
        let table = toml::to_string(&Added { registry: [entry] }).map_err(|error| malformed(error.into()))?;
        let mut new = String::new();
        if is_default && before.default.is_none() {
            // A key of the root table must come before every table.
            new.push_str(&format!("default = \"{}\"\n", entry.name));
        }
        new.push_str(text);
        if !new.is_empty() && !new.ends_with('\n') {
            new.push('\n');
        }
        new.push_str(&format!("\n{table}"));
        Self::parse(&new, path)?;
        Ok(new)
    }

    /// Returns the text of a configuration without the registry of this name, and without the setting that makes it the default one.
    /// What else the user wrote, comments included, stays as it is.
    ///
    /// # Errors
    /// Returns [`ConfigError::Unknown`] if there is no such registry, and [`ConfigError::Layout`] if its table cannot be found in the
    /// text, for example because the configuration is written as one inline table.
    pub fn without(text: &str, path: &Path, name: &str) -> Result<String, ConfigError> {
        let before = Self::parse(text, path)?;
        let position = before.registries.iter().position(|entry| entry.name == name);
        let Some(position) = position else {
            let known = before.registries.iter().map(|entry| entry.name.clone()).collect();
            return Err(ConfigError::Unknown { name: name.to_owned(), known });
        };
        let is_default = before.default.as_deref() == Some(name);
        let new = cut(text, position, is_default);
        let mut expected = before.clone();
        expected.registries.remove(position);
        expected.default = expected.default.filter(|_| !is_default);
        match Self::parse(&new, path) {
            Ok(after) if after == expected => Ok(new),
            _ => Err(ConfigError::Layout { path: path.to_owned(), name: name.to_owned() }),
        }
    }
}

/// Returns the text without the table of one registry and, if asked for, without the line of the root table that sets `default`.
fn cut(text: &str, position: usize, default: bool) -> String {
    let (mut kept, mut tables, mut in_root) = (String::new(), 0, true);
    let mut in_cut = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let header = trimmed.split('#').next().unwrap_or_default().replace(' ', "");
        if header == "[[registry]]" {
            in_cut = tables == position;
            (tables, in_root) = (tables + 1, false);
        } else if header.starts_with('[') && header.ends_with(']') && !header.starts_with("[registry.") {
            (in_cut, in_root) = (false, false);
        }
        let is_default = in_root && default && trimmed.split('=').next().unwrap_or_default().trim() == "default";
        if !in_cut && !is_default {
            kept.push_str(line);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use mpp_host::keys::{KeyRole, SigningKey};

    use crate::client::{Config, ConfigError};
    use crate::note::{Algorithm, VerifierKey};

    fn key(origin: &str) -> VerifierKey {
        let key = SigningKey::from_seed(&[3; 32], KeyRole::Publisher).public();
        VerifierKey::new(origin, Algorithm::Ed25519, key).expect("a key")
    }

    #[test]
    fn a_registry_is_removed_and_everything_else_stays() {
        let path = Path::new("config.toml");
        let (a, b) = (key("a.example/log"), key("b.example/log"));
        let text = format!(
            "# mine\ndefault = \"a\" # the first\n\n# the first one\n[[registry]]\nname = \"a\"\nroot_key = \"{a}\"\nurls = [\n  \"https://a.example\",\n]\n\
             [registry.authorization]\nenv = \"TOKEN\"\n\n[[ registry ]] # the second\nname = \"b\"\nroot_key = \"{b}\"\nurls = [\"https://b.example\"]\n"
        );
        let without_a = Config::without(&text, path, "a").expect("removed");
        assert!(without_a.starts_with("# mine\n\n# the first one\n[[ registry ]] # the second\n"), "{without_a}");
        let config = Config::parse(&without_a, path).expect("valid");
        assert_eq!((config.registries.len(), config.default), (1, None));
        let without_b = Config::without(&text, path, "b").expect("removed");
        assert_eq!(Config::parse(&without_b, path).expect("valid").default.as_deref(), Some("a"));
        assert!(text.starts_with(&without_b), "{without_b}");
        assert!(matches!(Config::without(&text, path, "c"), Err(ConfigError::Unknown { .. })));
        let inline = format!("registry = [{{ name = \"a\", root_key = \"{a}\", urls = [\"https://a.example\"] }}]\n");
        assert!(matches!(Config::without(&inline, path, "a"), Err(ConfigError::Layout { .. })));
        let odd = format!("{text}prefixes = [\n\"com.b\",\n]\n").replace("prefixes", "\"prefixes\"");
        Config::without(&odd, path, "b").expect("removed");
    }
}
