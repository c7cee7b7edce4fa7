//! Progress of long operations: one moving line on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::escape_line;

/// A moving line, which disappears when it is dropped.
#[derive(Debug)]
pub(crate) struct Spinner {
    bar: ProgressBar,
}

impl Spinner {
    /// Shows a line `verb what` on stderr, with the elapsed time.
    pub(crate) fn start(verb: &str, what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{prefix:>12.cyan.bold} {wide_msg} {elapsed:.dim} {spinner}") {
            bar.set_style(style);
        }
        bar.set_prefix(verb.to_owned());
        bar.set_message(escape_line(what).into_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    /// Changes verb and text.
    pub(crate) fn say(&self, verb: &str, what: &str) {
        self.bar.set_prefix(verb.to_owned());
        self.bar.set_message(escape_line(what).into_owned());
    }

    /// Changes the text and keeps the verb.
    pub(crate) fn say_what(&self, what: &str) {
        self.bar.set_message(escape_line(what).into_owned());
    }

    /// Runs `print` while the line is hidden.
    pub(crate) fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.bar.suspend(print)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
