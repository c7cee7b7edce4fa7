//! The user's keys, in `keys` of the home directory, readable by the owner only.
//!
//! `publisher.key` signs packages that are published. `development.key`, created when it is first needed, signs everything else. The
//! public half of each of the user's own keys is in this directory as `*.pub`, wherever the private half is kept.

use std::path::{Path, PathBuf};

use mpp_host::keys::{KeyError, KeyId, KeyRole, PublicKey, SigningKey};
use zeroize::Zeroizing;

use crate::error::HomeError;
use crate::files::{self, Access, FileError};

/// The name of the publisher's key pair.
pub const PUBLISHER: &str = "publisher";
const DEVELOPMENT: &str = "development";
/// No key file of any kind is longer.
const KEY_FILE: u64 = 64 * 1024;

/// The user's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    dir: PathBuf,
}

/// A new key pair on disk.
#[derive(Debug)]
#[non_exhaustive]
pub struct KeyPair {
    /// The file of the private key.
    pub private: PathBuf,
    /// The file of the public key.
    pub public: PathBuf,
    /// The key id.
    pub id: KeyId,
    /// The copy of the public key in the user's keys, if the pair is in another directory.
    pub recorded: Option<PathBuf>,
}

/// The key that signs if none is named.
#[derive(Debug)]
#[non_exhaustive]
pub struct DefaultKey {
    /// The key.
    pub key: SigningKey,
    /// The file of a development key that was created now.
    pub created: Option<PathBuf>,
}

impl Keys {
    pub(crate) fn in_dir(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The directory of the keys.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.dir.clone()
    }

    /// The file of the publisher's private key, which may not exist.
    #[must_use]
    pub fn publisher_key(&self) -> PathBuf {
        self.dir.join(PUBLISHER).with_extension("key")
    }

    /// Creates a publisher's key pair, `NAME.key` and `NAME.pub` in `dir`, encrypted if there is a passphrase.
    ///
    /// # Errors
    /// Returns [`FileError::Exists`] if one of the files exists, and an error if a file cannot be written.
    pub fn generate(&self, dir: &Path, name: &str, passphrase: Option<&str>) -> Result<KeyPair, HomeError> {
        let (private, public) = (dir.join(format!("{name}.key")), dir.join(format!("{name}.pub")));
        for path in [&private, &public] {
            if path.symlink_metadata().is_ok() {
                return Err(FileError::Exists { path: path.clone() }.into());
            }
        }
        let key = SigningKey::generate(KeyRole::Publisher).map_err(|error| HomeError::key(&private, error))?;
        write_pair(&key, &private, &public, passphrase)?;
        let recorded = if dir == self.dir { None } else { Some(self.record(&key)?) };
        Ok(KeyPair { private, public, id: key.id(), recorded })
    }

    /// The key that signs if none is named: the publisher's, or else the development key, which is created if it is missing.
    /// `passphrase` is asked for the passphrase of an encrypted key.
    ///
    /// # Errors
    /// Returns an error if a key exists and cannot be used, or if none can be created.
    pub fn default_key<E: From<HomeError>>(
        &self,
        passphrase: impl FnOnce(&Path) -> Result<Option<Zeroizing<String>>, E>,
    ) -> Result<DefaultKey, E> {
        let publisher = self.publisher_key();
        if publisher.symlink_metadata().is_ok() {
            return Ok(DefaultKey { key: self.load(&publisher, passphrase)?, created: None });
        }
        let (private, public) =
            (self.dir.join(DEVELOPMENT).with_extension("key"), self.dir.join(DEVELOPMENT).with_extension("pub"));
        let created = self.ensure_development_key(&private, &public)?;
        let key = self.load(&private, passphrase)?;
        if public.symlink_metadata().is_err() {
            files::write(&public, key.public().to_pem().as_bytes(), Access::Shared).map_err(HomeError::from)?;
        }
        Ok(DefaultKey { key, created })
    }

