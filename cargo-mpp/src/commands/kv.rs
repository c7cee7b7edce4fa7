//! `mpp kv`: what packages keep here, for the people whose machine it is.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use mpp_host::clock::{Clock, SystemClock, rfc3339};
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::sandbox::kv::{Entry, StateDir, Stored};
use mpp_sdk::wire::nearest;

use crate::atomic::{self, Mode};
use crate::cli::{KvArgs, KvClearArgs, KvCommand, KvExportArgs, KvGetArgs, KvListArgs, KvPackageArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::kv::{Cleared, Export, Key, KeyBytes, Keys, Pair, State, States, ValueBytes, entries_in_words};
use crate::session::Session;
use crate::ui::Ui;
use crate::{packages, ui};

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
        ui.show(&States { states: states.iter().map(|stored| state(session, stored)).collect() })?;
        return Ok(Exit::Done);
    };
    let stored = find(session, package, args.publisher.as_deref())?;
    let (mut keys, mut bytes) = (Vec::new(), 0);
    stored.for_each(args.prefix.as_bytes(), now(), |entry| {
        bytes += (entry.key.len() + entry.value.len()) as u64;
        keys.push(Key { key: KeyBytes::of(entry.key), bytes: entry.value.len() as u64, expires: expires(&entry) });
    })?;
    ui.show(&Keys { state: state(session, &stored), bytes, keys })?;
    Ok(Exit::Done)
}

fn get(session: &Session, ui: &Ui, args: &KvGetArgs) -> Result<Exit, Error> {
    let stored = find_args(session, &args.package)?;
    let key = if args.hex {
        hex::decode(&args.key).map_err(|_| Error::KvKey { key: args.key.clone() })?
    } else {
        args.key.clone().into_bytes()
    };
    let wants_json = ui.wants_json();
    let found = stored.get(&key, now(), |entry| match wants_json {
        true => Ok(pair(&entry)),
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
    stored.for_each(args.prefix.as_bytes(), now(), |entry| entries.push(pair(&entry)))?;
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

fn state(session: &Session, stored: &Stored) -> State {
    State {
        package_id: stored.package_id.clone(),
        publisher: stored.key_digits.clone(),
        file: session.shown(&stored.path),
        file_bytes: stored.path.metadata().map_or(0, |metadata| metadata.len()),
    }
}

fn pair(entry: &Entry<'_>) -> Pair {
    Pair { key: KeyBytes::of(entry.key), value: ValueBytes::of(entry.value), expires: expires(entry) }
}
