//! The abilities that a package requests, as statements that can be compared and shown one by one.

use std::collections::BTreeSet;
use std::fmt;

use mpp_sdk::wire::SecurityLevel;
use serde::{Deserialize, Serialize};

use crate::package::manifest::{HostPattern, Manifest, NetworkEntry, PrivacyFilters};
use crate::privacy::builtin_patterns;

/// One ability of a package: something that it may do, or a privacy filter that does not apply to its answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ability {
    /// The package reads this declared path.
    Read(String),
    /// The package reads and changes this declared path.
    Write(String),
    /// The package connects to hosts that match this pattern.
    Connect(String),
    /// The host adds a header, which the tool never sees, to the package's requests.
    Inject {
        /// Pattern of the hosts that the requests go to.
        host: String,
        /// Name of the header, in lower case.
        header: String,
    },
    /// The package receives this environment variable.
    Variable(String),
    /// The host puts this environment variable into headers, and the tool never sees it.
    Withheld(String),
    /// The package stores up to this number of bytes of state.
    Keep(u64),
    /// The package has tools up to this security level.
    Level(#[cfg_attr(feature = "schema", schemars(with = "crate::schema::SecurityLevel"))] SecurityLevel),
    /// The package's answers are not filtered for personal data.
    Unfiltered,
    /// This privacy pattern, which applies by default, does not apply to the package's answers.
    Leaves(String),
    /// The place that this JSON pointer leads to is not filtered in the package's answers.
    Exempt(String),
}

/// Everything that a package requests. It is serialized as part of an [`super::Approval`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Wants {
    /// Abilities that the package requests.
    pub abilities: BTreeSet<Ability>,
    /// What the package promises to redact: names of built-in patterns, and `id=regex` for its own patterns.
    pub redacts: BTreeSet<String>,
}

/// Something that was not approved before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum New {
    /// The package requests another ability.
    Ability(Ability),
    /// The package no longer promises to redact this pattern.
    RedactsNoLonger(String),
}

impl Wants {
    /// Returns what the manifest requests.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        let can = &manifest.capabilities;
        let mut abilities = BTreeSet::new();
        let (read, write) = (&can.filesystem.read, &can.filesystem.write);
        // Writing includes reading.
        abilities.extend(read.iter().filter(|path| !write.contains(path)).cloned().map(Ability::Read));
        abilities.extend(write.iter().cloned().map(Ability::Write));
        for entry in &can.network {
            abilities.insert(Ability::Connect(entry.host().to_owned()));
            if let NetworkEntry::Injected(injected) = entry {
                let host = || injected.host.clone();
                let headers = injected.inject.keys().map(|name| name.to_ascii_lowercase());
                abilities.extend(headers.map(|header| Ability::Inject { host: host(), header }));
            }
        }
        let withheld = can.injected_variables();
        abilities.extend(can.env_vars.iter().cloned().map(|name| {
            if withheld.contains(name.as_str()) { Ability::Withheld(name) } else { Ability::Variable(name) }
        }));
        abilities.extend(can.kv.map(|kv| Ability::Keep(kv.max_bytes)));
        let level = manifest.tool_definitions.iter().map(|tool| tool.security_level).max().unwrap_or_default();
        if level > SecurityLevel::Low {
            abilities.insert(Ability::Level(level));
        }
        let filters = &manifest.privacy_filters;
        let redacts = redacted(filters);
        if filters.enabled {
            let left = PrivacyFilters::default().patterns.into_iter().filter(|name| !redacts.contains(name));
            abilities.extend(left.map(Ability::Leaves));
            abilities.extend(filters.exempt.iter().map(|place| Ability::Exempt(place.pointer.clone())));
        } else {
            abilities.insert(Ability::Unfiltered);
        }
        Self { abilities, redacts }
    }

    /// Returns what was not approved before. `accepted` is everything that was.
    #[must_use]
    pub fn beyond(&self, accepted: Option<&Self>) -> Vec<New> {
        let nothing = Self::default();
        let is_accepted =
            |wanted: &&Ability| accepted.unwrap_or(&nothing).abilities.iter().any(|accepted| accepted.covers(wanted));
        let mut new: Vec<New> =
            self.abilities.iter().filter(|wanted| !is_accepted(wanted)).cloned().map(New::Ability).collect();
        // If nothing is filtered at all, `Unfiltered` already covers the lost patterns.
        if let (Some(accepted), false) = (accepted, self.abilities.contains(&Ability::Unfiltered)) {
            let left = |name: &str| self.abilities.contains(&Ability::Leaves(name.to_owned()));
            let lost = accepted.redacts.difference(&self.redacts).filter(|name| !left(name));
            new.extend(lost.cloned().map(New::RedactsNoLonger));
        }
        new
    }

    /// Returns what is approved after this is approved in addition to `before`.
    #[must_use]
    pub fn accepted_with(self, before: Option<&Self>) -> Self {
        let Some(before) = before else { return self };
        Self {
            abilities: before.abilities.union(&self.abilities).cloned().collect(),
            redacts: before.redacts.intersection(&self.redacts).cloned().collect(),
        }
    }
}

