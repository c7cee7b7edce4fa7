//! Results of `mpp doctor`.

use mpp_build::{FindingState, Language};
use schemars::JsonSchema;
use serde::Serialize;

/// What the program found on this machine.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    /// Version of the program.
    pub(crate) program_version: &'static str,
    /// The MPP home directory.
    pub(crate) home: String,
    /// Whether the home directory can be written, or created.
    pub(crate) home_is_writable: bool,
    /// Size of the compiled code that is kept.
    pub(crate) cache_bytes: u64,
    /// The languages in which tools can be written.
    pub(crate) languages: Vec<LanguageHealth>,
}

/// A language, and whether its tools can be compiled here.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LanguageHealth {
    /// Name of the language, for example `go`.
    pub(crate) name: &'static str,
    /// Its name for people, for example `Go`.
    pub(crate) title: &'static str,
    /// Whether every part is usable.
    pub(crate) is_usable: bool,
    /// What compiling needs.
    pub(crate) parts: Vec<Part>,
}

/// A program or a library that compiling needs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Part {
    /// What it is, for example `go`.
    pub(crate) part: String,
    /// Whether it can be used.
    pub(crate) state: PartState,
    /// The version that is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) installed: Option<String>,
    /// Path of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// How to install it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) install: Option<String>,
}

/// Whether a part can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartState {
    /// It is there.
    Usable,
    /// It is older than required.
    TooOld,
    /// It is not there, or does not work.
    Missing,
}

impl LanguageHealth {
    /// Reports on a language.
    pub(crate) fn of(language: Language) -> Self {
        let parts: Vec<Part> = language
            .findings
            .into_iter()
            .map(|finding| Part {
                part: finding.part,
                state: match finding.state {
                    FindingState::Usable => PartState::Usable,
                    FindingState::TooOld => PartState::TooOld,
                    _ => PartState::Missing,
                },
                installed: finding.version,
                path: finding.path.map(|path| path.display().to_string()),
                install: finding.install,
            })
            .collect();
        let is_usable = parts.iter().all(|part| part.state == PartState::Usable);
        Self { name: language.name, title: language.title, is_usable, parts }
    }
}
