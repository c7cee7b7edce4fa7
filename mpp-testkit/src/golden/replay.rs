//! Replays recorded calls and compares the answers.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use mpp_recording::calls::CallsError;
use mpp_recording::{Comparison, RecordedCall, RecordedCalls, difference};
use serde_json::Value;

use crate::answer::Answer;
use crate::assert::describe;
use crate::failure::fail;
use crate::golden;
use crate::tool::Tool;

impl Tool {
    /// Replays the calls of a recording, or of all recordings whose file name matches (`fixtures/*.jsonl`). Paths are relative
    /// to the crate of the test; see [`mpp_recording::calls`] for the format.
    ///
    /// A [`Clock`](crate::Clock) of the tool shows the time at which each call was recorded, if the recording has it.
    ///
    /// ```no_run
    /// #[test]
    /// fn answers_as_the_server_did() {
    ///     let tool = mpp_testkit::tool!().load();
    ///     tool.replay("fixtures/*.jsonl").volatile("/*/updated_at").assert_same();
    /// }
    /// ```
    pub fn replay(&self, files: &str) -> Replay<'_> {
        Replay { tool: self, files: files.to_owned(), volatile: Vec::new() }
    }

    /// Starts a recording: calls made through it are recorded, and [`Recording::save`] writes them to `file`, for
    /// [`Tool::replay`].
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// let tool = mpp_testkit::tool!().load();
    /// let mut recording = tool.record("fixtures/find.jsonl");
    /// recording.call("find", json!({ "query": "ada" })).assert_success();
    /// recording.save();
    /// ```
    pub fn record(&self, file: impl AsRef<Path>) -> Recording<'_> {
        Recording { tool: self, file: golden::resolve(file), calls: RecordedCalls::new() }
    }
}

/// Recorded calls to replay: [`Tool::replay`].
#[derive(Debug, Clone)]
#[must_use = "nothing is called until `assert_same` or `report`"]
pub struct Replay<'a> {
    tool: &'a Tool,
    files: String,
    volatile: Vec<String>,
}

/// The result of a replay.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReplayReport {
    /// Number of calls that were replayed.
    pub calls: usize,
    /// Number of lines of other methods than `tools/call`, which were skipped.
    pub skipped: usize,
    /// The calls whose answers differ from the recorded ones.
    pub different: Vec<DifferentCall>,
    /// Recorded values that are redacted in the answer: `FILE, line N: /pointer: pattern`.
    pub redacted: Vec<String>,
}

/// A replayed call whose answer differs from the recorded one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DifferentCall {
    /// The file of the recording, relative to the crate of the test.
    pub file: String,
    /// Number of the line, counted from 1.
    pub line: usize,
    /// The tool and the arguments.
    pub call: String,
    /// The differences; the recorded answer is the expected one.
    pub text: String,
}

/// A recording that has been read.
struct RecordingFile {
    path: PathBuf,
    name: String,
    calls: RecordedCalls,
}