    /// Reads a private key. `passphrase` is called for an encrypted key; if it returns `None`, the key cannot be used.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, is readable by others, or is not an Ed25519 key, and the error of `passphrase`.
    pub fn load<E: From<HomeError>>(
        &self,
        path: &Path,
        passphrase: impl FnOnce(&Path) -> Result<Option<Zeroizing<String>>, E>,
    ) -> Result<SigningKey, E> {
        let pem = Zeroizing::new(read_private(path)?);
        let failed = |error| HomeError::key(path, error);
        let key = match SigningKey::from_pem(&pem, None) {
            Err(KeyError::PassphraseNeeded) => {
                let passphrase = passphrase(path)?.ok_or_else(|| failed(KeyError::PassphraseNeeded))?;
                SigningKey::from_pem(&pem, Some(&passphrase)).map_err(failed)?
            }
            end => end.map_err(failed)?,
        };
        let is_development = path == self.dir.join(DEVELOPMENT).with_extension("key");
        Ok(if is_development { key.with_role(KeyRole::Development) } else { key })
    }

    /// The public half of each of the user's own keys.
    ///
    /// # Errors
    /// Returns an error if a `*.pub` file is not a public key.
    pub fn own(&self) -> Result<Vec<PublicKey>, HomeError> {
        files::list("your keys", &self.dir, "pub")?.iter().map(|path| read_public_key(path)).collect()
    }

    /// The user's own public keys with their ids; the id of the development key starts with `dev_`.
    ///
    /// # Errors
    /// Returns an error if a `*.pub` file is not a public key.
    pub fn own_with_ids(&self) -> Result<Vec<(KeyId, PublicKey)>, HomeError> {
        let mut own = Vec::new();
        for path in files::list("your keys", &self.dir, "pub")? {
            let is_development = path.file_stem().is_some_and(|stem| stem == DEVELOPMENT);
            let role = if is_development { KeyRole::Development } else { KeyRole::Publisher };
            let key = read_public_key(&path)?;
            own.push((key.id(role), key));
        }
        Ok(own)
    }

    /// Creates the development key unless it exists, and returns its file if it did not.
    fn ensure_development_key(&self, private: &Path, public: &Path) -> Result<Option<PathBuf>, HomeError> {
        if private.symlink_metadata().is_ok() {
            return Ok(None);
        }
        let key = SigningKey::generate(KeyRole::Development).map_err(|error| HomeError::key(private, error))?;
        match write_pair(&key, private, public, None) {
            Ok(()) => Ok(Some(private.to_owned())),
            // Another process was faster; its key is as good.
            Err(HomeError::File(FileError::Exists { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn record(&self, key: &SigningKey) -> Result<PathBuf, HomeError> {
        files::create_dir(&self.dir, Access::Private)?;
        let path = self.dir.join(format!("{}.pub", key.id()));
        files::write(&path, key.public().to_pem().as_bytes(), Access::Shared)?;
        Ok(path)
    }
}

/// Reads a public key.
///
/// # Errors
/// Returns an error if the file cannot be read or is not an Ed25519 public key.
pub fn read_public_key(path: &Path) -> Result<PublicKey, HomeError> {
    let pem = files::read_text("the public key", path, KEY_FILE)?;
    PublicKey::from_pem(&pem).map_err(|error| HomeError::key(path, error))
}

fn read_private(path: &Path) -> Result<String, HomeError> {
    let failed = |source| FileError::read("the private key", path, source);
    let file = std::fs::File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let text = files::text_of(file, KEY_FILE).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        // Others may read a public key; that it cannot sign is what the user has to hear.
        if mode & 0o077 != 0 && text.contains("PRIVATE KEY-----") {
            return Err(HomeError::LooseKey { path: path.to_owned(), mode });
        }
    }
    #[cfg(not(unix))]
    drop(metadata);
    Ok(text)
}

fn write_pair(key: &SigningKey, private: &Path, public: &Path, passphrase: Option<&str>) -> Result<(), HomeError> {
    let pem = key.to_pem(passphrase).map_err(|error| HomeError::key(private, error))?;
    if let Some(parent) = private.parent() {
        files::create_dir(parent, Access::Private)?;
    }
    files::create(private, pem.as_bytes(), Access::Private)?;
    files::create(public, key.public().to_pem().as_bytes(), Access::Shared)?;
    Ok(())
}
