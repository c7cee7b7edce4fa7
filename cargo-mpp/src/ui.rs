//! The only way to the terminal: results on stdout, everything else on stderr.
//!
//! With `--format json` stdout is exactly one JSON document, whatever happens: the command's result, or
//! `{"error": …}`. stderr is for people in both formats; `-q` leaves errors alone on it.

mod diagnostic;
mod human;
mod json;
mod printer;
mod progress;
mod question;
mod text;

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::Program;
use crate::cli::{Format, OutputOptions};
use crate::codes;
use crate::error::Error;
use crate::exit::Exit;

pub(crate) use diagnostic::Diagnostic;
pub(crate) use human::Human;
use printer::Printer;
use text::{GOOD, NOTE, Text};

/// How loud the program is.
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
    /// What paths are shown relative to.
    base: Option<String>,
    /// Whether [`Ui::progress_once`] has spoken.
    said_once: AtomicBool,
    printer: Printer,
}

impl Ui {
    /// A terminal that behaves as the options say.
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
            said_once: AtomicBool::new(false),
            printer: Printer::new(loudness == Loudness::Normal),
        }
    }

    /// Whether results are wanted as JSON.
    pub(crate) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether `-v` was given.
    fn is_verbose(&self) -> bool {
        self.loudness == Loudness::Verbose
    }

    /// Prints a command's result in the format that is wanted.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(crate) fn show(&self, result: &(impl Human + Serialize)) -> Result<(), Error> {
        match self.format {
            Format::Json => self.print_json(result),
            Format::Text => {
                self.say(Loudness::Normal, |text| {
                    result.notes(text, self.is_verbose());
                    text
                });
                let mut text = Text::new();
                result.human(&mut text, self.is_verbose());
                self.printer.out(&text).map_err(|source| Error::Output { source })
            }
        }
    }

    /// Prints text that is a result and may hold what others wrote: nothing in it speaks to the terminal.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(crate) fn print_text(&self, lines: &str) -> Result<(), Error> {
        let mut text = Text::new();
        text.block("", lines);
        self.printer.out(&text).map_err(|source| Error::Output { source })
    }

    /// Prints bytes that are a result as they are: a script, a schema.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(crate) fn print_raw(&self, bytes: &[u8]) -> Result<(), Error> {
        self.printer.out_raw(bytes).map_err(|source| Error::Output { source })
    }

    /// Prints bytes of a package's on a terminal: text that cannot speak to it, with a line's end.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(crate) fn print_value(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut text = Text::new();
        text.block("", String::from_utf8_lossy(bytes));
        self.printer.out(&text).map_err(|source| Error::Output { source })
    }

    /// Prints why a child process of ours failed, for the process that started it.
    pub(crate) fn print_reason(&self, reason: &str) {
        let mut text = Text::new();
        text.block("", reason);
        let _ = self.printer.err(&text);
    }

    /// Says that something was done: a green verb and what it was done to.
    pub(crate) fn status(&self, verb: &str, rest: &str) {
        self.say(Loudness::Normal, |text| text.status(GOOD, verb, rest));
    }

    /// As [`Ui::status`], with `-v` only.
    pub(crate) fn detail(&self, verb: &str, rest: &str) {
        self.say(Loudness::Verbose, |text| text.status(NOTE, verb, rest));
    }

    /// Says what a reader should know although nothing failed.
    pub(crate) fn note(&self, note: &str) {
        let note = diagnostic::commands_for(self.program, note);
        self.say(Loudness::Normal, |text| {
            let mut lines = note.lines();
            text.styled(NOTE, "note").add(": ").line(lines.next().unwrap_or_default());
            lines.for_each(|line| {
                text.add("      ").line(line);
            });
            text
        });
    }

    /// Prints a command's result although the command failed: the same document with an `error` in it, or the same text and
    /// the error on stderr. Returns what to exit with.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(crate) fn show_failed(&self, result: &(impl Human + Serialize), error: &Error) -> Result<Exit, Error> {
        self.show_with(result, error.diagnostic(), error.exit())
    }

    /// As [`Ui::show_failed`], for a failure that is no [`Error`]: a call that the tool answered with one.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(crate) fn show_with(
        &self,
        result: &(impl Human + Serialize),
        diagnostic: Diagnostic,
        exit: Exit,
    ) -> Result<Exit, Error> {
        self.progress_done();
        let diagnostic = self.localised(diagnostic);
        match self.format {
            Format::Json => self.print_json(&json::FailedDocument::new(result, &diagnostic, exit))?,
            Format::Text => self.show(result)?,
        }
        let _ = self.printer.err(&diagnostic.render());
        Ok(exit)
    }

    /// Prints a value that is JSON in both formats.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(crate) fn print_json(&self, value: &impl Serialize) -> Result<(), Error> {
        self.print_raw(json_document(value)?.as_bytes())
    }

    /// Whether stderr shows colours.
    pub(crate) fn has_colors(&self) -> bool {
        self.printer.has_colors()
    }

    /// A line of a program that runs on our behalf: a step moves the progress line, a message is printed.
    pub(crate) fn foreign_line(&self, line: &str, is_step: bool) {
        match (is_step, self.loudness) {
            (true, Loudness::Normal) => {
                self.printer.progress_detail(anstream::adapter::strip_str(line).to_string().trim());
            }
            (true, Loudness::Quiet) => {}
            _ => {
                let mut text = Text::new();
                text.colored_line(line);
                let _ = self.printer.err(&text);
            }
        }
    }

    /// Prints something for people that is not the result, rendered as its type says.
    pub(crate) fn aside(&self, aside: &impl Human) {
        self.say(Loudness::Normal, |text| {
            aside.human(text, self.is_verbose());
            text
        });
    }

    /// Shows what is being done, as a moving line on a terminal, else (where `plain`) once as a plain one.
    pub(crate) fn progress(&self, verb: &str, what: &str, plain: bool) {
        if !self.printer.progress(verb, what) && plain {
            self.status(verb, what);
        }
    }

    /// Without a terminal, and without `-v` that shows every step: says once what is being done.
    pub(crate) fn progress_once(&self, verb: &str, what: &str) {
        let is_plain = self.loudness == Loudness::Normal && !self.printer.is_moving();
        if is_plain && !self.said_once.swap(true, Ordering::Relaxed) {
            self.status(verb, what);
        }
    }

    /// Takes the moving line away.
    pub(crate) fn progress_done(&self) {
        self.printer.progress_done();
    }

    /// Asks a person a question whose answer is no unless they say yes.
    ///
    /// # Errors
    /// Where the answer cannot be read.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool, Error> {
        self.progress_done();
        question::confirm(&self.printer, question)
    }

    /// Asks for a passphrase without showing it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn passphrase(&self, question: &str) -> Result<String, Error> {
        self.progress_done();
        question::passphrase(question)
    }

    /// Prints how a command failed, and says what to exit with.
    pub(crate) fn fail(&self, error: &Error) -> Exit {
        self.progress_done();
        let exit = error.exit();
        self.print_failure(&self.localised(error.diagnostic()), exit);
        exit
    }

    /// The diagnostic as a user here would type its commands and paths.
    fn localised(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.spelled_for(self.program).relative_to(self.base.as_deref())
    }

    fn print_failure(&self, diagnostic: &Diagnostic, exit: Exit) {
        if self.format == Format::Json
            && let Ok(document) = json::document(&json::ErrorDocument::new(diagnostic, exit))
        {
            let _ = self.printer.out_raw(document.as_bytes());
        }
        let _ = self.printer.err(&diagnostic.render());
    }

    fn say(&self, from: Loudness, write: impl FnOnce(&mut Text) -> &mut Text) {
        if self.loudness >= from {
            let mut text = Text::new();
            write(&mut text);
            // stderr is where failures are told; when it is gone there is nobody left to tell.
            let _ = self.printer.err(&text);
        }
    }
}

