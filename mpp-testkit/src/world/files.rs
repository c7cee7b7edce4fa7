//! Reads the files that a tool under test has written.

pub(crate) mod plan;
pub(crate) mod snapshot;

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::failure::{fail, listed};
use crate::tool::Tool;
use crate::world::files::snapshot::Files;

impl Tool {
    /// Returns the content of a file, by the path that the tool uses.
    ///
    /// ```no_run
    /// # let tool = mpp_testkit::tool!().temp_dir("/out").load();
    /// assert_eq!(tool.read("/out/logo.png").len(), 512);
    /// ```
    ///
    /// # Panics
    /// Panics if no declared path contains the file, or it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn read(&self, guest: &str) -> Vec<u8> {
        let path = self.host_path(guest);
        match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fail(format_args!("there is no file `{guest}`"), &self.files_nearby(guest))
            }
            Err(error) => fail(format_args!("cannot read `{guest}`: {error}"), ""),
        }
    }

    /// Returns the content of a text file, by the path that the tool uses.
    ///
    /// ```no_run
    /// # let tool = mpp_testkit::tool!().temp_dir("/out").load();
    /// assert_eq!(tool.read_text("/out/new.txt"), "written");
    /// ```
    ///
    /// # Panics
    /// Panics as [`Tool::read`] does, and if the content is not UTF-8.
    #[must_use]
    #[track_caller]
    pub fn read_text(&self, guest: &str) -> String {
        match String::from_utf8(self.read(guest)) {
            Ok(text) => text,
            Err(_) => fail(format_args!("`{guest}` is not UTF-8"), "read it with `.read(…)`"),
        }
    }

    /// Returns all files below one of the tool's directories, to compare them with those of a later moment.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().temp_dir("/out").load();
    /// let before = tool.files("/out");
    /// tool.call("write", json!({ "name": "new.txt", "text": "written" })).assert_success();
    /// before.diff(&tool.files("/out")).assert_changes(["+ new.txt"]);
    /// ```
    ///
    /// # Panics
    /// Panics if no declared path contains the directory, or it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn files(&self, guest: &str) -> Files {
        match Files::read(&self.host_path(guest)) {
            Ok(files) => files,
            Err(error) => fail(format_args!("cannot read the directory `{guest}`: {error}"), ""),
        }
    }

    #[track_caller]
    fn host_path(&self, guest: &str) -> PathBuf {
        let paths = self.runnable.paths();
        let contains = |path: &str| guest == path || guest.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let nearest = paths.iter().filter(|path| contains(&path.guest)).max_by_key(|path| path.guest.len());
        match nearest {
            Some(path) => {
                let rest = guest[path.guest.len()..].trim_start_matches('/');
                if rest.is_empty() { path.host.clone() } else { path.host.join(rest) }
            }
            None => fail(
                format_args!("none of the tool's paths contains `{guest}`"),
                &format!("paths of the tool: {}", listed(paths.iter().map(|path| path.guest.as_str()))),
            ),
        }
    }

    fn files_nearby(&self, guest: &str) -> String {
        let path = self.runnable.paths().iter().find(|path| guest.starts_with(&path.guest) && !path.is_file);
        let Some(path) = path else { return String::new() };
        match Files::read(&path.host) {
            Ok(files) => format!("files in `{}`: {}", path.guest, listed(files.iter().map(|(path, _)| path))),
            Err(_) => String::new(),
        }
    }
}
