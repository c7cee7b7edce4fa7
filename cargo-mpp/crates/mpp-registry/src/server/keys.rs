//! The keys of a registry on disk: made once, beside the store and never in it.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::PathBuf;

use mpp_host::atomic_file::StagedFile;
use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::{KeyRole, PublicKey, SigningKey};

use crate::codes;
use crate::note::{Algorithm, VerifierKey};
use crate::protocol::files::WellKnown;
use crate::protocol::{Genesis, Origin, Signed};

const ROOT: &str = "root.key";
const LOG: &str = "log.key";
const DESCRIPTION: &str = "mpp-registry.json";
/// The last checkpoint that the server signed.
const MEMORY: &str = "last-checkpoint";

/// The error returned when the keys of a registry cannot be made or used.
#[derive(Debug, thiserror::Error)]
#[error("{what}: `{}`", path.display())]
#[non_exhaustive]
pub struct KeysError {
    /// What is wrong.
    what: &'static str,
    /// The file or directory.
    pub path: PathBuf,
    #[source]
    source: Option<BoxedError>,
}

impl Coded for KeysError {
    fn code(&self) -> &'static Code {
        &codes::N214
    }
}

/// The directory with the keys of a registry.
#[derive(Debug, Clone)]
pub struct KeysDir {
    dir: PathBuf,
}

/// The keys with which a server runs: the root key is not among them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RegistryKeys {
    /// The signed description of the registry, which names its origin and its keys.
    pub description: Signed<WellKnown>,
    /// The log key.
    pub log: SigningKey,
}

impl RegistryKeys {
    /// Returns the origin of the registry.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.description.value().registry
    }

    /// Returns the root key in the form that clients pin.
    #[must_use]
    pub fn root_key(&self) -> String {
        let description = self.description.value();
        verifier(description.registry.as_str(), description.root_key)
    }

    /// Returns the first leaf of the registry's log.
    #[must_use]
    pub fn genesis(&self) -> Genesis {
        let description = self.description.value();
        Genesis::new(description.registry.clone(), description.root_key, description.log_key)
    }
}

fn verifier(name: &str, key: PublicKey) -> String {
    // The name is that of an origin, which is always a valid name of a key.
    VerifierKey::new(name, Algorithm::Ed25519, key).map(|key| key.to_string()).unwrap_or_default()
}

