//! A note, and where it stands in the state.

use mpp::kv;

/// A note.
#[mpp::data]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Note {
    /// Its number.
    pub(crate) id: u32,
    /// What it says.
    pub(crate) text: String,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
}

/// Why a note cannot be kept or found.
#[derive(Debug, mpp::ToolError)]
pub(crate) enum NoteError {
    /// There is no such note.
    #[error(code = "not_found", message = "there is no note {id}; `list` shows all of them")]
    NotFound {
        /// Its number.
        id: u32,
    },
    /// Somebody else changed it.
    #[error(code = "changed", message = "note {id} says something else by now: {text}")]
    Changed {
        /// Its number.
        id: u32,
        /// What it says.
        text: String,
    },
    /// The state says no: it is full, for instance.
    #[error(transparent)]
    State(#[from] mpp::Error),
}

impl From<kv::Error> for NoteError {
    fn from(error: kv::Error) -> Self {
        Self::State(error.into())
    }
}

/// What the keys of all notes start with.
pub(crate) fn prefix() -> &'static str {
    "note/"
}

/// Digits in front, so that the order of the keys is the order of the numbers.
pub(crate) fn key(id: u32) -> String {
    format!("{}{id:010}", prefix())
}

/// A number that no note has had. It is counted in the same transaction that keeps the note: where the note is not kept, the
/// number is not used up.
pub(crate) fn next_id() -> Result<u32, NoteError> {
    let id = kv::increment("last_id", 1)?;
    u32::try_from(id).map_err(|_| NoteError::State("there have been too many notes".into()))
}

impl Note {
    /// The note of this key, where there is one.
    pub(crate) fn read(key: &[u8]) -> Result<Option<Self>, NoteError> {
        Ok(kv::get_json(key)?)
    }

    /// Its key.
    pub(crate) fn key(&self) -> String {
        key(self.id)
    }

    /// Whether every word is in the text or a tag.
    pub(crate) fn contains(&self, words: &[String]) -> bool {
        let text = self.text.to_lowercase();
        words.iter().all(|word| text.contains(word) || self.tags.iter().any(|tag| tag.to_lowercase() == *word))
    }
}
