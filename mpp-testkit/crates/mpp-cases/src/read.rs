//! Reads files of test cases strictly: an unknown key is an error with its line and the nearest known key.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use mpp_host::causes::with_causes;
use mpp_host::clock::parse_rfc3339;
use mpp_host::wire::did_you_mean;
use mpp_recording::difference::member;
use serde_path_to_error::Segment;

use crate::error::ReadError;
use crate::format::{Case, CaseFile, Expect, Given};
use crate::source::{Document, Syntax};

/// The largest file in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Endings of the names of files of test cases, and what they are written in.
const ENDINGS: &[(&str, Syntax)] = &[("json", Syntax::Json), ("yaml", Syntax::Yaml), ("yml", Syntax::Yaml)];

/// A file of test cases that was read.
#[derive(Debug, Clone)]
pub struct Cases {
    pub(crate) path: PathBuf,
    pub(crate) file: CaseFile,
    pub(crate) document: Document,
}

impl Cases {
    /// Returns the files of test cases in a directory, sorted by name. Directories in it are not searched.
    ///
    /// # Errors
    /// Returns the file system's error. A directory that does not exist has no files.
    pub fn files_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
        let entries = match std::fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !is_hidden && syntax_of(&path).is_some() && path.is_file() {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads a file. Its name tells whether it is JSON or YAML. Returns `None` for a fixture, which is not a file of cases.
    ///
    /// # Errors
    /// Returns [`ReadError`] if the file cannot be read, is not valid, or has no cases.
    pub fn read(path: &Path) -> Result<Option<Self>, ReadError> {
        let failed = |source| ReadError::Read { path: path.to_owned(), source };
        let mut text = String::new();
        let file = File::open(path).map_err(failed)?;
        file.take(LARGEST + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > LARGEST {
            return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 4 MiB")));
        }
        let is_fixture = |value: serde_json::Value| value.get("exchanges").is_some() && value.get("cases").is_none();
        if serde_json::from_str(&text).is_ok_and(is_fixture) {
            return Ok(None);
        }
        Self::parse(path, &text).map(Some)
    }

    /// Reads the text of a file with this path.
    ///
    /// # Errors
    /// Returns [`ReadError`] if the text is not valid, or has no cases.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ReadError> {
        let invalid = |line, message| ReadError::Invalid { path: path.to_owned(), line, message };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let syntax = syntax_of(path).unwrap_or(Syntax::Yaml);
        let document = Document::read(text, syntax).map_err(|fault| {
            let language = if syntax == Syntax::Json { "JSON" } else { "YAML" };
            invalid(fault.line, format!("the file is not valid {language}: {}", fault.reason))
        })?;
        let file: CaseFile = serde_path_to_error::deserialize(&document.value).map_err(|error| {
            let (pointer, message) = worded(&error);
            invalid(document.line(&pointer), place(&pointer, &message))
        })?;
        if file.cases.is_empty() {
            return Err(ReadError::Empty { path: path.to_owned() });
        }
        check(&file).map_err(|(pointer, message)| invalid(document.line(&pointer), place(&pointer, &message)))?;
        Ok(Self { path: path.to_owned(), file, document })
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the cases, in the order of the file.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.file.cases
    }

    /// Returns the line of the case with this number, counted from 0.
    #[must_use]
    pub fn line(&self, number: usize) -> usize {
        self.document.line(&format!("/cases/{number}"))
    }
}

fn syntax_of(path: &Path) -> Option<Syntax> {
    let ending = path.extension()?.to_str()?;
    ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, syntax)| *syntax)
}

fn place(pointer: &str, message: &str) -> String {
    if pointer.is_empty() { message.to_owned() } else { format!("`{pointer}`: {message}") }
}

