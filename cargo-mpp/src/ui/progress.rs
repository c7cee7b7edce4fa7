//! Progress of long operations: one moving line on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mpp_host::policy::size;

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
        // Each change is drawn by itself, and the new verb does not fit the old text.
        self.bar.set_message("");
        self.bar.set_prefix(verb.to_owned());
        self.bar.set_message(escape_line(what).into_owned());
    }

    /// Changes the text to a step of a child process, and keeps the verb. A line that says that the child is done is left out.
    pub(crate) fn say_step(&self, line: &str) {
        if let Some(what) = step(line) {
            self.say_what(what);
        }
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

/// Returns a bar for `done` of `total` bytes.
pub(crate) fn bar(done: u64, total: u64) -> String {
    const WIDTH: u64 = 24;
    let share = |whole: u64| done.min(total).saturating_mul(whole).checked_div(total).unwrap_or(whole);
    let full = usize::try_from(share(WIDTH)).unwrap_or_default();
    let bar: String = (0..24).map(|column| if column < full { '#' } else { '-' }).collect();
    format!("[{bar}] {:>3} % of {}", share(100), size(total))
}

/// Returns what a line of cargo is about, without cargo's own verb; `None` if cargo is done.
fn step(line: &str) -> Option<&str> {
    let line = line.trim();
    let (verb, what) = line.split_once(' ').unwrap_or(("", line));
    (verb != "Finished").then(|| what.trim_start())
}

#[cfg(test)]
mod tests {
    use super::{bar, step};

    #[test]
    fn a_bar_shows_how_much_is_done() {
        assert_eq!(bar(0, 1024), "[------------------------]   0 % of 1.0 KiB");
        assert_eq!(bar(512, 1024), "[############------------]  50 % of 1.0 KiB");
        assert_eq!(bar(0, 0), "[########################] 100 % of 0 B");
    }

    #[test]
    fn a_step_is_shown_without_the_verb_of_cargo() {
        assert_eq!(step("   Compiling memchr v2.7.6"), Some("memchr v2.7.6"));
        assert_eq!(step("Blocking"), Some("Blocking"));
        assert_eq!(step("    Finished `mpp` profile [optimized + debuginfo] target(s) in 50.35s"), None);
    }
}
