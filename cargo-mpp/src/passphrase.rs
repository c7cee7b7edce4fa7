//! Passphrases of private keys: from the environment, or asked for on the terminal.

use std::path::Path;

use mpp_home::files;
use mpp_host::codes::{Code, Coded};
use zeroize::Zeroizing;

use crate::codes;
use crate::error::{Error, Explain};
use crate::session::Session;
use crate::ui::Ui;

/// The first line of a longer file is enough for every passphrase.
const LIMIT: u64 = 64 * 1024;

/// The error returned when there is no passphrase for a new key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PassphraseError {
    /// There is no terminal to ask on.
    #[error("a passphrase is required, but there is no terminal to ask on")]
    Missing,
    /// The two answers differ, or are empty.
    #[error("the passphrases are empty or do not match; no key was created")]
    Mismatch,
}

impl Coded for PassphraseError {
    fn code(&self) -> &'static Code {
        &codes::C018
    }
}

impl Explain for PassphraseError {
    fn advice(&self) -> String {
        let advice = match self {
            Self::Missing => "set `MPP_KEY_PASSPHRASE`, or name a file in `MPP_KEY_PASSPHRASE_FILE`",
            Self::Mismatch => "run the command again",
        };
        advice.to_owned()
    }
}

/// Returns the passphrase of an encrypted key; `None` if it is not in the environment and the user cannot be asked.
///
/// # Errors
/// Returns an error if the passphrase file or the terminal cannot be read.
pub(crate) fn of_key(session: &Session, ui: &Ui, key: &Path) -> Result<Option<Zeroizing<String>>, Error> {
    match from_environment(session)? {
        Some(passphrase) => Ok(Some(passphrase)),
        None if session.can_ask() => {
            Ok(Some(Zeroizing::new(ui.passphrase(&format!("Passphrase of {}", session.shown(key)))?)))
        }
        None => Ok(None),
    }
}

/// Returns a passphrase for a new key.
///
/// # Errors
/// Returns [`PassphraseError`] if there is none, or an error if the passphrase file or the terminal cannot be read.
pub(crate) fn of_new_key(session: &Session, ui: &Ui) -> Result<Zeroizing<String>, Error> {
    if let Some(passphrase) = from_environment(session)? {
        return Ok(passphrase);
    }
    if !session.can_ask() {
        return Err(PassphraseError::Missing.into());
    }
    let first = Zeroizing::new(ui.passphrase("New passphrase")?);
    let second = Zeroizing::new(ui.passphrase("Repeat the passphrase")?);
    if first.is_empty() || first != second {
        return Err(PassphraseError::Mismatch.into());
    }
    Ok(first)
}

fn from_environment(session: &Session) -> Result<Option<Zeroizing<String>>, Error> {
    if let Some(value) = session.variable("MPP_KEY_PASSPHRASE") {
        let value = value.to_string_lossy().into_owned();
        return Ok(Some(Zeroizing::new(value)).filter(|value| !value.is_empty()));
    }
    let Some(path) = session.variable("MPP_KEY_PASSPHRASE_FILE").filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let text = Zeroizing::new(files::read_text("the passphrase", &session.resolve(Path::new(&path)), LIMIT)?);
    Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
}
