//! The file of a recording: its members, and reading and writing it.

use serde::{Deserialize, Serialize};

use super::bytes::{RecordedBytes, from_base64};
use super::error::{RecordingError, VERSION};
use super::http::RecordedExchange;
use super::sources::RecordedTimes;
use super::state::RecordedState;

/// The first words of every recording.
pub(super) const WARNING: &str = "UNFILTERED: this file holds what servers, state and files gave to a tool, before the privacy filter. Treat it like \
                       the data itself. Values of variables are replaced by markers.";

/// The recording of one call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Recording {
    /// The version of the format: [`VERSION`].
    pub mpp_recording: u32,
    /// A note for people: the contents are unfiltered.
    pub warning: String,
    /// The word by which markers in this recording are recognized. It occurs nowhere else in it.
    pub marker: String,
    /// The package that was called.
    pub package: RecordedPackage,
    /// The tool that was called.
    pub tool: String,
    /// The arguments, as JSON text.
    pub arguments: String,
    /// Names of the variables that the package was given.
    pub variables: Vec<String>,
    /// The times that the tool read from its clocks.
    pub clock: RecordedTimes,
    /// The random bytes that the tool was given, in base64.
    pub random: String,
    /// The HTTP requests and their answers, in order.
    pub requests: Vec<RecordedExchange>,
    /// The state that the call used; absent if it used none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<RecordedState>,
    /// The declared files and directories that the call could use.
    pub files: Vec<RecordedPath>,
    /// The filtered outcome, as JSON text: `{"result": …}` or `{"error": …}`.
    pub outcome: String,
    /// The filtered log.
    pub log: String,
    /// What is not in the recording because it was too large. Such a call cannot be repeated exactly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
}

/// The package of a recorded call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordedPackage {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its content hash.
    pub content_hash: String,
    /// Path of the package file or of its project.
    pub source: String,
}

/// A declared path, with what was there before and after the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordedPath {
    /// The path as the package declares it.
    pub path: String,
    /// Whether the tool may write there.
    pub writable: bool,
    /// Files and directories before the call, sorted by path. The path of a declared file itself is empty.
    pub before: Vec<RecordedFile>,
    /// What the call changed: the new file, or nothing where one was removed. Sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FileChange>,
}

/// A file, a directory or a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordedFile {
    /// Path below the declared path, with `/` between its parts.
    pub path: String,
    /// The contents.
    pub content: FileContent,
    /// When it was last modified, in nanoseconds since 1970.
    pub modified_ns: u64,
}

/// The contents of a [`RecordedFile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileContent {
    /// A directory.
    Directory,
    /// A symbolic link to this target.
    Link(String),
    /// A file.
    File(RecordedBytes),
}

/// A file that a call changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FileChange {
    /// Path below the declared path.
    pub path: String,
    /// The new contents; absent where the file was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<FileContent>,
}

impl RecordedPackage {
    /// Describes the package with this id, version and content hash, from this package file or project.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        version: impl Into<String>,
        content_hash: impl Into<String>,
        source: impl Into<String>,
    ) -> Self {
        Self { id: id.into(), version: version.into(), content_hash: content_hash.into(), source: source.into() }
    }
}

impl RecordedPath {
    /// Describes a declared path with what was there before the call and what the call changed.
    #[must_use]
    pub fn new(path: impl Into<String>, writable: bool, before: Vec<RecordedFile>, changes: Vec<FileChange>) -> Self {
        Self { path: path.into(), writable, before, changes }
    }
}

impl RecordedFile {
    /// Describes a file, a directory or a link.
    #[must_use]
    pub fn new(path: impl Into<String>, content: FileContent, modified_ns: u64) -> Self {
        Self { path: path.into(), content, modified_ns }
    }
}

/// Returns the differences between the contents of a path before and after a call, sorted by path. Times are not compared.
#[must_use]
pub fn file_changes(before: &[RecordedFile], after: &[RecordedFile]) -> Vec<FileChange> {
    let find = |files: &'_ [RecordedFile], path: &str| -> Option<FileContent> {
        files.iter().find(|file| file.path == path).map(|file| file.content.clone())
    };
    let written = after.iter().filter(|file| find(before, &file.path).as_ref() != Some(&file.content));
    let written = written.map(|file| FileChange { path: file.path.clone(), content: Some(file.content.clone()) });
    let removed = before.iter().filter(|file| find(after, &file.path).is_none());
    let removed = removed.map(|file| FileChange { path: file.path.clone(), content: None });
    let mut changes: Vec<FileChange> = written.chain(removed).collect();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// Returns [`RecordingError`] if the text is not a recording, is one of another version, or is damaged.
    ///
    /// ```
    /// use mpp_recording::recording::{Recording, RecordingError};
    ///
    /// assert!(matches!(Recording::parse(b"{}"), Err(RecordingError::NotARecording { .. })));
    /// let newer = br#"{ "mpp_recording": 99 }"#;
    /// assert!(matches!(Recording::parse(newer), Err(RecordingError::OtherVersion { found: 99 })));
    /// ```
    pub fn parse(text: &[u8]) -> Result<Self, RecordingError> {
        /// The one member that every version has.
        #[derive(Deserialize)]
        struct Head {
            mpp_recording: u32,
        }
        let begins_like_one = |text: &[u8]| {
            let start = &text[..text.len().min(64)];
            String::from_utf8_lossy(start).contains("\"mpp_recording\"")
        };
        match serde_json::from_slice::<Head>(text) {
            Ok(Head { mpp_recording: VERSION }) => {}
            Ok(Head { mpp_recording: found }) => return Err(RecordingError::OtherVersion { found }),
            Err(error) if begins_like_one(text) => return Err(RecordingError::damaged(error)),
            Err(source) => return Err(RecordingError::NotARecording { source }),
        }
        let recording: Self = serde_json::from_slice(text).map_err(RecordingError::damaged)?;
        recording.check()?;
        Ok(recording)
    }

    /// Formats the recording as the text of its file.
    ///
    /// # Errors
    /// Returns an error if it cannot be written as JSON.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Checks what the types do not.
    fn check(&self) -> Result<(), RecordingError> {
        let invalid = |place: String| RecordingError::Invalid { place };
        let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        if self.marker.len() < 8 {
            return Err(invalid("/marker".to_owned()));
        }
        if from_base64(&self.random).is_none() {
            return Err(invalid("/random".to_owned()));
        }
        if !is_json(&self.outcome) {
            return Err(invalid("/outcome".to_owned()));
        }
        let bodies = self.requests.iter().enumerate().find(|(_, exchange)| !exchange.is_valid());
        if let Some((index, _)) = bodies {
            return Err(invalid(format!("/requests/{index}")));
        }
        if self.state.as_ref().is_some_and(|state| !state.is_valid()) {
            return Err(invalid("/state".to_owned()));
        }
        let is_wrong = |file: &RecordedFile| {
            let climbs = file.path.split('/').any(|part| part == "..") || file.path.starts_with('/');
            climbs || matches!(&file.content, FileContent::File(bytes) if bytes.to_bytes().is_none())
        };
        match self.files.iter().position(|path| path.before.iter().any(is_wrong)) {
            Some(index) => Err(invalid(format!("/files/{index}"))),
            None => Ok(()),
        }
    }
}
