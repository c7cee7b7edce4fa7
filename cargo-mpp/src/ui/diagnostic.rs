//! How an error looks: what happened, where, what to do next.

use mpp_host::codes::Code;
use serde::Serialize;

use super::text::{BAD, BOLD, NOTE, PLACE, Text};
use crate::Program;

/// An error for a reader, human or program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnostic {
    /// What `mpp explain` describes.
    pub(crate) code: &'static Code,
    /// What happened: lower case, one sentence, no final period.
    pub(crate) message: String,
    /// Where: a file, an entry, a place in the arguments.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// More that is known, a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
}

impl Diagnostic {
    /// An error with nothing but a code and a message.
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, notes: Vec::new(), help: None }
    }

    /// Says where.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds what else is known.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do next.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into()).filter(|help: &String| !help.is_empty());
        self
    }

    /// The same with commands spelled the way this program was started.
    pub(crate) fn spelled_for(mut self, program: Program) -> Self {
        self.message = commands_for(program, &self.message);
        for text in self.notes.iter_mut().chain(&mut self.help) {
            *text = commands_for(program, text);
        }
        self
    }

    /// The same with the place as a path below `base`, where it lies there.
    pub(crate) fn relative_to(mut self, base: Option<&str>) -> Self {
        if let (Some(place), Some(base)) = (&mut self.place, base)
            && let Some(short) = place.strip_prefix(base).and_then(|rest| rest.strip_prefix(std::path::MAIN_SEPARATOR))
        {
            *place = short.to_owned();
        }
        self
    }

    /// In the look of cargo.
    pub(crate) fn render(&self) -> Text {
        let mut text = Text::new();
        text.styled(BAD, format!("error[{}]", self.code)).styled(BOLD, ": ");
        multiline(&mut text, "", &self.message);
        if let Some(place) = &self.place {
            text.styled(PLACE, "  --> ").line(place);
        }
        for note in &self.notes {
            text.end().styled(BOLD, "note").add(": ");
            multiline(&mut text, "      ", note);
        }
        if let Some(help) = &self.help {
            text.end().styled(NOTE, "help").add(": ");
            multiline(&mut text, "      ", help);
        }
        text
    }
}

fn multiline(text: &mut Text, indent: &str, content: &str) {
    let mut lines = content.lines();
    text.line(lines.next().unwrap_or_default());
    for line in lines {
        text.add(if line.is_empty() { "" } else { indent }).line(line);
    }
}

/// Spells the commands in `text` the way the program was started: `` `mpp run …` `` or `` `cargo mpp run …` ``.
pub(crate) fn commands_for(program: Program, text: &str) -> String {
    let short = text.replace("`cargo mpp ", "`mpp ").replace("`cargo mpp`", "`mpp`");
    match program {
        Program::Mpp => short,
        Program::CargoMpp => short.replace("`mpp ", "`cargo mpp "),
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use crate::Program;

    #[test]
    fn looks_like_cargo_and_says_what_to_type() {
        let error = Diagnostic::new(&mpp_host::codes::G401, "entry `a` was changed")
            .at("x.mpp")
            .note("first\nsecond")
            .help("run `mpp build`, or `cargo mpp sign x`; see `mpp::http`");
        let plain = |error: &Diagnostic| anstream::adapter::strip_str(error.render().as_ansi()).to_string();
        assert_eq!(
            plain(&error.clone().spelled_for(Program::CargoMpp)),
            "error[MPP-G401]: entry `a` was changed\n  --> x.mpp\n\nnote: first\n      second\n\n\
             help: run `cargo mpp build`, or `cargo mpp sign x`; see `mpp::http`\n"
        );
        assert!(plain(&error.spelled_for(Program::Mpp)).contains("run `mpp build`, or `mpp sign x`; see `mpp::http`"));
    }
}