impl Replay<'_> {
    /// Declares the value at a JSON pointer volatile: it differs with every call, as a time or an id does, and only has to
    /// be present. `*` matches any member or index. Pointers lead into the structured result, or begin with `/content/`,
    /// `/message` or `/data`.
    pub fn volatile(mut self, pointer: impl Into<String>) -> Self {
        self.volatile.push(pointer.into());
        self
    }

    /// Replays the calls and asserts that all answers are as recorded.
    ///
    /// # Panics
    /// Panics if an answer differs, with a report of all that do, and if no file matches or a recording is not valid.
    #[track_caller]
    pub fn assert_same(self) -> ReplayReport {
        let report = self.report();
        if !report.different.is_empty() {
            fail(
                &report,
                "if the new answers are intended, record them with `MPP_TEST_BLESS=1 cargo test`; if a value differs with \
                 every call, add `.volatile(\"/its/pointer\")`",
            );
        }
        report
    }

    /// Replays the calls and compares the answers. With `MPP_TEST_BLESS=1`, writes the answers into the files instead.
    ///
    /// # Panics
    /// Panics if no file matches, or a recording is not valid.
    #[must_use]
    #[track_caller]
    pub fn report(&self) -> ReplayReport {
        let paths = match golden::matching(&self.files) {
            Ok(paths) => paths,
            Err(reason) => fail(
                format_args!("there is no recording to replay: {reason}"),
                "paths are relative to the crate of the test; make a recording with `tool.record(\"fixtures/x.jsonl\")`",
            ),
        };
        let (mut files, mut mistakes) = (Vec::new(), Vec::new());
        for path in paths {
            match read(path) {
                Ok(file) => files.push(file),
                Err(found) => mistakes.extend(found),
            }
        }
        if !mistakes.is_empty() {
            fail(
                format_args!("the recording is not valid\n  {}", mistakes.join("\n  ")),
                "each line is `{\"request\":{\"method\":\"tools/call\",\"params\":{…}},\"response\":{\"result\":…}}`",
            );
        }
        let mut report = ReplayReport::default();
        for file in &mut files {
            report.skipped += file.calls.other_lines();
            match golden::blessing() {
                true => self.bless(file, &mut report),
                false => self.compare(file, &mut report),
            }
        }
        report
    }

    #[track_caller]
    fn compare(&self, file: &RecordingFile, report: &mut ReplayReport) {
        let comparison = Comparison::new(self.volatile.iter().map(String::as_str));
        for (line, call) in file.calls.iter() {
            let answer = self.repeat(call);
            report.calls += 1;
            let compared = comparison.compare(&call.response, &answer.response());
            let redactions = compared.redactions.iter();
            report.redacted.extend(redactions.map(|redaction| format!("{}, line {line}: {redaction}", file.name)));
            if compared.differences.is_empty() {
                continue;
            }
            let mut text = difference::text(&compared.differences);
            if let Err(error) = answer.result() {
                text.push_str(&format!("\n  (the answer is {})", describe::error(error, answer.log())));
            }
            report.different.push(DifferentCall {
                file: file.name.clone(),
                line,
                call: answer.call().to_owned(),
                text,
            });
        }
    }

    #[track_caller]
    fn bless(&self, file: &mut RecordingFile, report: &mut ReplayReport) {
        file.calls.update(|call| {
            report.calls += 1;
            self.repeat(call).response()
        });
        golden::write(&file.path, &file.calls.to_string());
    }

    #[track_caller]
    fn repeat(&self, call: &RecordedCall) -> Answer {
        if let (Some(clock), Some(time)) = (&self.tool.world.setup.clock, call.time()) {
            clock.set(time);
        }
        self.tool.call_json(&call.tool, &call.arguments.to_string())
    }
}

/// Reads a recording. The errors name the file and, if known, the line.
fn read(path: PathBuf) -> Result<RecordingFile, Vec<String>> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
    let text = fs::read_to_string(&path).map_err(|error| vec![format!("{name}: {error}")])?;
    match RecordedCalls::parse(&text) {
        Ok(calls) => Ok(RecordingFile { path, name, calls }),
        Err(CallsError::Invalid { mistakes, .. }) => {
            Err(mistakes.iter().map(|mistake| format!("{name}, {mistake}")).collect())
        }
        Err(other) => Err(vec![format!("{name}: {other}")]),
    }
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.different.len() {
            0 => write!(f, "all {} replayed calls were answered as recorded", self.calls)?,
            different => write!(f, "{different} of {} replayed calls were not answered as recorded", self.calls)?,
        }
        for different in &self.different {
            write!(f, "\n\n{}, line {}: {}\n{}", different.file, different.line, different.call, different.text)?;
        }
        if !self.redacted.is_empty() {
            write!(f, "\n\nequal apart from redactions:\n  {}", self.redacted.join("\n  "))?;
        }
        if self.skipped > 0 {
            write!(f, "\n\nskipped {} lines of other methods than `tools/call`", self.skipped)?;
        }
        Ok(())
    }
}

/// Calls that are being recorded: [`Tool::record`].
#[derive(Debug)]
#[must_use = "nothing is written until `save`"]
pub struct Recording<'a> {
    tool: &'a Tool,
    file: PathBuf,
    calls: RecordedCalls,
}

impl Recording<'_> {
    /// Calls a tool and records the request and the answer.
    ///
    /// # Panics
    /// Panics as [`Tool::call`] does.
    #[track_caller]
    pub fn call(&mut self, tool: &str, arguments: impl Into<Value>) -> Answer {
        let arguments = arguments.into();
        let answer = self.tool.call(tool, arguments.clone());
        let id = self.calls.iter().count() + 1;
        self.calls.push(RecordedCall::new(id, tool, arguments, answer.response()));
        answer
    }

    /// Writes the file, one line per call, and replaces its previous content.
    ///
    /// # Panics
    /// Panics if no call was made, or the file cannot be written.
    #[track_caller]
    pub fn save(self) {
        if self.calls.is_empty() {
            fail("the recording is empty", "make at least one call through it before `.save()`");
        }
        golden::write(&self.file, &self.calls.to_string());
    }
}
