//! What is said while the module is compiled: a test that takes long says why.

use std::io::Write;
use std::time::Instant;

use mpp_build::Event;

/// Writes to the terminal past the capture of test harnesses, which would show it only when the test is over.
pub(super) struct Telling<'a> {
    out: &'a mut dyn Write,
    name: String,
    /// The tool has been built here before.
    is_known: bool,
    since: Option<Instant>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(out: &'a mut dyn Write, name: &str, is_known: bool) -> Self {
        Self { out, name: name.to_owned(), is_known, since: None }
    }

    /// Nothing is said of a build that finds everything fresh.
    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::AddingTarget { target } => self.line(
                "Adding",
                &format!("the Rust target `{target}` through rustup: the tool is tested as WebAssembly, as it ships"),
            ),
            Event::CargoLine(line) if is_progress(line) => {
                if self.since.is_none() {
                    self.since = Some(Instant::now());
                    if !self.is_known {
                        let why = format!(
                            "`{}` as it ships: it is compiled for `wasm32-wasip1`, packed, signed, verified, and run in the \
                             sandbox; from now on only what changes is compiled",
                            self.name
                        );
                        self.line("Testing", &why);
                    }
                }
                let target = if line.trim_start().starts_with("Compiling") { " for `wasm32-wasip1`" } else { "" };
                self.raw(&format!("{line}{target}\n"));
            }
            Event::RunningCommand { command } => self.line("Running", &format!("`{command}`")),
            _ => {}
        }
    }

    /// Ends what was begun.
    pub(super) fn done(&mut self) {
        if let Some(since) = self.since.filter(|_| !self.is_known) {
            self.line("Finished", &format!("`{}` for `wasm32-wasip1` in {:.1?}", self.name, since.elapsed()));
        }
    }

    /// As cargo writes.
    fn line(&mut self, verb: &str, text: &str) {
        self.raw(&format!("{verb:>12} {text}\n"));
    }

    fn raw(&mut self, text: &str) {
        // A closed terminal is no reason to fail a test.
        let _ = self.out.write_all(text.as_bytes());
    }
}

/// Lines that tell how far cargo is, of which a first build has many.
pub(super) fn is_progress(line: &str) -> bool {
    const VERBS: [&str; 9] =
        ["Compiling", "Checking", "Updating", "Locking", "Adding", "Downloading", "Downloaded", "Blocking", "Fresh"];
    line.starts_with("   ") && line.split_whitespace().next().is_some_and(|verb| VERBS.contains(&verb))
}

#[cfg(test)]
mod tests {
    use super::{Event, Telling};

    fn told(is_known: bool, lines: &[&str]) -> String {
        let mut out = Vec::new();
        let mut telling = Telling::new(&mut out, "greeter", is_known);
        lines.iter().for_each(|line| telling.event(&Event::CargoLine((*line).to_owned())));
        telling.done();
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_first_build_says_what_it_compiles_and_why() {
        let said =
            told(false, &["   Compiling serde v1.0.0", "   Compiling greeter v0.1.0", "    Finished `mpp` profile"]);
        let (first, rest) = said.split_once('\n').expect("lines");
        assert!(
            first.starts_with("     Testing `greeter` as it ships: it is compiled for `wasm32-wasip1`, packed"),
            "{first}"
        );
        let compiled = "   Compiling serde v1.0.0 for `wasm32-wasip1`\n   Compiling greeter v0.1.0 for `wasm32-wasip1`\n    Finished \
                        `greeter` for `wasm32-wasip1` in ";
        assert!(rest.starts_with(compiled), "{rest}");
    }

    #[test]
    fn later_builds_say_what_is_compiled_again_and_fresh_ones_nothing() {
        let change = ["   Compiling greeter v0.1.0", "warning: unused variable", "    Finished `mpp` profile"];
        assert_eq!(told(true, &change), "   Compiling greeter v0.1.0 for `wasm32-wasip1`\n");
        assert_eq!(told(true, &["    Finished `mpp` profile"]), "");
        assert_eq!(told(false, &["    Finished `mpp` profile"]), "");
    }
}
