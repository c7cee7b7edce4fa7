//! The error of the search index.

use std::path::PathBuf;

use mpp_host::codes::{Code, Coded};

use crate::codes;

/// The error returned when the search index cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The database cannot be created or opened.
    #[error("cannot open the search index `{}`", path.display())]
    Open {
        /// Path of the database.
        path: PathBuf,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
    /// A file of an index that is no longer of use cannot be removed.
    #[error("cannot replace the search index `{}`", path.display())]
    Replace {
        /// Path of the file.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The database cannot be read or written.
    #[error("the search index cannot be used")]
    Use(#[from] rusqlite::Error),
    /// An entry of the database does not have the form in which it was written.
    #[error("the search index holds a record that cannot be read")]
    Record(#[from] serde_json::Error),
    /// The server stops.
    #[error("the server stops")]
    Stopped,
}

impl Coded for SearchError {
    fn code(&self) -> &'static Code {
        &codes::N220
    }
}