/// A value as the document that `--format json` prints.
///
/// # Errors
/// Where it cannot be JSON.
pub(crate) fn json_document(value: &impl Serialize) -> Result<String, Error> {
    json::document(value).map_err(|error| Error::Output { source: error.into() })
}

/// Prints help, the version, or what is wrong with the command line.
pub(crate) fn command_line(program: Program, arguments: &[OsString], end: &clap::Error) -> Exit {
    let printer = Printer::new(false);
    let help = || crate::cli::help_for(program, &end.render().ansi().to_string());
    if end.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = printer.err_ansi(&help());
        return Exit::Usage;
    }
    if end.use_stderr() {
        let options = OutputOptions::guessed_from(arguments);
        let diagnostic = crate::cli::diagnose(end).spelled_for(program);
        Ui::new(program, &options, None).print_failure(&diagnostic, Exit::Usage);
        return Exit::Usage;
    }
    match printer.out_ansi(&help()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Usage,
    }
}

/// Reports a bug of ours.
pub(crate) fn bug(program: Program, what: &str) {
    let diagnostic =
        Diagnostic::new(&codes::C070, format!("{} failed in a way that it should not: {what}", program.name())).help(
            format!(
                "this is a bug of ours, not of your package or tool; please report it with this message,\n\
             the command line, and the output of `{} --version`",
                program.name()
            ),
        );
    let _ = Printer::new(false).err(&diagnostic.render());
}
