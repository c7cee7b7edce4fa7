//! Stores notes from one call to the next.
//!
//! The host keeps the package's state: no other package can see it, and a call that fails leaves it unchanged.

mod note;

use std::time::Duration;

use mpp::kv;
use note::{Note, NoteError, next_id, prefix};

/// A page of notes, oldest first.
#[mpp::data]
#[derive(Debug)]
struct Page {
    /// The notes of this page.
    notes: Vec<Note>,
    /// The start of the next page, to pass as `after`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u32>,
}

// ANCHOR: tools
/// Store a note, permanently or for some days.
#[mpp::tool(title = "Add a note", security_level = "low")]
fn add(
    /// The text to remember.
    #[arg(min_len = 1, max_len = 10_000, example = "Ada prefers tea")]
    text: String,
    /// Words to find it by, for example `kitchen`.
    #[arg(default)]
    tags: Vec<String>,
    /// The number of days to keep the note; it is kept permanently if this is not set.
    #[arg(range = 1..=3650)]
    days: Option<u32>,
) -> Result<Note, NoteError> {
    let note = Note { id: next_id()?, text, tags };
    match days {
        Some(days) => kv::set_json_with_ttl(note.key(), &note, Duration::from_secs(u64::from(days) * 86_400))?,
        None => kv::set_json(note.key(), &note)?,
    }
    Ok(note)
}

/// Find notes that contain every word of the query, in their text or their tags.
#[mpp::tool(title = "Find notes", read_only, idempotent)]
fn find(
    /// Words to look for, in any order and case.
    #[arg(min_len = 1, example = "tea")]
    query: &str,
    /// The maximum number of notes to return.
    #[arg(default = 10, range = 1..=100)]
    limit: usize,
) -> Result<Vec<Note>, NoteError> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut found = Vec::new();
    for key in kv::list(prefix()) {
        let note = Note::read(&key?)?;
        found.extend(note.filter(|note| note.contains(&words)));
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}
// ANCHOR_END: tools

/// List the notes, page by page.
#[mpp::tool(title = "List notes", read_only, idempotent)]
fn list(
    /// `next` of the previous page.
    after: Option<u32>,
    /// The maximum number of notes to return.
    #[arg(default = 20, range = 1..=100)]
    limit: u32,
) -> Result<Page, NoteError> {
    let after = after.map(note::key);
    let keys = kv::list_page(prefix(), after.as_deref().map(str::as_bytes), limit)?;
    let is_full = keys.len() == limit as usize;
    let notes: Vec<Note> =
        keys.iter().filter_map(|key| Note::read(key).transpose()).collect::<Result<_, NoteError>>()?;
    let next = notes.last().map(|note| note.id).filter(|_| is_full);
    Ok(Page { notes, next })
}

/// Remove a note.
#[mpp::tool(title = "Remove a note", destructive, idempotent)]
fn remove(
    /// The number of the note.
    id: u32,
) -> Result<Note, NoteError> {
    let key = note::key(id);
    let note = Note::read(key.as_bytes())?.ok_or(NoteError::NotFound { id })?;
    kv::delete(&key)?;
    Ok(note)
}

/// Change the text of a note if it has not changed since it was read.
#[mpp::tool(title = "Edit a note", destructive)]
fn edit(
    /// The number of the note.
    id: u32,
    /// The text to replace, as it was last read.
    old: &str,
    /// The new text.
    #[arg(min_len = 1, max_len = 10_000)]
    new: String,
) -> Result<Note, NoteError> {
    let mut note = Note::read(note::key(id).as_bytes())?.ok_or(NoteError::NotFound { id })?;
    if note.text != old {
        return Err(NoteError::Changed { id, text: note.text });
    }
    note.text = new;
    kv::set_json(note.key(), &note)?;
    Ok(note)
}

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
