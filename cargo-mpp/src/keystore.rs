//! The user's keys: `MPP_HOME/keys`, the owner's alone.
//!
//! `publisher.key` signs what is published, `development.key` (made when it is first needed) what is not. The public
//! half of every key that is the user's own lies here as `*.pub`, wherever its private half is kept.

use std::io::Read;
use std::path::{Path, PathBuf};

use mpp_host::keys::{KeyError, KeyId, KeyRole, PublicKey, SigningKey};
use zeroize::Zeroizing;

use crate::atomic::{self, Mode};
use crate::error::Error;
use crate::session::Session;
use crate::ui::Ui;

/// The name of the publisher's key pair.
pub(crate) const PUBLISHER: &str = "publisher";
const DEVELOPMENT: &str = "development";
/// No key file of any sort is longer.
const KEY_FILE: u64 = 64 * 1024;

/// A new key pair on disk.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The private half's file.
    pub(crate) private: PathBuf,
    /// The public half's file.
    pub(crate) public: PathBuf,
    /// Its name for people.
    pub(crate) id: KeyId,
    /// Where the public half was recorded as the user's own, when the pair lies elsewhere.
    pub(crate) recorded: Option<PathBuf>,
}

/// The directory.
pub(crate) fn directory(session: &Session) -> PathBuf {
    session.home().join("keys")
}

/// The publisher's private key, whether it is there or not.
pub(crate) fn publisher_key(session: &Session) -> PathBuf {
    directory(session).join(PUBLISHER).with_extension("key")
}

/// Whether this is the development key's file, which signs as what it is even when it is named.
pub(crate) fn is_development(session: &Session, path: &Path) -> bool {
    path == directory(session).join(DEVELOPMENT).with_extension("key")
}

/// Makes a publisher's key pair `NAME.key` and `NAME.pub` in `dir`.
///
/// # Errors
/// [`Error::Exists`] where one of the files is there; whatever writing fails with.
pub(crate) fn generate(session: &Session, dir: &Path, name: &str, passphrase: Option<&str>) -> Result<Pair, Error> {
    let (private, public) = (dir.join(format!("{name}.key")), dir.join(format!("{name}.pub")));
    for path in [&private, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(Error::Exists { path: path.clone() });
        }
    }
    let key = SigningKey::generate(KeyRole::Publisher).map_err(|error| Error::key(&private, error))?;
    write_pair(&key, &private, &public, passphrase)?;
    let own = directory(session);
    let recorded = if dir == own { None } else { Some(record(&own, &key)?) };
    Ok(Pair { private, public, id: key.id(), recorded })
}

