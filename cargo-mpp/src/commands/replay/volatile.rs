//! The declared volatile values of a capture: those of the command line, and those of the file `FILE.volatile`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mpp_home::FileError;
use mpp_home::files::{self, Access};
use mpp_mcp::replay::{ReplayReport, Volatile};

use crate::error::Error;
use crate::session::Session;

/// The declared values, and their file.
pub(super) struct Declared {
    path: PathBuf,
    text: String,
    rules: Volatile,
}

impl Declared {
    /// Reads the file beside the capture, if there is one, and adds the pointers of the command line.
    pub(super) fn read(session: &Session, capture: &Path, pointers: &[String]) -> Result<Self, Error> {
        let mut name = session.resolve(capture).into_os_string();
        name.push(".volatile");
        let path = PathBuf::from(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(source) => return Err(FileError::read("the volatile values", &path, source).into()),
        };
        let mut rules = Volatile::default();
        rules.add_file(&text)?;
        for pointer in pointers {
            rules.add(pointer)?;
        }
        Ok(Self { path, text, rules })
    }

    pub(super) fn rules(&self) -> &Volatile {
        &self.rules
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds the places that differ to the rules and to the file, and returns them.
    pub(super) fn update(&mut self, report: &ReplayReport) -> Result<Vec<String>, Error> {
        let mut added: Vec<String> = Vec::new();
        for (rule, _) in report.different_places() {
            let line = rule.to_string();
            if !added.contains(&line) {
                added.push(line);
            }
            self.rules.push(rule);
        }
        if added.is_empty() {
            return Ok(added);
        }
        if self.text.is_empty() {
            self.text
                .push_str("# Values that differ in every call: a JSON pointer a line, after the name of the tool.\n");
        } else if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        added.iter().for_each(|line| self.text.extend([line.as_str(), "\n"]));
        files::write(&self.path, self.text.as_bytes(), Access::Shared)?;
        Ok(added)
    }
}