impl KeysDir {
    /// Returns the directory at this path, which need not exist.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Returns whether keys were made.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.dir.join(DESCRIPTION).exists() || self.dir.join(LOG).exists()
    }

    /// Returns the path of the root key, which is to be kept offline.
    #[must_use]
    pub fn root_key_path(&self) -> PathBuf {
        self.dir.join(ROOT)
    }

    /// Returns the path of the file in which the server remembers the last checkpoint that it signed.
    #[must_use]
    pub fn memory_path(&self) -> PathBuf {
        self.dir.join(MEMORY)
    }

    /// Makes the keys of a new registry.
    ///
    /// # Errors
    /// Returns [`KeysError`] if there are keys already, or if the files cannot be written.
    pub fn create(&self, origin: Origin, urls: Vec<String>) -> Result<RegistryKeys, KeysError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .map_err(|source| self.error("the directory for the keys cannot be created", "", source))?;
        if self.exists() || self.root_key_path().exists() {
            return Err(self.fault("there are keys already", "", None));
        }
        let generate = || {
            SigningKey::generate(KeyRole::Publisher)
                .map_err(|source| self.fault("a key cannot be generated", "", Some(source.into())))
        };
        let (root, log) = (generate()?, generate()?);
        let mut description = WellKnown::first(origin, root.public(), log.public());
        description.urls = urls;
        let description = Signed::sign(description, &root)
            .map_err(|source| self.fault("the description cannot be signed", DESCRIPTION, Some(source.into())))?;
        for (name, key) in [(ROOT, &root), (LOG, &log)] {
            let pem =
                key.to_pem(None).map_err(|source| self.fault("a key cannot be written", name, Some(source.into())))?;
            self.write(name, pem.as_bytes(), 0o600)?;
        }
        self.write(DESCRIPTION, description.bytes(), 0o644)?;
        Ok(RegistryKeys { description, log })
    }

    /// Reads the log key and the description of the registry.
    ///
    /// # Errors
    /// Returns [`KeysError`] if a file is missing, damaged or readable by others, or if the log key is not the one that the
    /// description names.
    pub fn read(&self) -> Result<RegistryKeys, KeysError> {
        let path = self.dir.join(LOG);
        let mode = fs::metadata(&path).map_err(|source| self.error("the log key cannot be read", LOG, source))?;
        if mode.permissions().mode() & 0o077 != 0 {
            return Err(self.fault("the log key is readable by others, expected the mode 0600", LOG, None));
        }
        let text = fs::read_to_string(&path).map_err(|source| self.error("the log key cannot be read", LOG, source))?;
        let log = SigningKey::from_pem(&text, None)
            .map_err(|source| self.fault("the log key is damaged", LOG, Some(source.into())))?;
        let bytes = fs::read(self.dir.join(DESCRIPTION))
            .map_err(|source| self.error("the description of the registry cannot be read", DESCRIPTION, source))?;
        let description = WellKnown::first_contact(&bytes).map_err(|source| {
            self.fault("the description of the registry is damaged", DESCRIPTION, Some(source.into()))
        })?;
        match description.value().log_key == log.public() {
            true => Ok(RegistryKeys { description, log }),
            false => Err(self.fault("the log key is not the one that the description names", LOG, None)),
        }
    }

    fn write(&self, name: &str, bytes: &[u8], mode: u32) -> Result<(), KeysError> {
        let write = || {
            let mut file = StagedFile::new(&self.dir.join(name), mode)?;
            file.write(bytes)?;
            file.persist_new()
        };
        write().map_err(|source| self.error("the file cannot be written", name, source))
    }

    fn error(&self, what: &'static str, name: &str, source: io::Error) -> KeysError {
        self.fault(what, name, Some(source.into()))
    }

    fn fault(&self, what: &'static str, name: &str, source: Option<BoxedError>) -> KeysError {
        let path = if name.is_empty() { self.dir.clone() } else { self.dir.join(name) };
        KeysError { what, path, source }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use mpp_host::codes::Coded as _;

    use super::KeysDir;
    use crate::protocol::Origin;

    fn origin() -> Origin {
        Origin::parse("tools.example.com/log").expect("an origin")
    }

    #[test]
    fn keys_are_made_once_and_for_their_owner_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let keys = KeysDir::new(dir.path().join("keys"));
        assert!(!keys.exists());
        let made = keys.create(origin(), vec!["https://tools.example.com".to_owned()]).expect("made");
        let read = keys.read().expect("read");
        assert_eq!((read.root_key(), read.origin()), (made.root_key(), &origin()));
        assert!(read.root_key().starts_with("tools.example.com/log+"));
        for name in ["root.key", "log.key"] {
            let mode = fs::metadata(dir.path().join("keys").join(name)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let again = keys.create(origin(), Vec::new()).expect_err("keys are never replaced");
        assert_eq!(again.code(), "MPP-N214");
        assert_eq!(keys.read().expect("unchanged").root_key(), made.root_key());
    }

    #[test]
    fn the_server_needs_no_root_key() {
        let dir = tempfile::tempdir().expect("a directory");
        let keys = KeysDir::new(dir.path().to_owned());
        keys.create(origin(), Vec::new()).expect("made");
        fs::remove_file(keys.root_key_path()).expect("moved away");
        keys.read().expect("the log key is enough");
    }

    #[test]
    fn damaged_or_foreign_keys_are_refused() {
        let (first, second) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let keys = KeysDir::new(first.path().to_owned());
        keys.create(origin(), Vec::new()).expect("made");
        KeysDir::new(second.path().to_owned()).create(origin(), Vec::new()).expect("made");
        let log = first.path().join("log.key");
        let own = fs::read(&log).expect("read");
        for (words, change) in [
            (
                "readable by others",
                Box::new(|| fs::set_permissions(&log, fs::Permissions::from_mode(0o644))) as Box<dyn Fn() -> _>,
            ),
            ("is not the one", Box::new(|| fs::write(&log, fs::read(second.path().join("log.key"))?))),
            ("is damaged", Box::new(|| fs::write(&log, "nonsense"))),
            ("cannot be read", Box::new(|| fs::remove_file(&log))),
        ] {
            change().expect("changed");
            let error = keys.read().expect_err(words);
            assert!(error.to_string().contains(words), "{error}");
            fs::write(&log, &own).expect("restored");
            fs::set_permissions(&log, fs::Permissions::from_mode(0o600)).expect("restored");
            keys.read().expect("restored");
        }
    }
}
