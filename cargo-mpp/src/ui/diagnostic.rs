//! Renders an error: the message, the place, and the help.

use super::text::{BAD, BOLD, NOTE, PLACE, Text};
use crate::diagnostic::Diagnostic;

/// Renders a diagnostic in the look of cargo.
pub(super) fn render(diagnostic: &Diagnostic) -> Text {
    let mut text = Text::new();
    text.styled(BAD, format!("error[{}]", diagnostic.code)).styled(BOLD, ": ");
    multiline(&mut text, 0, &diagnostic.full_message());
    if let Some(place) = &diagnostic.place {
        text.styled(PLACE, "  --> ").line(place);
    }
    for note in &diagnostic.notes {
        text.end().styled(BOLD, "note").add(": ");
        multiline(&mut text, 6, note);
    }
    if let Some(help) = &diagnostic.help {
        text.end().styled(NOTE, "help").add(": ");
        multiline(&mut text, 6, help);
    }
    text
}

/// Ends the current line with the first line of `content`, and adds the others after `indent` columns.
fn multiline(text: &mut Text, indent: usize, content: &str) {
    let mut lines = content.lines();
    text.wrap(indent).line(lines.next().unwrap_or_default());
    for line in lines {
        // The author of an indented line has arranged it, such as a backtrace or a table.
        let own = line.len() - line.trim_start().len();
        text.wrap(indent + own).add(if line.is_empty() { String::new() } else { " ".repeat(indent) }).line(line);
    }
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::Program;
    use crate::diagnostic::Diagnostic;

    #[test]
    fn errors_look_like_those_of_cargo_and_name_the_running_program() {
        let error = Diagnostic::new(&mpp_host::codes::G401, "entry `a` was changed")
            .at("x.mpp")
            .note("first\nsecond")
            .help("run `mpp build`, or `cargo mpp sign x`; see `mpp::http`");
        let plain = |error: Diagnostic| anstream::adapter::strip_str(render(&error).as_ansi()).to_string();
        assert_eq!(
            plain(error.clone().spelled_for(Program::CargoMpp)),
            "error[MPP-G401]: entry `a` was changed\n  --> x.mpp\n\nnote: first\n      second\n\n\
             help: run `cargo mpp build`, or `cargo mpp sign x`; see `mpp::http`\n"
        );
        assert!(plain(error.spelled_for(Program::Mpp)).contains("run `mpp build`, or `mpp sign x`; see `mpp::http`"));
    }
}
