//! The only writer to the terminal: results go to stdout, everything else to stderr.
//!
//! With `--format json`, stdout is exactly one JSON document in every case: the result of the command, or its error. stderr
//! is for people in both formats; with `-q` only errors are printed there.

mod diagnostic;
mod errors;
mod human;
mod json;
#[cfg(feature = "registry-server")]
mod log;
mod printer;
mod progress;
mod question;
mod startup;
pub(crate) mod streams;
mod text;

use std::sync::{Mutex, PoisonError};

use mpp_host::policy::Answer;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{Format, OutputOptions};
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::exit::Exit;
use crate::program::Program;
use crate::reports::document::{Document, ErrorDocument};

pub(crate) use errors::UiError;
pub(crate) use human::{Human, arguments};
pub(crate) use startup::{bug, bug_document, command_line};

use diagnostic::render;
use printer::Printer;
use text::{GOOD, NOTE, Text};

/// How much the program prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loudness {
    Quiet,
    Normal,
    Verbose,
}

/// The terminal, as commands see it.
#[derive(Debug)]
pub(crate) struct Ui {
    program: Program,
    format: Format,
    loudness: Loudness,
    /// The directory that paths are shown relative to.
    base: Option<String>,
    /// The lines that [`Ui::progress_once`] has printed.
    said: Mutex<Vec<(&'static str, &'static str)>>,
    printer: Printer,
}

impl Ui {
    /// Creates the terminal with these output options.
    pub(crate) fn new(program: Program, options: &OutputOptions, base: Option<String>) -> Self {
        let loudness = match (options.quiet, options.verbose) {
            (true, _) => Loudness::Quiet,
            (_, true) => Loudness::Verbose,
            _ => Loudness::Normal,
        };
        Self {
            program,
            format: options.format,
            loudness,
            base,
            said: Mutex::default(),
            printer: Printer::new(loudness == Loudness::Normal),
        }
    }

    /// Returns whether results are printed as JSON.
    pub(crate) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Returns whether results are printed in the format of JUnit.
    pub(crate) fn wants_junit(&self) -> bool {
        self.format == Format::Junit
    }

    /// Returns whether stderr shows colours.
    pub(crate) fn has_colors(&self) -> bool {
        self.printer.has_colors()
    }

    /// Returns whether the user asked for details.
    pub(crate) fn is_verbose(&self) -> bool {
        self.loudness == Loudness::Verbose
    }

    /// Prints the result of a command in the format that the user chose.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written.
    pub(crate) fn show(&self, result: &(impl Human + Serialize + JsonSchema)) -> Result<(), UiError> {
        match self.format {
            Format::Json => self.print_document(result),
            Format::Text | Format::Junit => {
                self.say(Loudness::Normal, |text| {
                    result.notes(text, self.is_verbose());
                    text
                });
                let mut text = self.printer.result();
                result.human(&mut text, self.is_verbose());
                self.printer.out(&text).map_err(UiError::output)
            }
        }
    }

    /// Prints the result of a command that failed: in JSON one document with the result and an `error`, in text the result, and the
    /// error on stderr. Returns the exit code.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written.
    pub(crate) fn show_failed(
        &self,
        result: &(impl Human + Serialize + JsonSchema),
        failure: impl Into<Diagnostic>,
    ) -> Result<Exit, UiError> {
        self.progress_done();
        let diagnostic = self.localised(failure.into());
        let exit = diagnostic.exit();
        match self.format {
            Format::Json => self.print_json(&Document::failed(result, &diagnostic, exit))?,
            Format::Text | Format::Junit => self.show(result)?,
        }
        // If stderr cannot be written, there is no place left to report it.
        let _ = self.printer.err(&render(&diagnostic));
        Ok(exit)
    }

    /// Prints a result that is text, with characters escaped that would control the terminal.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written.
    pub(crate) fn print_text(&self, lines: &str) -> Result<(), UiError> {
        let mut text = Text::new();
        text.block("", lines);
        self.printer.out(&text).map_err(UiError::output)
    }

    /// Prints a result byte for byte.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written.
    pub(crate) fn print_raw(&self, bytes: &[u8]) -> Result<(), UiError> {
        self.printer.out_raw(bytes).map_err(UiError::output)
    }

    /// Prints a result as a JSON document in both formats.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written.
    pub(crate) fn print_document(&self, result: &(impl Serialize + JsonSchema)) -> Result<(), UiError> {
        self.print_json(&Document::new(result))
    }

    /// Prints JSON that is no document, in both formats.
    ///
    /// # Errors
    /// Returns an error if stdout cannot be written.
    pub(crate) fn print_json(&self, value: &impl Serialize) -> Result<(), UiError> {
        self.print_raw(json::document(value).map_err(UiError::output)?.as_bytes())
    }

    /// Prints why this process failed, for the process that started it.
    pub(crate) fn print_reason(&self, reason: &str) {
        let mut text = Text::new();
        text.block("", reason);
        let _ = self.printer.err(&text);
    }

    /// Starts the log of a server on stderr.
    #[cfg(feature = "registry-server")]
    pub(crate) fn start_log(&self, json: bool) {
        log::start(json, self.loudness == Loudness::Verbose, self.loudness == Loudness::Quiet);
    }

