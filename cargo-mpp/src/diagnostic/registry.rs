//! Explains the errors of registries in terms of commands.

use mpp_host::codes::Coded as _;
use mpp_registry::client::{
    Alarm, ClientError, ConfigError, Contradiction, HttpError, LockError, SpecError, TransportError,
};
use mpp_registry::note::NoteError;
use mpp_registry::protocol::ProtocolError;

use crate::codes;
use crate::error::Explain;
use crate::wording;

impl Explain for ProtocolError {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

impl Explain for NoteError {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

impl Explain for SpecError {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

impl Explain for LockError {
    fn place(&self) -> Option<String> {
        Some(self.path().display().to_string())
    }

    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

impl Explain for HttpError {
    fn advice(&self) -> String {
        match self {
            Self::Plain { .. } => {
                "use `https://`; for a network that you trust, `mpp registry add --allow-http` allows it".to_owned()
            }
            other => codes::help(other.code()),
        }
    }
}

impl Explain for ConfigError {
    fn place(&self) -> Option<String> {
        match self {
            Self::Malformed { path, .. } | Self::Entry { path, .. } | Self::Layout { path, .. } => {
                Some(path.display().to_string())
            }
            _ => None,
        }
    }

    fn advice(&self) -> String {
        let known = match self {
            Self::NoneFor { known, .. } | Self::Unknown { known, .. } | Self::NoDefault { known } => known,
            Self::Bound { bound, .. } => {
                return format!(
                    "leave out `--registry`, or name `{bound}`; the binding is in `prefixes` of `config.toml`"
                );
            }
            Self::Layout { name, .. } => {
                return format!("open the file in an editor, and delete the table of `{name}`");
            }
            other => return codes::help(other.code()),
        };
        if let (Self::Unknown { .. }, [_, ..]) = (self, known.as_slice()) {
            let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            return format!("the configured registries are {}", names.join(", "));
        }
        match known.as_slice() {
            [] if matches!(self, Self::Unknown { .. }) => {
                "no registry is configured; `mpp registry add URL` adds one".to_owned()
            }
            [] => "add a registry with `mpp registry add URL`".to_owned(),
            names => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                format!(
                    "name one with `--registry`: {}; or set `default` in `config.toml`, or add another one with `mpp registry \
                     add URL`",
                    names.join(", ")
                )
            }
        }
    }
}

impl Explain for ClientError {
    fn place(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.place(),
            Self::Lock(error) => error.place(),
            Self::Http(error) => error.place(),
            Self::File { path, .. } | Self::Damaged { path, .. } => Some(path.display().to_string()),
            other => other.url(),
        }
    }

    fn notes(&self) -> Vec<String> {
        match self {
            Self::Alarm(alarm) => notes_of(alarm),
            Self::OtherRoot { expected, found, .. } => vec![format!("pinned: {expected}\nfound: {found}")],
            Self::NoVersion { available, yanked, .. } => {
                let yanked = yanked.as_ref().map(|version| {
                    format!("its owner has yanked {version}, which is only installed from a lock file that pins it")
                });
                let versions: Vec<String> = available.iter().take(10).map(ToString::to_string).collect();
                let versions = (!versions.is_empty()).then(|| format!("its versions: {}", versions.join(", ")));
                yanked.into_iter().chain(versions).collect()
            }
            _ => Vec::new(),
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::Config(error) => error.advice(),
            Self::Http(error) => error.advice(),
            Self::Unreachable { source: TransportError::Refused { .. }, .. } => {
                "check the URL of the registry in `config.toml`".to_owned()
            }
            Self::Answer { problem: Some(problem), .. } => match &problem.help {
                Some(help) => wording::with_commands(self.code(), help.clone()),
                None => codes::help(self.code()),
            },
            Self::NoPackage { registry, .. } => {
                format!("check the id with `mpp search --registry {registry}`; an id is looked up in one registry only")
            }
            Self::Offline { .. } => "run the command once without `--offline`".to_owned(),
            other => codes::help(other.code()),
        }
    }
}

#[cfg(feature = "oci")]
impl Explain for mpp_registry::oci::OciError {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

/// Returns the two contradicting states of an alarm, and where they are stored.
pub(crate) fn notes_of(alarm: &Alarm) -> Vec<String> {
    let before = match alarm.contradiction {
        Contradiction::Rollback { before, .. } => format!("known at {before}"),
        _ => "seen before".to_owned(),
    };
    let mut notes = vec![format!("{before}: {}\nserved now: {}", alarm.known, alarm.found)];
    match &alarm.stored {
        Some(dir) => {
            notes.push(format!("both signed states are in {}; keep them, and send them to the operator", dir.display()))
        }
        None => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
            notes.push("the signed states are not stored; keep what follows".to_owned());
            notes.push(text(&alarm.known.evidence));
            notes.push(text(&alarm.found.evidence));
        }
    }
    notes
}
