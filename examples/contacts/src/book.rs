//! The address book: every `.vcf` and `.csv` file of one directory.

use std::fs;
use std::io;
use std::path::Path;

use crate::contact::Contact;
use crate::{csv, vcard};

/// A failure to read the address book or to find an entry.
#[derive(Debug, mpp::ToolError)]
pub(crate) enum BookError {
    #[error(code = "not_found", message = "nobody matches `{query}`; try a part of the name, or `list`")]
    NotFound { query: String },
    #[error(code = "no_address_book", message = "the address book's directory has no .vcf and no .csv file")]
    Empty,
    #[error(code = "address_book_unreadable", retryable, message = "the address book could not be read")]
    Unreadable(#[from] io::Error),
    #[error(transparent)]
    Other(#[from] mpp::Error),
}

/// All entries, sorted by name.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) contacts: Vec<Contact>,
    /// Entries that could not be read.
    pub(crate) skipped: Vec<Skipped>,
}

/// An entry that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) file: String,
    /// Line number, from 1.
    pub(crate) line: usize,
    pub(crate) problem: String,
}

/// The entries of one file. A malformed entry is its line number and a message.
pub(crate) type Entries = Vec<Result<Contact, (usize, String)>>;

impl Book {
    /// Reads the files of a directory in the order of their names, and skips malformed entries.
    pub(crate) fn open(directory: &Path) -> Result<Self, BookError> {
        let mut files: Vec<_> = fs::read_dir(directory)?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        let mut book = Self::default();
        let mut found = false;
        for entry in files {
            let path = entry.path();
            let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
            let read: fn(&str) -> Entries = match extension.as_deref().and_then(|extension| extension.to_str()) {
                Some("vcf" | "vcard") => vcard::read,
                Some("csv") => csv::read,
                _ => continue,
            };
            found = true;
            let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            book.add(&entry.file_name().to_string_lossy(), read(text.trim_start_matches('\u{feff}')));
        }
        if !found {
            return Err(BookError::Empty);
        }
        book.contacts.sort_by_cached_key(|contact| (contact.name.to_lowercase(), contact.file.clone()));
        Ok(book)
    }

    fn add(&mut self, file: &str, entries: Entries) {
        for entry in entries {
            match entry {
                Ok(contact) => self.contacts.push(Contact { file: file.to_owned(), ..contact }),
                Err((line, problem)) => self.skipped.push(Skipped { file: file.to_owned(), line, problem }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_only_the_malformed_row_of_the_sample() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample");
        let book = Book::open(&sample).expect("readable");
        assert_eq!(book.contacts.len(), 8);
        assert!(book.contacts.is_sorted_by_key(|contact| contact.name.to_lowercase()));
        let skipped: Vec<_> = book.skipped.iter().map(|skipped| (skipped.file.as_str(), skipped.line)).collect();
        assert_eq!(skipped, [("customers.csv", 7)]);
    }

    #[test]
    fn distinguishes_an_empty_directory_from_a_missing_one() {
        let empty = tempfile::tempdir().expect("a directory");
        assert!(matches!(Book::open(empty.path()), Err(BookError::Empty)));
        assert!(matches!(Book::open(&empty.path().join("missing")), Err(BookError::Unreadable(_))));
    }
}