    /// Reports something that was done: a green verb, and what it was done to.
    pub(crate) fn status(&self, verb: &str, rest: &str) {
        self.say(Loudness::Normal, |text| text.status(GOOD, verb, rest));
    }

    /// Like [`Ui::status`], but only with `-v`.
    pub(crate) fn detail(&self, verb: &str, rest: &str) {
        self.say(Loudness::Verbose, |text| text.status(NOTE, verb, rest));
    }

    /// Prints a note for a command that succeeded.
    pub(crate) fn note(&self, note: &str) {
        let note = self.program.spell(note);
        self.say(Loudness::Normal, |text| {
            let mut lines = note.lines();
            text.wrap(6).styled(NOTE, "note").add(": ").line(lines.next().unwrap_or_default());
            lines.for_each(|line| {
                text.wrap(6).add("      ").line(line);
            });
            text
        });
    }

    /// Prints something for people that is not the result.
    pub(crate) fn aside(&self, aside: &impl Human) {
        self.say(Loudness::Normal, |text| {
            aside.human(text, self.is_verbose());
            text
        });
    }

    /// Shows a line of a child process: a step moves the progress line, a message is printed.
    pub(crate) fn foreign_line(&self, line: &str, is_step: bool) {
        match (is_step, self.loudness) {
            (true, Loudness::Normal) => {
                self.printer.progress_step(&anstream::adapter::strip_str(line).to_string());
            }
            (true, Loudness::Quiet) => {}
            _ => {
                let mut text = Text::new();
                text.colored_line(line);
                let _ = self.printer.err(&text);
            }
        }
    }

    /// Shows what is being done: as a moving line on a terminal, or else, if `plain`, as one line.
    pub(crate) fn progress(&self, verb: &str, what: &str, plain: bool) {
        if !self.printer.progress(verb, what) && plain {
            self.status(verb, what);
        }
    }

    /// Shows what is being done: as a moving line on a terminal, or else as a line that is printed once.
    pub(crate) fn progress_once(&self, verb: &'static str, what: &'static str) {
        if self.printer.progress(verb, what) || self.loudness != Loudness::Normal {
            return;
        }
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if !said.contains(&(verb, what)) {
            said.push((verb, what));
            self.status(verb, what);
        }
    }

    /// Adds to the moving line how much is done.
    pub(crate) fn progress_count(&self, done: u64, total: u64, what: &str) {
        self.printer.progress_detail(&format!("{done}/{total}: {what}"));
    }

    /// Adds a bar to the moving line that shows how many bytes are done.
    pub(crate) fn progress_bytes(&self, done: u64, total: u64) {
        self.printer.progress_detail(&progress::bar(done, total));
    }

    /// Returns whether progress is shown as a moving line.
    pub(crate) fn has_moving_line(&self) -> bool {
        self.printer.is_moving()
    }

    /// Removes the moving line.
    pub(crate) fn progress_done(&self) {
        self.printer.progress_done();
    }

    /// Asks a yes-or-no question whose default answer is no.
    ///
    /// # Errors
    /// Returns an error if the answer cannot be read.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool, UiError> {
        self.progress_done();
        question::confirm(&self.printer, question)
    }

    /// Asks a question whose answer is yes, yes for this version from now on, or no, which is the default.
    ///
    /// # Errors
    /// Returns an error if the answer cannot be read.
    pub(crate) fn choose(&self, question: &str) -> Result<Answer, UiError> {
        self.progress_done();
        question::choose(&self.printer, question)
    }

    /// Asks for a passphrase, which is not shown.
    ///
    /// # Errors
    /// Returns an error if it cannot be read.
    pub(crate) fn passphrase(&self, question: &str) -> Result<String, UiError> {
        self.progress_done();
        question::passphrase(question)
    }

    /// Prints the error of a command, and returns the exit code.
    pub(crate) fn fail(&self, error: &Error) -> Exit {
        self.progress_done();
        let diagnostic = self.localised(error.into());
        let exit = diagnostic.exit();
        self.print_failure(&diagnostic, exit);
        exit
    }

    /// Rewrites commands and paths in the diagnostic as the user would type them.
    fn localised(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.spelled_for(self.program).relative_to(self.base.as_deref())
    }

    fn print_failure(&self, diagnostic: &Diagnostic, exit: Exit) {
        if self.format == Format::Json
            && let Ok(document) = json::document(&ErrorDocument::new(diagnostic, exit))
        {
            let _ = self.printer.out_raw(document.as_bytes());
        }
        let _ = self.printer.err(&render(diagnostic));
    }

    fn say(&self, from: Loudness, write: impl FnOnce(&mut Text) -> &mut Text) {
        if self.loudness >= from {
            let mut text = Text::new();
            write(&mut text);
            // If stderr cannot be written, there is no place left to report it.
            let _ = self.printer.err(&text);
        }
    }
}

/// Formats a result as the document that `--format json` prints.
///
/// # Errors
/// Returns an error if the value cannot be written as JSON.
pub(crate) fn json_document(result: &(impl Serialize + JsonSchema)) -> Result<String, UiError> {
    json::document(&Document::new(result)).map_err(UiError::output)
}
