//! `mpp kv`: lists, prints, exports and clears the state that packages have stored.

use std::path::Path;
use std::time::SystemTime;

use mpp_home::files::Access;
use mpp_host::clock::rfc3339;
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::KeyId;
use mpp_host::sandbox::kv::{Entry, StateDir, Stored};
use mpp_sdk::wire::nearest;

use crate::cli::{KvArgs, KvClearArgs, KvCommand, KvExportArgs, KvGetArgs, KvListArgs, KvPackageArgs};
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::kv::{
    Cleared, Export, Exported, Found, Key, KeyBytes, Keys, Pair, State, States, ValueBytes, entries_in_words,
};
use crate::session::Session;
use crate::ui::Ui;
use crate::{packages, ui};

/// An error of `mpp kv`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KvError {
    /// The package has not stored anything.
    #[error("no package `{package_id}` has stored state{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoState {
        /// The requested package id.
        package_id: String,
        /// A similar one.
        nearest: Option<String>,
    },
    /// Several publishers use the same package id.
    #[error("{} publishers have stored state for packages named `{package_id}`", publishers.len())]
    ManyStates {
        /// The requested package id.
        package_id: String,
        /// Ids of the publishers' keys.
        publishers: Vec<KeyId>,
    },
    /// The key does not exist.
    #[error("`{package_id}` has no key `{key}`")]
    NoSuchEntry {
        /// The requested key.
        key: String,
        /// Package id.
        package_id: String,
    },
    /// `--hex` was given, and the key is not hexadecimal.
    #[error("`{key}` is not hexadecimal: expected two digits for each byte")]
    NotHex {
        /// The requested key.
        key: String,
    },
    /// The state would be cleared, and there is no terminal to ask for confirmation.
    #[error("{what} would be deleted permanently, but there is no terminal to ask for confirmation")]
    Unconfirmed {
        /// The entries.
        what: String,
    },
    /// The user did not confirm.
    #[error("nothing was deleted: the state of `{package_id}` is unchanged")]
    Kept {
        /// Package id.
        package_id: String,
    },
}

impl Coded for KvError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NoState { .. } => &codes::C050,
            Self::ManyStates { .. } => &codes::C051,
            Self::NoSuchEntry { .. } => &codes::C052,
            Self::NotHex { .. } => &codes::C001,
            Self::Unconfirmed { .. } => &codes::C015,
            Self::Kept { .. } => &codes::C053,
        }
    }
}

impl Explain for KvError {
    fn place(&self) -> Option<String> {
        matches!(self, Self::NotHex { .. }).then(|| "--hex".to_owned())
    }

    fn advice(&self) -> String {
        match self {
            Self::NoState { .. } => {
                "run `mpp kv list` to list packages with stored state; a package has none until one of its tools stores something"
                    .to_owned()
            }
            Self::ManyStates { publishers, .. } => {
                let options: Vec<String> = publishers.iter().map(|key| format!("`--publisher {key}`")).collect();
                format!("name the package file, or choose one: {}", options.join(", "))
            }
            Self::NoSuchEntry { package_id, .. } => format!("run `mpp kv list {package_id}` to list its keys"),
            Self::NotHex { .. } => "for example: 00ff; without `--hex` the key is text".to_owned(),
            Self::Unconfirmed { .. } => {
                "pass `--yes` to delete them; `mpp kv export PKG -o FILE` keeps a copy".to_owned()
            }
            Self::Kept { .. } => {
                "you answered no; `mpp kv export PKG -o FILE` keeps a copy before you clear it".to_owned()
            }
        }
    }
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
        let states = StateDir::new(session.home().state_dir()).all()?;
        ui.show(&States { states: states.iter().map(|stored| state(session, stored)).collect() })?;
        return Ok(Exit::Done);
    };
    let stored = find(session, package, args.publisher.as_deref())?;
    let (mut keys, mut bytes) = (Vec::new(), 0);
    stored.for_each(args.prefix.as_bytes(), now(), |entry| {
        bytes += (entry.key.len() + entry.value.len()) as u64;
        keys.push(Key { key: KeyBytes::of(entry.key), bytes: entry.value.len() as u64, expires_at: expires(&entry) });
    })?;
    ui.show(&Keys { state: state(session, &stored), bytes, keys })?;
    Ok(Exit::Done)
}

