//! A note, and its key in the state.

use mpp::kv;

/// A note.
#[mpp::data]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Note {
    /// The number of the note.
    pub(crate) id: u32,
    /// The text of the note.
    pub(crate) text: String,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
}

/// A failure to store or find a note.
#[derive(Debug, mpp::ToolError)]
pub(crate) enum NoteError {
    /// The note does not exist.
    #[error(code = "not_found", message = "there is no note {id}; `list` shows all of them")]
    NotFound {
        /// The number of the note.
        id: u32,
    },
    /// The note has changed since the caller read it.
    #[error(code = "changed", message = "note {id} has changed in the meantime: {text}")]
    Changed {
        /// The number of the note.
        id: u32,
        /// The current text of the note.
        text: String,
    },
    /// The state cannot be used, for example because it is full.
    #[error(transparent)]
    State(#[from] mpp::Error),
}

impl From<kv::Error> for NoteError {
    fn from(error: kv::Error) -> Self {
        Self::State(error.into())
    }
}

/// Returns the prefix of all notes' keys.
pub(crate) fn prefix() -> &'static str {
    "note/"
}

/// Returns the key of a note, with leading zeros so that keys and numbers have the same order.
pub(crate) fn key(id: u32) -> String {
    format!("{}{id:010}", prefix())
}

/// Returns a number that no note has had. It is counted in the transaction that stores the note, so a failed call does
/// not use up a number.
pub(crate) fn next_id() -> Result<u32, NoteError> {
    let id = kv::increment("last_id", 1)?;
    u32::try_from(id).map_err(|_| NoteError::State("there have been too many notes".into()))
}

impl Note {
    /// Reads the note with this key.
    pub(crate) fn read(key: &[u8]) -> Result<Option<Self>, NoteError> {
        Ok(kv::get_json(key)?)
    }

    /// Returns the note's key.
    pub(crate) fn key(&self) -> String {
        key(self.id)
    }

    /// Returns whether every word is in the text or is a tag.
    pub(crate) fn contains(&self, words: &[String]) -> bool {
        let text = self.text.to_lowercase();
        words.iter().all(|word| text.contains(word) || self.tags.iter().any(|tag| tag.to_lowercase() == *word))
    }
}
