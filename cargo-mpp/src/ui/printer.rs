//! The two streams: stdout carries results, stderr everything else.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anstream::AutoStream;
use console::Term;

use super::progress::Spinner;
use super::text::{Destination, Text};

/// Whether something was written to stdout.
static HAS_PRINTED: AtomicBool = AtomicBool::new(false);

/// Writes to the terminal, with colours if the stream shows them, and hides the moving line meanwhile.
#[derive(Debug)]
pub(crate) struct Printer {
    moving: bool,
    spinner: Mutex<Option<Spinner>>,
}

impl Printer {
    /// Creates a printer. It shows moving lines only if `moving` is true and stderr is a terminal.
    pub(crate) fn new(moving: bool) -> Self {
        Self { moving: moving && io::stderr().is_terminal(), spinner: Mutex::new(None) }
    }

    /// Returns whether this process has written something to stdout.
    pub(crate) fn has_printed() -> bool {
        HAS_PRINTED.load(Ordering::SeqCst)
    }

    /// Creates the text of a result.
    pub(crate) fn result(&self) -> Text {
        let is_plain = !io::stdout().is_terminal() && AutoStream::choice(&io::stdout()) == anstream::ColorChoice::Never;
        Text::for_destination(if is_plain { Destination::File } else { Destination::Terminal })
    }

    /// Writes a result.
    pub(crate) fn out(&self, text: &Text) -> io::Result<()> {
        match text.destination() {
            Destination::Terminal => self.out_ansi(&text.as_ansi_of(width(Term::stdout()))),
            // Not through the stream that removes escape sequences: those of an answer belong to it.
            Destination::File => self.out_raw(text.as_ansi().as_bytes()),
        }
    }

    /// Writes text with the program's (or clap's) own escape sequences to stdout; a stream without colours drops them.
    pub(crate) fn out_ansi(&self, text: &str) -> io::Result<()> {
        HAS_PRINTED.store(true, Ordering::SeqCst);
        self.write(|| {
            let mut stdout = AutoStream::auto(io::stdout().lock());
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        })
    }

    /// Writes a result byte for byte, such as JSON or a completion script.
    pub(crate) fn out_raw(&self, bytes: &[u8]) -> io::Result<()> {
        HAS_PRINTED.store(true, Ordering::SeqCst);
        self.write(|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes).and_then(|()| stdout.flush())
        })
    }

    /// Writes text that is not a result to stderr.
    pub(crate) fn err(&self, text: &Text) -> io::Result<()> {
        self.err_ansi(&text.as_ansi_of(width(Term::stderr())))
    }

    /// Like [`Printer::out_ansi`], but to stderr.
    pub(crate) fn err_ansi(&self, text: &str) -> io::Result<()> {
        self.write(|| AutoStream::auto(io::stderr().lock()).write_all(text.as_bytes()))
    }

    /// Shows `verb what` as a moving line; returns whether there are moving lines.
    pub(crate) fn progress(&self, verb: &str, what: &str) -> bool {
        if !self.moving {
            return false;
        }
        let mut spinner = self.spinner();
        match &*spinner {
            Some(running) => running.say(verb, what),
            None => *spinner = Some(Spinner::start(verb, what)),
        }
        true
    }

    /// Returns whether there are moving lines.
    pub(crate) fn is_moving(&self) -> bool {
        self.moving
    }

    /// Changes the text of the moving line, if there is one.
    pub(crate) fn progress_detail(&self, what: &str) {
        if let Some(running) = &*self.spinner() {
            running.say_what(what);
        }
    }

    /// Changes the text of the moving line to a step of a child process.
    pub(crate) fn progress_step(&self, line: &str) {
        if let Some(running) = &*self.spinner() {
            running.say_step(line);
        }
    }

    /// Returns whether stderr shows colours.
    pub(crate) fn has_colors(&self) -> bool {
        AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
    }

    /// Removes the moving line.
    pub(crate) fn progress_done(&self) {
        self.spinner().take();
    }

    fn write(&self, print: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let end = match &*self.spinner() {
            Some(spinner) => spinner.suspend(print),
            None => print(),
        };
        match end {
            // A reader that closed the pipe (`mpp explain list | head`) has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            end => end,
        }
    }

    fn spinner(&self) -> MutexGuard<'_, Option<Spinner>> {
        self.spinner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the number of columns of a terminal; no limit if the stream is not one.
fn width(stream: Term) -> usize {
    stream.size_checked().map_or(usize::MAX, |(_, columns)| usize::from(columns))
}