/// The key that signs where none is named: the publisher's, else the development key, which is made when missing.
///
/// # Errors
/// Where a key is there and cannot be used, or none can be made.
pub(crate) fn default_signer(session: &Session, ui: &Ui) -> Result<SigningKey, Error> {
    let publisher = publisher_key(session);
    if publisher.symlink_metadata().is_ok() {
        return load(session, ui, &publisher);
    }
    let own = directory(session);
    let (private, public) = (own.join(format!("{DEVELOPMENT}.key")), own.join(format!("{DEVELOPMENT}.pub")));
    if private.symlink_metadata().is_err() {
        let key = SigningKey::generate(KeyRole::Development).map_err(|error| Error::key(&private, error))?;
        match write_pair(&key, &private, &public, None) {
            Ok(()) => ui.detail("Made", &format!("a local development key {} ({})", key.id(), private.display())),
            // Another process was quicker; its key is as good.
            Err(Error::Exists { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let key = load(session, ui, &private)?.with_role(KeyRole::Development);
    if public.symlink_metadata().is_err() {
        atomic::write(&public, key.public().to_pem().as_bytes(), Mode::Shared)?;
    }
    Ok(key)
}

/// Reads a private key; asks for its passphrase, or takes it from `MPP_KEY_PASSPHRASE`, where it is encrypted.
///
/// # Errors
/// Where it cannot be read, others may read it, or it is no Ed25519 key.
pub(crate) fn load(session: &Session, ui: &Ui, path: &Path) -> Result<SigningKey, Error> {
    let pem = Zeroizing::new(read_private(path)?);
    match SigningKey::from_pem(&pem, None) {
        Err(KeyError::PassphraseNeeded) => {
            let passphrase = match given_passphrase(session)? {
                Some(passphrase) => passphrase,
                None if session.can_ask() => ui.passphrase(&format!("passphrase of {}", session.shown(path)))?,
                None => return Err(Error::key(path, KeyError::PassphraseNeeded)),
            };
            let passphrase = Zeroizing::new(passphrase);
            SigningKey::from_pem(&pem, Some(&passphrase)).map_err(|error| Error::key(path, error))
        }
        end => end.map_err(|error| Error::key(path, error)),
    }
}

/// A passphrase for a new key.
///
/// # Errors
/// Where it can neither be asked for nor read from the environment, or two answers differ.
pub(crate) fn new_passphrase(session: &Session, ui: &Ui) -> Result<Zeroizing<String>, Error> {
    if let Some(passphrase) = given_passphrase(session)? {
        return Ok(Zeroizing::new(passphrase));
    }
    if !session.can_ask() {
        return Err(Error::NoPassphrase);
    }
    let first = Zeroizing::new(ui.passphrase("new passphrase")?);
    let second = Zeroizing::new(ui.passphrase("the same again")?);
    if first.is_empty() || first != second {
        return Err(Error::PassphrasesDiffer);
    }
    Ok(first)
}

/// Every key that is the user's own.
///
/// # Errors
/// Where a `*.pub` file is no public key.
pub(crate) fn own_keys(session: &Session) -> Result<Vec<PublicKey>, Error> {
    let dir = directory(session);
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::read("your keys", &dir, error)),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pub"));
    paths.sort();
    paths.iter().map(|path| read_public(path)).collect()
}

/// Reads a public key.
///
/// # Errors
/// Where it cannot be read or is no Ed25519 public key.
pub(crate) fn read_public(path: &Path) -> Result<PublicKey, Error> {
    let pem = std::fs::File::open(path)
        .and_then(|file| read_text(file.take(KEY_FILE)))
        .map_err(|source| Error::read("the public key", path, source))?;
    PublicKey::from_pem(&pem).map_err(|error| Error::key(path, error))
}

fn read_private(path: &Path) -> Result<String, Error> {
    let failed = |source| Error::read("the private key", path, source);
    let file = std::fs::File::open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::LooseKey { path: path.to_owned(), mode });
        }
    }
    read_text(file.take(KEY_FILE)).map_err(failed)
}

fn read_text(mut from: impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn given_passphrase(session: &Session) -> Result<Option<String>, Error> {
    if let Some(value) = session.variable("MPP_KEY_PASSPHRASE") {
        return Ok(Some(value.to_string_lossy().into_owned()).filter(|value| !value.is_empty()));
    }
    let Some(path) = session.variable("MPP_KEY_PASSPHRASE_FILE").filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let path = session.resolve(Path::new(&path));
    let text = std::fs::File::open(&path)
        .and_then(|file| read_text(file.take(KEY_FILE)))
        .map_err(|source| Error::read("the passphrase", &path, source))?;
    Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
}

fn write_pair(key: &SigningKey, private: &Path, public: &Path, passphrase: Option<&str>) -> Result<(), Error> {
    let pem = key.to_pem(passphrase).map_err(|error| Error::key(private, error))?;
    if let Some(parent) = private.parent() {
        atomic::directory(parent, Mode::Private)?;
    }
    atomic::create(private, pem.as_bytes(), Mode::Private)?;
    atomic::create(public, key.public().to_pem().as_bytes(), Mode::Shared)
}

fn record(own: &Path, key: &SigningKey) -> Result<PathBuf, Error> {
    atomic::directory(own, Mode::Private)?;
    let path = own.join(format!("{}.pub", key.id()));
    atomic::write(&path, key.public().to_pem().as_bytes(), Mode::Shared)?;
    Ok(path)
}
