//! `mpp kv`: what packages keep here, for the people whose machine it is.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use mpp_host::clock::{Clock, SystemClock, rfc3339};
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::sandbox::kv::{Entry, StateDir, Stored};
use mpp_sdk::wire::nearest;
use serde::Serialize;

use crate::atomic::{self, Mode};
use crate::cli::{KvArgs, KvClearArgs, KvCommand, KvExportArgs, KvGetArgs, KvListArgs, KvPackageArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;
use crate::{packages, ui};

/// Which packages keep something here.
#[derive(Debug, Serialize)]
pub(crate) struct States {
    /// One for each package and publisher.
    pub(crate) states: Vec<State>,
}

/// The state of one package by one publisher.
#[derive(Debug, Serialize)]
pub(crate) struct State {
    /// The package.
    pub(crate) package_id: String,
    /// What stands behind `pub_` or `dev_` in the id of the publisher's key.
    pub(crate) publisher: String,
    /// Where it is.
    pub(crate) file: String,
    /// Bytes that it takes on the disk.
    pub(crate) file_bytes: u64,
}

/// The keys of a state.
#[derive(Debug, Serialize)]
pub(crate) struct Keys {
    /// Whose.
    #[serde(flatten)]
    pub(crate) state: State,
    /// Bytes of these keys and their values.
    pub(crate) bytes: u64,
    /// In order.
    pub(crate) keys: Vec<Key>,
}

/// A key and what is known about its value.
#[derive(Debug, Serialize)]
pub(crate) struct Key {
    /// As text, or in hexadecimal.
    #[serde(flatten)]
    pub(crate) key: KeyBytes,
    /// Bytes of the value.
    pub(crate) bytes: u64,
    /// When it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// A key: text where it is, else hexadecimal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyBytes {
    /// UTF-8.
    Key(String),
    /// Anything else.
    KeyHex(String),
}

/// A value: text where it is, else hexadecimal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValueBytes {
    /// UTF-8.
    Value(String),
    /// Anything else.
    ValueHex(String),
}