/// Returns the pointer and the message of an error of serde.
fn worded(error: &serde_path_to_error::Error<serde_json::Error>) -> (String, String) {
    let mut pointer = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => pointer = member(&pointer, key),
            Segment::Unknown => {}
        }
    }
    let message = error.inner().to_string();
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    for (start, noun) in [("unknown field ", "key"), ("unknown variant ", "choice")] {
        if let (true, Some((word, known))) = (message.starts_with(start), names.split_first()) {
            let pointer = match pointer.strip_suffix(&member("", word)) {
                // The path of an unknown key ends with it in some places only.
                Some(parent) if noun == "key" => parent.to_owned(),
                _ => pointer,
            };
            let listed = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!(
                "there is no {noun} `{word}`{}; expected one of {listed}",
                did_you_mean(word, known.iter().copied())
            );
            return (if noun == "key" { member(&pointer, word) } else { pointer }, message);
        }
    }
    if let (true, Some(key)) = (message.starts_with("missing field "), names.first()) {
        return (pointer, format!("the key `{key}` is missing"));
    }
    for start in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = message.strip_prefix(start).and_then(|rest| rest.rsplit_once(", expected ")) {
            return (pointer, format!("expected {}, found {}", noun(expected), noun(found)));
        }
    }
    (pointer, message)
}

/// Returns JSON's name for a Rust type.
fn noun(word: &str) -> &str {
    match word {
        "a sequence" | "sequence" => "a list",
        "a map" | "map" => "an object",
        "a string" => "a text",
        "u64" => "a whole number that is not negative",
        "u16" => "a whole number from 0 to 65535",
        _ if word.starts_with("struct ") => "an object",
        _ => word,
    }
}

/// A pointer and what is wrong there.
type Fault = (String, String);

/// Checks what the types cannot say.
fn check(file: &CaseFile) -> Result<(), Fault> {
    check_given(&file.given, "/given")?;
    let mut names = BTreeSet::new();
    for (number, case) in file.cases.iter().enumerate() {
        let at = format!("/cases/{number}");
        if case.name.trim().is_empty() {
            return Err((format!("{at}/name"), "the name is empty".to_owned()));
        }
        if !names.insert(&case.name) {
            return Err((format!("{at}/name"), format!("another case of this file is named `{}`", case.name)));
        }
        check_given(&case.given, &format!("{at}/given"))?;
        if let Some(expect) = &case.expect {
            check_expect(expect, &format!("{at}/expect"))?;
        }
    }
    Ok(())
}

fn check_given(given: &Given, at: &str) -> Result<(), Fault> {
    if let Some(clock) = given.clock.as_ref().filter(|clock| parse_rfc3339(clock).is_none()) {
        let message = format!("`{clock}` is not a time in UTC after 1970; write a time like `2026-01-01T00:00:00Z`");
        return Err((format!("{at}/clock"), message));
    }
    for (number, fault) in given.faults.iter().enumerate() {
        drop(fault.to_fault().map_err(|(key, message)| (format!("{at}/faults/{number}/{key}"), message))?);
    }
    for (key, value) in &given.kv {
        crate::run::state::bytes(value).map_err(|message| (member(&format!("{at}/kv"), key), message))?;
    }
    let (pointer, reason) = match mpp_recording::fixture::check(&given.http) {
        Ok(()) => return Ok(()),
        Err((pointer, reason)) => (pointer, reason),
    };
    Err((format!("{at}/http{pointer}"), with_causes(&*reason)))
}