impl Ability {
    /// Returns whether an approval of this ability includes `wanted`.
    fn covers(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Write(have), Self::Read(want)) => have == want,
            (Self::Connect(have), Self::Connect(want)) => {
                have == want
                    || matches!((HostPattern::parse(have), HostPattern::parse(want)), (Ok(have), Ok(want)) if have.covers(&want))
            }
            (Self::Variable(have), Self::Withheld(want)) => have == want,
            (Self::Keep(have), Self::Keep(want)) => want <= have,
            (Self::Level(have), Self::Level(want)) => want <= have,
            (Self::Unfiltered, Self::Leaves(_) | Self::Exempt(_)) => true,
            _ => self == wanted,
        }
    }
}

/// Returns what is redacted: built-in patterns by name, a package's own patterns with their expression, so that a changed
/// expression counts as another pattern.
fn redacted(filters: &PrivacyFilters) -> BTreeSet<String> {
    if !filters.enabled {
        return BTreeSet::new();
    }
    let mut names: BTreeSet<String> = filters.patterns.iter().filter(|name| *name != "*").cloned().collect();
    if filters.patterns.iter().any(|name| name == "*") {
        names.extend(builtin_patterns().map(str::to_owned));
    }
    names.extend(filters.custom_patterns.iter().map(|own| format!("{}={}", own.id, own.regex)));
    names
}

/// Formats a number of bytes for people: `512 B`, `101.3 KiB`, `2.0 MiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let in_unit = |unit: u64| bytes as f64 / unit as f64;
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", in_unit(1024)),
        _ => format!("{:.1} MiB", in_unit(1_048_576)),
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path) => write!(f, "may read {path}"),
            Self::Write(path) => write!(f, "may read and change {path}"),
            Self::Connect(host) if host.starts_with("http://") => write!(f, "may connect to {host}"),
            Self::Connect(host) => write!(f, "may connect to https://{host}"),
            Self::Inject { host, header } => {
                write!(f, "sends the header {header} to {host}; the host adds it, and the tool never sees it")
            }
            Self::Variable(name) => write!(f, "receives the variable {name}"),
            Self::Withheld(name) => {
                write!(f, "uses the variable {name} in headers; the host adds them, and the tool never sees it")
            }
            Self::Keep(bytes) => write!(f, "may store up to {} of its own data", size(*bytes)),
            Self::Level(level) => write!(f, "has tools of security level {level}"),
            Self::Unfiltered => {
                f.write_str("answers are NOT filtered for personal data: the package turns the filter off")
            }
            Self::Leaves(name) => write!(f, "answers are not filtered for {name}"),
            Self::Exempt(pointer) if pointer.is_empty() => {
                f.write_str("answers are not filtered at all: the whole result is exempt")
            }
            Self::Exempt(pointer) => write!(f, "answers are not filtered at {pointer}"),
        }
    }
}

impl fmt::Display for New {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ability(ability) => ability.fmt(f),
            Self::RedactsNoLonger(pattern) => {
                let id = pattern.split('=').next().unwrap_or(pattern);
                write!(f, "answers are no longer filtered for {id} as they were")
            }
        }
    }
}
