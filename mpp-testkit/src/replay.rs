//! Recorded calls, made again: what is answered otherwise, with redactions and volatile values accounted for.
//!
//! A recording is a file of lines, each a JSON object with a JSON-RPC request and its response, as they went over the
//! wire of an MCP server:
//!
//! ```text
//! {"request":{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find","arguments":{"query":"ada"}}},"response":{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":[],"isError":false}}}
//! ```

mod compare;
mod recording;

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::answer::Answer;
use crate::difference::values::{self, Difference};
use crate::failure::fail;
use crate::stored;
use crate::tool::Tool;

use compare::Comparison;
use recording::{Exchange, Recorded};

impl Tool {
    /// Makes the recorded calls of a file again, or of all files whose name fits (`fixtures/*.jsonl`); paths are relative
    /// to the crate of the test.
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

    /// Starts a recording: calls made through it are kept, and [`Recording::save`] writes them for [`Tool::replay`].
    pub fn record(&self, file: impl AsRef<Path>) -> Recording<'_> {
        Recording { tool: self, file: stored::resolve(file), lines: Vec::new() }
    }
}

/// Recorded calls to make again.
#[derive(Debug, Clone)]
#[must_use = "nothing is called until `assert_same` or `report`"]
pub struct Replay<'a> {
    tool: &'a Tool,
    files: String,
    volatile: Vec<String>,
}

/// What became of a recording.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReplayReport {
    /// Calls that were made again.
    pub calls: usize,
    /// Lines of other methods than `tools/call`, which were left out.
    pub left_out: usize,
    /// Calls that were answered otherwise.
    pub different: Vec<DifferentCall>,
    /// Recorded values in whose place the answer has a redaction: `FILE, line N: /pointer: id`.
    pub redacted: Vec<String>,
}

/// One call that was answered otherwise than recorded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DifferentCall {
    /// The file, as it is named in the report.
    pub file: String,
    /// Its line, from one.
    pub line: usize,
    /// Which tool was called with what.
    pub call: String,
    /// Where the answers differ: expected is the recorded one.
    pub text: String,
}

