//! `mpp registry add`: pins a registry's root key and adds the registry to the configuration.

use mpp_home::files::{self, Access};
use mpp_host::codes::{Code, Coded};
use mpp_registry::client::{Config, Registry, RegistryEntry, Retry};
use mpp_registry::note::VerifierKey;

use crate::cli::RegistryAddArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::registries::{self, Registries};
use crate::reports::installs::RegistryAdded;
use crate::session::Session;
use crate::ui::Ui;

/// An error of `mpp registry add`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddError {
    /// Nobody can compare the key.
    #[error("nobody can be asked whether the root key of the registry is right")]
    KeyRequired {
        /// URL of the registry.
        url: String,
        /// The key that the registry has.
        found: String,
    },
    /// The answer was no.
    #[error("you did not accept the root key of the registry")]
    Declined,
    /// The registry has another key than the given one.
    #[error("the registry has another root key than the given one")]
    OtherKey {
        /// URL of the registry.
        url: String,
        /// The given key.
        expected: String,
        /// The key that the registry has.
        found: String,
    },
}

impl Coded for AddError {
    fn code(&self) -> &'static Code {
        match self {
            Self::KeyRequired { .. } => &codes::C047,
            Self::Declined => &codes::C048,
            Self::OtherKey { .. } => &mpp_registry::codes::N027,
        }
    }
}

impl Explain for AddError {
    fn place(&self) -> Option<String> {
        match self {
            Self::KeyRequired { url, .. } | Self::OtherKey { url, .. } => Some(url.clone()),
            Self::Declined => None,
        }
    }

    fn notes(&self) -> Vec<String> {
        match self {
            Self::KeyRequired { found, .. } => vec![format!("the registry says that its root key is {found}")],
            Self::OtherKey { expected, found, .. } => vec![format!("given: {expected}\nfound: {found}")],
            Self::Declined => Vec::new(),
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::KeyRequired { .. } => {
                "compare the key with one from a source that you trust, and pass it: `--key 'KEY'`".to_owned()
            }
            Self::Declined => "nothing was added; ask the operator of the registry for its root key".to_owned(),
            Self::OtherKey { .. } => crate::codes::help(self.code()),
        }
    }
}

/// Reads the root key from the registry, has it confirmed, and proves that the log begins with the record of this registry.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryAddArgs) -> Result<Exit, Error> {
    #[cfg(feature = "oci")]
    if mpp_registry::oci::OciAddress::is_meant(&args.url) {
        return add_oci(session, ui, args);
    }
    let given = args.key.as_deref().map(str::parse::<VerifierKey>).transpose()?;
    let registries = Registries::load(session)?;
    let placeholder = |key| {
        let mut entry = RegistryEntry::new(name(args), key, args.url.clone());
        entry.urls.extend(args.mirror.iter().cloned());
        entry.prefixes.clone_from(&args.prefix);
        entry.certificates = args.ca.as_ref().map(|file| session.resolve(file));
        entry.allow_http = args.allow_http;
        entry
    };
    // Before the key is known, only the URL and the certificates of the entry are used.
    let remote = registries.remote(&placeholder_entry(args, session), Retry::default())?;
    ui.progress("Asking", remote.url(), false);
    let found = registries.run(Registry::first_contact(&remote));
    ui.progress_done();
    let found = found?;
    confirm(session, ui, args, given.as_ref(), &found)?;
    let entry = placeholder(found);
    // What would not be valid is not added, and the registry is not asked further.
    let path = session.home().config_file();
    let text = registries::text(session)?;
    let is_default = registries.config().default.is_none();
    let new = Config::with(&text, &path, &entry, is_default)?;
    let registry = registries.open(&entry)?;
    let view = registries.run(async {
        let view = registry.refresh().await?;
        registry.check_genesis(&view).await?;
        Ok::<_, mpp_registry::client::ClientError>(view)
    })?;
    files::create_dir(session.home().root(), Access::Private)?;
    files::write(&path, new.as_bytes(), Access::Private)?;
    ui.show(&RegistryAdded {
        name: entry.name.clone(),
        origin: Some(registry.origin().to_string()),
        root_key: Some(registry.root_key().to_string()),
        url: args.url.clone(),
        prefixes: entry.prefixes,
        is_default,
        log_size: Some(view.size()),
    })?;
    Ok(Exit::Done)
}

/// Adds an OCI registry, which has no key: its packages are trusted for their publishers' signatures.
#[cfg(feature = "oci")]
fn add_oci(session: &Session, ui: &Ui, args: &RegistryAddArgs) -> Result<Exit, Error> {
    let address = mpp_registry::oci::OciAddress::parse(&args.url)?;
    let lacks = |what| Err(crate::registries::NotInOci { registry: name(args), what }.into());
    if args.key.is_some() {
        return lacks("root key");
    }
    if !args.mirror.is_empty() {
        return lacks("mirrors");
    }
    let mut entry = RegistryEntry::oci(name(args), address.to_string());
    entry.prefixes.clone_from(&args.prefix);
    entry.certificates = args.ca.as_ref().map(|file| session.resolve(file));
    entry.allow_http = args.allow_http;
    let registries = Registries::load(session)?;
    registries.open_oci(&entry)?;
    let is_default = registries.config().default.is_none();
    save(session, &entry, is_default)?;
    ui.show(&RegistryAdded {
        name: entry.name,
        origin: None,
        root_key: None,
        url: address.to_string(),
        prefixes: entry.prefixes,
        is_default,
        log_size: None,
    })?;
    Ok(Exit::Done)
}

/// Adds an entry to the configuration.
#[cfg(feature = "oci")]
fn save(session: &Session, entry: &RegistryEntry, is_default: bool) -> Result<(), Error> {
    let path = session.home().config_file();
    let new = Config::with(&registries::text(session)?, &path, entry, is_default)?;
    files::create_dir(session.home().root(), Access::Private)?;
    Ok(files::write(&path, new.as_bytes(), Access::Private)?)
}

/// The entry as far as it is known before the first contact.
fn placeholder_entry(args: &RegistryAddArgs, session: &Session) -> RegistryEntry {
    let mut entry = RegistryEntry::unpinned(name(args), args.url.clone());
    entry.certificates = args.ca.as_ref().map(|file| session.resolve(file));
    entry.allow_http = args.allow_http;
    entry
}

/// Compares the root key with the given one, or asks.
fn confirm(
    session: &Session,
    ui: &Ui,
    args: &RegistryAddArgs,
    given: Option<&VerifierKey>,
    found: &VerifierKey,
) -> Result<(), Error> {
    let (url, shown) = (args.url.clone(), found.to_string());
    match given {
        Some(given) if given == found => Ok(()),
        Some(given) => Err(AddError::OtherKey { url, expected: given.to_string(), found: shown }.into()),
        None if !session.can_ask() || ui.wants_json() => Err(AddError::KeyRequired { url, found: shown }.into()),
        None => {
            ui.note(&format!(
                "the root key of {} is\n{shown}\ncompare it with one from a source that you trust",
                found.name()
            ));
            match ui.confirm("Is this the right key?")? {
                true => Ok(()),
                false => Err(AddError::Declined.into()),
            }
        }
    }
}

/// Returns the name that the user chose, or the host of the URL.
fn name(args: &RegistryAddArgs) -> String {
    let host = || {
        let rest = args.url.split_once("://").map_or(args.url.as_str(), |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_lowercase();
        host.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
    };
    args.name.clone().unwrap_or_else(host)
}