fn get(session: &Session, ui: &Ui, args: &KvGetArgs) -> Result<Exit, Error> {
    let stored = find_args(session, &args.package)?;
    let key = if args.hex {
        hex::decode(&args.key).map_err(|_| KvError::NotHex { key: args.key.clone() })?
    } else {
        args.key.clone().into_bytes()
    };
    let wants_json = ui.wants_json();
    let found = stored.get(&key, now(), |entry| match wants_json {
        true => Ok(pair(&entry)),
        false => Err(entry.value.to_vec()),
    })?;
    match found {
        None => return Err(KvError::NoSuchEntry { key: args.key.clone(), package_id: stored.package_id }.into()),
        Some(Ok(entry)) => {
            ui.print_document(&Found { key_id: key_id(session, &stored), package_id: stored.package_id, entry })?;
        }
        // A terminal gets text that cannot control it; a file gets every byte.
        Some(Err(value)) if session.prints_to_terminal() => ui.print_text(&String::from_utf8_lossy(&value))?,
        Some(Err(value)) => ui.print_raw(&value)?,
    }
    Ok(Exit::Done)
}

fn export(session: &Session, ui: &Ui, args: &KvExportArgs) -> Result<Exit, Error> {
    let stored = find_args(session, &args.package)?;
    let mut entries = Vec::new();
    stored.for_each(args.prefix.as_bytes(), now(), |entry| entries.push(pair(&entry)))?;
    let (count, key_id) = (entries.len() as u64, key_id(session, &stored));
    let export = Export { package_id: stored.package_id.clone(), key_id: key_id.clone(), entries };
    match &args.output {
        None => ui.print_document(&export)?,
        Some(path) => {
            let path = session.resolve(path);
            // The state of a package may be confidential.
            packages::write(&path, ui::json_document(&export)?.as_bytes(), Access::Private)?;
            let path = session.shown(&path);
            ui.show(&Exported { package_id: stored.package_id, key_id, path, exported: count })?;
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
            return Err(KvError::Unconfirmed { what }.into());
        }
        if !ui.confirm(&format!("Permanently delete {what}?"))? {
            return Err(KvError::Kept { package_id: stored.package_id }.into());
        }
    }
    let removed = match is_damaged {
        true => stored.remove().map(|()| None)?,
        false => Some(stored.clear()?),
    };
    ui.show(&Cleared { key_id: key_id(session, &stored), package_id: stored.package_id, removed })?;
    Ok(Exit::Done)
}

fn find_args(session: &Session, args: &KvPackageArgs) -> Result<Stored, Error> {
    find(session, &args.package, args.publisher.as_deref())
}

/// Finds the state of a package by its file or its id.
fn find(session: &Session, package: &str, publisher: Option<&str>) -> Result<Stored, Error> {
    let states = StateDir::new(session.home().state_dir());
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
            Err(KvError::NoState { package_id: package.to_owned(), nearest }.into())
        }
        1 => Ok(all.remove(0)),
        _ => Err(KvError::ManyStates {
            package_id: package.to_owned(),
            publishers: all.iter().map(|stored| key_id(session, stored)).collect(),
        }
        .into()),
    }
}

fn of_file(states: &StateDir, path: &Path) -> Result<Stored, Error> {
    let package = packages::open(path)?;
    Ok(states.of(&package.manifest().package_id, package.publisher_key()))
}

/// Returns the id of the key under which a state is stored.
fn key_id(session: &Session, stored: &Stored) -> KeyId {
    session.home().key_ids().of_stored(stored)
}

fn now() -> SystemTime {
    SystemTime::now()
}

fn expires(entry: &Entry<'_>) -> Option<String> {
    entry.expires.map(rfc3339)
}

fn state(session: &Session, stored: &Stored) -> State {
    State {
        package_id: stored.package_id.clone(),
        key_id: key_id(session, stored),
        path: session.shown(&stored.path),
        database_bytes: stored.path.metadata().map_or(0, |metadata| metadata.len()),
    }
}

fn pair(entry: &Entry<'_>) -> Pair {
    Pair { key: KeyBytes::of(entry.key), value: ValueBytes::of(entry.value), expires_at: expires(entry) }
}