impl Replay<'_> {
    /// The value at this JSON pointer may be another one every time (a time, an id): it only has to be there. `*` stands
    /// for any member or index. Pointers lead into the structured result, or begin with `/content/`, `/message` or
    /// `/data`.
    pub fn volatile(mut self, pointer: impl Into<String>) -> Self {
        self.volatile.push(pointer.into());
        self
    }

    /// Makes the calls and compares.
    ///
    /// # Panics
    /// Where an answer differs, with a report of all that do; where no file fits, or a line of it is no recorded exchange.
    #[track_caller]
    pub fn assert_same(self) -> ReplayReport {
        let report = self.report();
        if !report.different.is_empty() {
            fail(
                &report,
                "if the answers are meant, `MPP_TEST_BLESS=1 cargo test` records them anew; if a value differs every time, \
                 say `.volatile(\"/its/pointer\")`",
            );
        }
        report
    }

    /// Makes the calls and compares; with `MPP_TEST_BLESS=1`, writes the answers into the files instead.
    ///
    /// # Panics
    /// Where no file fits, or a line of it is no recorded exchange.
    #[must_use]
    #[track_caller]
    pub fn report(&self) -> ReplayReport {
        let files = match stored::matching(&self.files) {
            Ok(files) => files,
            Err(reason) => fail(
                format_args!("nothing to replay: {reason}"),
                "`tool.record(\"fixtures/x.jsonl\")` makes a recording; paths are relative to the crate of the test",
            ),
        };
        let mut recorded = Vec::new();
        let mut mistakes = Vec::new();
        for file in files {
            match recording::read(&file) {
                Ok(read) => recorded.push(read),
                Err(found) => mistakes.extend(found),
            }
        }
        if !mistakes.is_empty() {
            fail(
                format_args!("the recording cannot be read\n  {}", mistakes.join("\n  ")),
                "a line is `{\"request\":{\"method\":\"tools/call\",\"params\":{…}},\"response\":{\"result\":…}}`",
            );
        }
        let mut report = ReplayReport::default();
        for file in &recorded {
            match stored::blessing() {
                true => self.bless(file, &mut report),
                false => self.compare(file, &mut report),
            }
        }
        report
    }

    fn compare(&self, file: &Recorded, report: &mut ReplayReport) {
        report.left_out += file.left_out();
        for exchange in file.exchanges() {
            let answer = self.again(exchange);
            report.calls += 1;
            let compared = Comparison::new(&self.volatile).run(&exchange.response, &answer.response());
            let at = format!("{}, line {}", file.name, exchange.line);
            report.redacted.extend(compared.redacted.iter().map(|place| format!("{at}: {place}")));
            if !compared.differences.is_empty() {
                let mut text = values::text(&compared.differences);
                if !answer.is_success() {
                    text.push_str(&format!(
                        "\n  (the answer is {})",
                        crate::explain::error(answer.error(), answer.log())
                    ));
                }
                report.different.push(DifferentCall {
                    file: file.name.clone(),
                    line: exchange.line,
                    call: answer.call().to_owned(),
                    text,
                });
            }
        }
    }

    #[track_caller]
    fn bless(&self, file: &Recorded, report: &mut ReplayReport) {
        let mut lines = Vec::with_capacity(file.lines.len());
        for line in &file.lines {
            match line {
                recording::Line::Call(exchange) => {
                    report.calls += 1;
                    lines.push(exchange.with_response(&self.again(exchange).response()));
                }
                recording::Line::Other(text) => lines.push(text.clone()),
            }
        }
        report.left_out += file.left_out();
        if let Err(error) = stored::write(&file.path, &(lines.join("\n") + "\n")) {
            fail(format_args!("`{}` cannot be written: {error}", file.path.display()), "");
        }
    }

    fn again(&self, exchange: &Exchange) -> Answer {
        self.tool.call_json(&exchange.tool, &exchange.arguments.to_string())
    }
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.different.len() {
            0 => write!(f, "{} recorded calls are answered as before", self.calls)?,
            different => write!(f, "{different} of {} recorded calls are answered otherwise", self.calls)?,
        }
        for different in &self.different {
            write!(f, "\n\n{}, line {}: {}\n{}", different.file, different.line, different.call, different.text)?;
        }
        if !self.redacted.is_empty() {
            write!(f, "\n\nequal but for redactions:\n  {}", self.redacted.join("\n  "))?;
        }
        if self.left_out > 0 {
            write!(f, "\n\n{} lines of other methods than `tools/call` were left out", self.left_out)?;
        }
        Ok(())
    }
}

/// Calls that are being recorded.
#[derive(Debug)]
#[must_use = "nothing is written until `save`"]
pub struct Recording<'a> {
    tool: &'a Tool,
    file: PathBuf,
    lines: Vec<String>,
}

impl Recording<'_> {
    /// Makes a call and keeps its request and its answer.
    pub fn call(&mut self, tool: &str, arguments: impl Into<Value>) -> Answer {
        let arguments = arguments.into();
        let answer = self.tool.call(tool, arguments.clone());
        self.lines.push(recording::line(self.lines.len() + 1, tool, &arguments, &answer.response()));
        answer
    }

    /// Writes the file, a line a call; what was there before is replaced.
    ///
    /// # Panics
    /// Where nothing was called, or the file cannot be written.
    #[track_caller]
    pub fn save(self) {
        if self.lines.is_empty() {
            fail("nothing to save: no call was made through the recording", "");
        }
        if let Err(error) = stored::write(&self.file, &(self.lines.join("\n") + "\n")) {
            fail(format_args!("`{}` cannot be written: {error}", self.file.display()), "");
        }
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) differences: Vec<Difference>,
    /// `/pointer: id`
    pub(crate) redacted: Vec<String>,
}
