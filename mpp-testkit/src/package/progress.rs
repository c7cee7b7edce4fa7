//! Reports the progress of a build on the terminal, so that a slow first test explains itself.

use std::io::Write;
use std::time::Instant;

use mpp_build::Event;

/// Writes progress to standard error directly: test harnesses capture other output and show it only after the test.
pub(super) struct Progress<'a> {
    out: &'a mut dyn Write,
    name: String,
    /// Whether the tool has been built here before.
    is_known: bool,
    started: Option<Instant>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(out: &'a mut dyn Write, name: &str, is_known: bool) -> Self {
        Self { out, name: name.to_owned(), is_known, started: None }
    }

    /// Reports an event. A build in which everything is fresh reports nothing.
    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::AddingTarget { target } => self.line(
                "Adding",
                &format!("the Rust target `{target}` with rustup, because the tool is tested as WebAssembly"),
            ),
            Event::CargoLine(line) if is_progress(line) => {
                if self.started.is_none() {
                    self.started = Some(Instant::now());
                    if !self.is_known {
                        let reason = format!(
                            "`{}` as it ships: compiling it for `wasm32-wasip1`, to sign, verify and run it in the sandbox; later \
                             runs compile only changes",
                            self.name
                        );
                        self.line("Testing", &reason);
                    }
                }
                let target = if line.trim_start().starts_with("Compiling") { " for `wasm32-wasip1`" } else { "" };
                self.raw(&format!("{line}{target}\n"));
            }
            Event::RunningCommand { command } => self.line("Running", &format!("`{command}`")),
            _ => {}
        }
    }

    /// Reports the end of a first build.
    pub(super) fn done(&mut self) {
        if let Some(started) = self.started.filter(|_| !self.is_known) {
            self.line("Finished", &format!("`{}` for `wasm32-wasip1` in {:.1?}", self.name, started.elapsed()));
        }
    }

    /// Writes a line in cargo's format.
    fn line(&mut self, verb: &str, text: &str) {
        self.raw(&format!("{verb:>12} {text}\n"));
    }

    fn raw(&mut self, text: &str) {
        // A closed terminal must not fail the test.
        let _ = self.out.write_all(text.as_bytes());
    }
}

/// Returns whether a line of cargo reports progress.
pub(super) fn is_progress(line: &str) -> bool {
    const VERBS: [&str; 9] =
        ["Compiling", "Checking", "Updating", "Locking", "Adding", "Downloading", "Downloaded", "Blocking", "Fresh"];
    line.starts_with("   ") && line.split_whitespace().next().is_some_and(|verb| VERBS.contains(&verb))
}

#[cfg(test)]
mod tests {
    use super::{Event, Progress};

    fn reported(is_known: bool, lines: &[&str]) -> String {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out, "greeter", is_known);
        lines.iter().for_each(|line| progress.event(&Event::CargoLine((*line).to_owned())));
        progress.done();
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_first_build_reports_what_is_compiled_and_why() {
        let output = reported(
            false,
            &["   Compiling serde v1.0.0", "   Compiling greeter v0.1.0", "    Finished `mpp` profile"],
        );
        let (first, rest) = output.split_once('\n').expect("lines");
        assert!(
            first.starts_with("     Testing `greeter` as it ships: compiling it for `wasm32-wasip1`, to sign"),
            "{first}"
        );
        let compiled = "   Compiling serde v1.0.0 for `wasm32-wasip1`\n   Compiling greeter v0.1.0 for `wasm32-wasip1`\n    Finished \
                        `greeter` for `wasm32-wasip1` in ";
        assert!(rest.starts_with(compiled), "{rest}");
    }

    #[test]
    fn later_builds_report_changes_only() {
        let change = ["   Compiling greeter v0.1.0", "warning: unused variable", "    Finished `mpp` profile"];
        assert_eq!(reported(true, &change), "   Compiling greeter v0.1.0 for `wasm32-wasip1`\n");
        assert_eq!(reported(true, &["    Finished `mpp` profile"]), "");
        assert_eq!(reported(false, &["    Finished `mpp` profile"]), "");
    }
}
