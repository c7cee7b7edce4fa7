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
use crate::log::{Checkpoint, LogKeys};
use crate::note::{Algorithm, NoteError, NoteSigner, VerifierKey};
use crate::protocol::files::WellKnown;
use crate::protocol::{Genesis, Origin, Signed};

const ROOT: &str = "root.key";
const LOG: &str = "log.key";
/// The log key that a description names that the root key has yet to sign.
const NEXT_LOG: &str = "log.key.next";
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
    /// The descriptions that name log keys that were replaced.
    pub former: Vec<WellKnown>,
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

    /// Returns the keys with which the log is opened. `memory` is the file with the last checkpoint that the server signed.
    ///
    /// # Errors
    /// Returns [`NoteError`] if the origin cannot be the name of a key.
    pub fn log_keys(&self, memory: PathBuf) -> Result<LogKeys, NoteError> {
        let (name, description) = (self.origin().as_str(), self.description.value());
        let mut keys = LogKeys::new(NoteSigner::log(name, self.log.clone())?).with_memory(memory);
        let former = self.former.iter().map(|former| VerifierKey::new(name, Algorithm::Ed25519, former.log_key));
        keys.former = former.collect::<Result<_, _>>()?;
        if description.from_size > 0 {
            let (size, root) = (description.from_size, description.from_root);
            keys.start = Some(Checkpoint::new(description.registry.clone(), size, root));
        }
        Ok(keys)
    }

    /// Returns the first leaf of the registry's log.
    #[must_use]
    pub fn genesis(&self) -> Genesis {
        let description = self.description.value();
        Genesis::new(description.registry.clone(), description.root_key, description.log_key)
    }
}

/// Returns the name of the file with a description that was replaced.
fn former_name(version: u64) -> String {
    format!("mpp-registry-{version}.json")
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
        Ok(RegistryKeys { description, log, former: Vec::new() })
    }

    /// Reads the log key and the description of the registry.
    ///
    /// # Errors
    /// Returns [`KeysError`] if a file is missing, damaged or readable by others, or if the log key is not the one that the
    /// description names.
    pub fn read(&self) -> Result<RegistryKeys, KeysError> {
        let log = self.key(LOG)?;
        let bytes = fs::read(self.dir.join(DESCRIPTION))
            .map_err(|source| self.error("the description of the registry cannot be read", DESCRIPTION, source))?;
        let description = WellKnown::first_contact(&bytes).map_err(|source| {
            self.fault("the description of the registry is damaged", DESCRIPTION, Some(source.into()))
        })?;
        let names = |key: &SigningKey| description.value().log_key == key.public();
        // A replacement that was interrupted has the new description already, and the new key under its first name.
        let log = match self.next_log_key()?.filter(|next| !names(&log) && names(next)) {
            Some(next) => next,
            None if names(&log) => log,
            None => return Err(self.fault("the log key is not the one that the description names", LOG, None)),
        };
        let former = self.former(description.value())?;
        Ok(RegistryKeys { description, log, former })
    }

    /// Reads the descriptions before this one, as far as they were kept.
    fn former(&self, description: &WellKnown) -> Result<Vec<WellKnown>, KeysError> {
        let mut former = Vec::new();
        for version in 1..description.version {
            let name = former_name(version);
            match fs::read(self.dir.join(&name)) {
                Ok(bytes) => {
                    let signed = Signed::<WellKnown>::verify(&bytes, &description.root_key).map_err(|source| {
                        self.fault("a former description of the registry is damaged", &name, Some(source.into()))
                    })?;
                    former.push(signed.into_value());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.error("the file cannot be read", &name, error)),
            }
        }
        Ok(former)
    }

    fn key(&self, name: &str) -> Result<SigningKey, KeysError> {
        let path = self.dir.join(name);
        let mode = fs::metadata(&path).map_err(|source| self.error("the log key cannot be read", name, source))?;
        if mode.permissions().mode() & 0o077 != 0 {
            return Err(self.fault("the log key is readable by others, expected the mode 0600", name, None));
        }
        let text =
            fs::read_to_string(&path).map_err(|source| self.error("the log key cannot be read", name, source))?;
        SigningKey::from_pem(&text, None)
            .map_err(|source| self.fault("the log key is damaged", name, Some(source.into())))
    }

    /// Reads the log key that waits for its description.
    pub(super) fn next_log_key(&self) -> Result<Option<SigningKey>, KeysError> {
        match self.dir.join(NEXT_LOG).exists() {
            true => self.key(NEXT_LOG).map(Some),
            false => Ok(None),
        }
    }

    /// Returns the log key that waits for its description, and makes it if there is none.
    pub(super) fn make_next_log_key(&self, keys: &RegistryKeys) -> Result<SigningKey, KeysError> {
        match self.next_log_key()? {
            Some(next) if next.public() != keys.log.public() => return Ok(next),
            // The last replacement was interrupted before its end.
            Some(_) => self.rename_next()?,
            None => {}
        }
        let key = SigningKey::generate(KeyRole::Publisher)
            .map_err(|source| self.fault("a key cannot be generated", "", Some(source.into())))?;
        let pem =
            key.to_pem(None).map_err(|source| self.fault("a key cannot be written", NEXT_LOG, Some(source.into())))?;
        self.write(NEXT_LOG, pem.as_bytes(), 0o600)?;
        Ok(key)
    }

    /// Replaces the description and the log key. Each step can be the last one: [`Self::read`] finds keys that belong together.
    pub(super) fn install(&self, keys: &RegistryKeys, description: &Signed<WellKnown>) -> Result<(), KeysError> {
        let former = former_name(keys.description.value().version);
        if !self.dir.join(&former).exists() {
            self.write(&former, keys.description.bytes(), 0o644)?;
        }
        let replace = || {
            let mut file = StagedFile::new(&self.dir.join(DESCRIPTION), 0o644)?;
            file.write(description.bytes())?;
            file.persist()
        };
        replace().map_err(|source| self.error("the file cannot be written", DESCRIPTION, source))?;
        self.rename_next()
    }

    fn rename_next(&self) -> Result<(), KeysError> {
        fs::rename(self.dir.join(NEXT_LOG), self.dir.join(LOG))
            .map_err(|source| self.error("the file cannot be renamed", NEXT_LOG, source))
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