/// A key and its value.
#[derive(Debug, Serialize)]
struct Pair {
    #[serde(flatten)]
    key: KeyBytes,
    #[serde(flatten)]
    value: ValueBytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// A whole state.
#[derive(Debug, Serialize)]
struct Export {
    package_id: String,
    publisher: String,
    entries: Vec<Pair>,
}

/// What was done to a state.
#[derive(Debug, Serialize)]
pub(crate) struct Cleared {
    /// Whose it was.
    pub(crate) package_id: String,
    /// What stands behind `pub_` or `dev_` in the id of the publisher's key.
    pub(crate) publisher: String,
    /// Entries that were removed; none is counted in a state that was damaged.
    pub(crate) removed: Option<u64>,
}

/// Lists, gets, exports or clears.
pub(crate) fn run(session: &Session, ui: &Ui, args: &KvArgs) -> Result<Exit, Error> {
    match &args.command {
        KvCommand::List(args) => list(session, ui, args),
        KvCommand::Get(args) => get(session, ui, args),
        KvCommand::Export(args) => export(session, ui, args),
        KvCommand::Clear(args) => clear(session, ui, args),
    }
}

fn list(session: &Session, ui: &Ui, args: &KvListArgs) -> Result<Exit, Error> {
    let Some(package) = &args.package else {
        let states = StateDir::new(session.state_dir()).all()?;
        ui.show(&States { states: states.iter().map(|stored| State::of(session, stored)).collect() })?;
        return Ok(Exit::Done);
    };
    let stored = find(session, package, args.publisher.as_deref())?;
    let (mut keys, mut bytes) = (Vec::new(), 0);
    stored.for_each(args.prefix.as_bytes(), now(), |entry| {
        bytes += (entry.key.len() + entry.value.len()) as u64;
        keys.push(Key { key: KeyBytes::of(entry.key), bytes: entry.value.len() as u64, expires: expires(&entry) });
    })?;
    ui.show(&Keys { state: State::of(session, &stored), bytes, keys })?;
    Ok(Exit::Done)
}

fn get(session: &Session, ui: &Ui, args: &KvGetArgs) -> Result<Exit, Error> {
    let stored = find_args(session, &args.package)?;
    let key = if args.hex {
        unhex(&args.key).ok_or_else(|| Error::KvKey { key: args.key.clone() })?
    } else {
        args.key.clone().into_bytes()
    };
    let wants_json = ui.wants_json();
    let found = stored.get(&key, now(), |entry| match wants_json {
        true => Ok(Pair::of(&entry)),
        false => Err(entry.value.to_vec()),
    })?;
    match found {
        None => return Err(Error::NoSuchEntry { key: args.key.clone(), package_id: stored.package_id }),
        Some(Ok(pair)) => ui.print_json(&pair)?,
        // As it is: text on a terminal is what the tool wrote, and a file gets every byte.
        Some(Err(value)) if session.prints_to_terminal() => ui.print_value(&value)?,
        Some(Err(value)) => ui.print_raw(&value)?,
    }
    Ok(Exit::Done)
}

fn export(session: &Session, ui: &Ui, args: &KvExportArgs) -> Result<Exit, Error> {
    let stored = find_args(session, &args.package)?;
    let mut entries = Vec::new();
    stored.for_each(args.prefix.as_bytes(), now(), |entry| entries.push(Pair::of(&entry)))?;
    let count = entries.len();
    let export = Export { package_id: stored.package_id.clone(), publisher: stored.key_digits, entries };
    match &args.output {
        None => ui.print_json(&export)?,
        Some(path) => {
            let path = session.resolve(path);
            // What a package keeps may be anybody's business.
            atomic::write(&path, ui::json_document(&export)?.as_bytes(), Mode::Private)?;
            ui.status(
                "Exported",
                &format!("{} of {} to {}", entries_in_words(count as u64), stored.package_id, session.shown(&path)),
            );
        }
    }
    Ok(Exit::Done)
}

fn clear(session: &Session, ui: &Ui, args: &KvClearArgs) -> Result<Exit, Error> {
    let stored = find_args(session, &args.package)?;
    let mut count = 0_u64;
    let is_damaged = match stored.for_each(b"", now(), |_| count += 1) {
        Ok(()) => false,
        Err(error) if error.is_damaged() => true,
        Err(error) => return Err(error.into()),
    };
    let what = match is_damaged {
        true => format!("the damaged state of {}", stored.package_id),
        false => format!("{} of {}", entries_in_words(count), stored.package_id),
    };
    if !args.yes {
        if !session.can_ask() || ui.wants_json() {
            return Err(Error::KvClearUnasked { what });
        }
        if !ui.confirm(&format!("remove {what}, for ever?"))? {
            return Err(Error::KvKept { package_id: stored.package_id });
        }
    }
    let removed = match is_damaged {
        true => stored.remove().map(|()| None)?,
        false => Some(stored.clear()?),
    };
    ui.show(&Cleared { package_id: stored.package_id, publisher: stored.key_digits, removed })?;
    Ok(Exit::Done)
}

/// `1 entry`, `2 entries`.
pub(crate) fn entries_in_words(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

fn find_args(session: &Session, args: &KvPackageArgs) -> Result<Stored, Error> {
    find(session, &args.package, args.publisher.as_deref())
}

/// The state of a package file, or of a package id that has one.
fn find(session: &Session, package: &str, publisher: Option<&str>) -> Result<Stored, Error> {
    let states = StateDir::new(session.state_dir());
    let path = session.resolve(Path::new(package));
    if path.is_file() || package.contains('/') || package.ends_with(".mpp") {
        return of_file(&states, &path);
    }
    let mut all = states.all()?;
    let wanted = publisher.map(|key| key.trim_start_matches("pub_").trim_start_matches("dev_"));
    let ids: Vec<String> = all.iter().map(|stored| stored.package_id.clone()).collect();
    all.retain(|stored| stored.package_id == package && wanted.is_none_or(|wanted| stored.key_digits == wanted));
    match all.len() {
        0 => {
            let nearest =
                nearest(package, ids.iter().map(String::as_str)).filter(|id| *id != package).map(str::to_owned);
            Err(Error::NoState { package_id: package.to_owned(), nearest })
        }
        1 => Ok(all.remove(0)),
        _ => Err(Error::ManyStates {
            package_id: package.to_owned(),
            publishers: all.into_iter().map(|stored| stored.key_digits).collect(),
        }),
    }
}

fn of_file(states: &StateDir, path: &Path) -> Result<Stored, Error> {
    let gate = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
    let package = gate
        .verify(UnverifiedPackage::new(packages::read(path)?))
        .outcome
        .map_err(|refusal| Error::Refused { path: path.to_owned(), refusal: Box::new(refusal) })?;
    Ok(states.of(&package.manifest().package_id, package.publisher_key()))
}

fn now() -> SystemTime {
    SystemClock::new().now()
}

fn expires(entry: &Entry<'_>) -> Option<String> {
    entry.expires.map(rfc3339)
}

impl State {
    fn of(session: &Session, stored: &Stored) -> Self {
        Self {
            package_id: stored.package_id.clone(),
            publisher: stored.key_digits.clone(),
            file: session.shown(&stored.path),
            file_bytes: stored.path.metadata().map_or(0, |metadata| metadata.len()),
        }
    }
}

impl Pair {
    fn of(entry: &Entry<'_>) -> Self {
        Self { key: KeyBytes::of(entry.key), value: ValueBytes::of(entry.value), expires: expires(entry) }
    }
}

impl KeyBytes {
    fn of(bytes: &[u8]) -> Self {
        std::str::from_utf8(bytes).map_or_else(|_| Self::KeyHex(hex(bytes)), |text| Self::Key(text.to_owned()))
    }
}

impl ValueBytes {
    fn of(bytes: &[u8]) -> Self {
        std::str::from_utf8(bytes).map_or_else(|_| Self::ValueHex(hex(bytes)), |text| Self::Value(text.to_owned()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::{hex, unhex};

    #[test]
    fn hexadecimal_there_and_back() {
        assert_eq!(unhex(&hex(b"\0\xffa")).as_deref(), Some(b"\0\xffa".as_slice()));
        assert_eq!((unhex("0"), unhex("0g")), (None, None));
    }
}