fn check_expect(expect: &Expect, at: &str) -> Result<(), Fault> {
    let results = [
        ("result", expect.result.is_some()),
        ("partial", expect.partial.is_some()),
        ("text", expect.text.is_some()),
        ("contains", !expect.contains.is_empty()),
        ("content", expect.content.is_some()),
    ];
    if let (true, Some((key, _))) = (expect.error.is_some(), results.iter().find(|(_, is_there)| *is_there)) {
        return Err((format!("{at}/{key}"), "a call that fails with an `error` has no result".to_owned()));
    }
    if expect.result.is_some() && expect.partial.is_some() {
        return Err((format!("{at}/partial"), "`result` already describes all of the result".to_owned()));
    }
    if let Some((number, pointer)) = expect.ignore.iter().enumerate().find(|(_, pointer)| !pointer.starts_with('/')) {
        return Err((
            format!("{at}/ignore/{number}"),
            format!("`{pointer}` is not a JSON pointer such as `/items/*/id`"),
        ));
    }
    if let Some(denied) = &expect.denied {
        let given = [&denied.network, &denied.filesystem, &denied.env_vars].into_iter().flatten().count();
        if given != 1 {
            let message = "expected one of `network`, `filesystem` and `env_vars`".to_owned();
            return Err((format!("{at}/denied"), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Cases;

    fn refused(name: &str, text: &str) -> (Option<usize>, String) {
        let error = Cases::parse(Path::new(name), text).expect_err(text);
        (error.line(), error.to_string())
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
        let (line, message) = refused("a.yaml", "cases:\n  - name: a\n    tool: t\n    expect:\n      reslt: 1\n");
        assert_eq!(line, Some(5));
        assert!(
            message.contains("`/cases/0/expect/reslt`: there is no key `reslt`; did you mean `result`?"),
            "{message}"
        );
        let (line, message) =
            refused("a.json", "{\"cases\": [\n {\"name\": \"a\", \"tool\": \"t\", \"expects\": {}}]}");
        assert_eq!(line, Some(2));
        assert!(message.contains("did you mean `expect`?"), "{message}");
        let (line, message) = refused("a.yaml", "gvien: {}\ncases: []\n");
        assert_eq!(line, Some(1));
        assert!(message.contains("did you mean `given`?"), "{message}");
    }

    #[test]
    fn what_is_wrong_is_said_where_it_is() {
        let case = |rest: &str| format!("cases:\n  - name: a\n    tool: t\n{rest}");
        for (text, line, said) in [
            ("cases:\n  - tool: t\n".to_owned(), 2, "the key `name` is missing"),
            (case("    arguments: 7\n"), 4, "expected an object, found integer `7`"),
            (case("    given: {clock: tomorrow}\n"), 4, "`tomorrow` is not a time in UTC"),
            (
                case("    given:\n      faults:\n        - {kind: http_stauts, host: x}\n"),
                6,
                "did you mean `http_status`?",
            ),
            (case("    given:\n      faults:\n        - {kind: http_status, host: x}\n"), 6, "needs the key `status`"),
            (case("    given:\n      faults:\n        - {kind: kv_full, host: x}\n"), 6, "does not have this key"),
            (
                case("    given:\n      http:\n        - request: {method: GET, url: x}\n          respnse: {}\n"),
                7,
                "did you mean `response`?",
            ),
            (case("    given:\n      kv:\n        a: {hex: 0g}\n"), 6, "hexadecimal"),
            (case("    expect: {result: 1, error: {code: x}}\n"), 4, "has no result"),
            (case("    expect: {result: 1, partial: 1}\n"), 4, "already describes"),
            (case("    expect: {ignore: [id]}\n"), 4, "is not a JSON pointer"),
            (case("    expect: {denied: {}}\n"), 4, "expected one of `network`"),
            (case("  - name: a\n    tool: t\n"), 4, "another case of this file is named `a`"),
            ("cases: [\n".to_owned(), 2, "not valid YAML"),
        ] {
            let (found, message) = refused("a.yaml", &text);
            assert!(message.contains(said), "{text}\n{message}");
            assert_eq!(found, Some(line), "{text}\n{message}");
        }
        assert_eq!(refused("a.yaml", "cases: []\n"), (None, "the file has no cases".to_owned()));
    }

    #[test]
    fn null_is_a_result_to_expect() {
        let cases =
            Cases::parse(Path::new("a.yaml"), "cases: [{name: a, tool: t, expect: {result: null}}]").expect("valid");
        assert_eq!(cases.cases()[0].expect.as_ref().expect("one").result, Some(serde_json::Value::Null));
    }
}
