//! Text for a terminal, escaped so that no text from a package or tool can control the terminal.
//!
//! Every string that is added is escaped, except an answer that goes to a file: control characters, and format characters that reorder or hide text, appear as
//! `\u{…}`. Only the styles of this file reach the terminal as escape sequences.

mod wrapping;

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use mpp_host::text::is_dangerous;

/// Green, for verbs and success.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Red, for errors.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Yellow, for warnings.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// Cyan, for notes and help.
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default().bold();
/// Headings and names.
pub(crate) const BOLD: Style = Style::new().bold();
/// For less important text.
pub(crate) const DIM: Style = Style::new().dimmed();
/// For the arrow in front of a place.
pub(crate) const PLACE: Style = AnsiColor::Blue.on_default().bold();

/// A growing text with styles; see the module.
#[derive(Debug, Default, Clone)]
pub(crate) struct Text {
    buffer: String,
    destination: Destination,
    /// The lines that are wrapped at the width of a terminal: where each starts, and the indent of what does not fit on it.
    wrapped: Vec<(usize, usize)>,
}

/// Where a text goes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A terminal, or a program that shows text as a terminal does.
    #[default]
    Terminal,
    /// A file or another program: there are no styles, and the answers of tools are passed on as they are.
    File,
}

impl Text {
    /// Creates an empty text.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Creates an empty text for this destination.
    pub(crate) fn for_destination(destination: Destination) -> Self {
        Self { destination, ..Self::default() }
    }

    /// Returns where the text goes.
    pub(crate) fn destination(&self) -> Destination {
        self.destination
    }

    /// Adds the text of an answer, and a line break if it does not end with one. A file gets it byte for byte; on a terminal it
    /// is escaped.
    pub(crate) fn answer(&mut self, text: impl AsRef<str>) -> &mut Self {
        let text = text.as_ref();
        if self.destination == Destination::Terminal {
            return self.block("", text);
        }
        self.buffer.push_str(text);
        if text.ends_with('\n') { self } else { self.end() }
    }

    /// Adds plain text on the current line.
    pub(crate) fn add(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.buffer.push_str(&escape_line(text.as_ref()));
        self
    }

    /// Adds styled text on the current line.
    pub(crate) fn styled(&mut self, style: Style, text: impl AsRef<str>) -> &mut Self {
        use std::fmt::Write as _;
        if self.destination == Destination::File {
            return self.add(text);
        }
        let _ = write!(self.buffer, "{style}{}{style:#}", escape_line(text.as_ref()));
        self
    }

    /// Wraps the current line at the width of the terminal; what does not fit continues after `indent` columns.
    pub(crate) fn wrap(&mut self, indent: usize) -> &mut Self {
        let start = self.buffer.rfind('\n').map_or(0, |end| end + 1);
        self.wrapped.push((start, indent));
        self
    }

    /// Ends the current line.
    pub(crate) fn end(&mut self) -> &mut Self {
        self.buffer.push('\n');
        self
    }

    /// Adds a whole line.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.add(text).end()
    }

    /// Adds text of several lines, each after `indent`.
    pub(crate) fn block(&mut self, indent: &str, text: impl AsRef<str>) -> &mut Self {
        for line in text.as_ref().lines() {
            if line.is_empty() {
                self.end();
            } else {
                self.add(indent).line(line);
            }
        }
        self
    }

    /// Adds a paragraph, wrapped at `width` columns, each line after `indent`.
    pub(crate) fn paragraph(&mut self, indent: &str, width: usize, text: &str) -> &mut Self {
        for part in text.lines() {
            let mut column = 0;
            for word in part.split_whitespace() {
                let length = word.chars().count();
                if column > 0 && column + 1 + length > width {
                    self.end();
                    column = 0;
                }
                self.add(if column == 0 { indent } else { " " }).add(word);
                column += if column == 0 { indent.len() + length } else { 1 + length };
            }
            self.end();
        }
        self
    }

    /// Adds a line of another program. Its colours (SGR sequences) are kept; everything else is escaped.
    pub(crate) fn colored_line(&mut self, line: &str) -> &mut Self {
        let mut rest = line;
        while let Some(start) = rest.find("\u{1b}[") {
            let (before, sequence) = rest.split_at(start);
            let body = &sequence[2..];
            let length = body.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(body.len());
            if body[length..].starts_with('m') {
                self.add(before);
                self.buffer.push_str(&sequence[..length + 3]);
                rest = &body[length + 1..];
            } else {
                self.add(before).add("\u{1b}[");
                rest = body;
            }
        }
        self.add(rest);
        self.buffer.push_str("\u{1b}[0m");
        self.end()
    }

    /// Adds a line in the look of cargo: a verb in twelve columns, then what was done.
    pub(crate) fn status(&mut self, style: Style, verb: &str, rest: impl AsRef<str>) -> &mut Self {
        self.wrap(13).styled(style, format!("{verb:>12}")).add(" ").line(rest)
    }

    /// Adds a line `  label  value`, with the label in its own column.
    pub(crate) fn field(&mut self, label: &str, value: impl AsRef<str>) -> &mut Self {
        self.wrap(16).add("  ").styled(DIM, format!("{label:<13}")).add(" ").line(value)
    }

    /// Returns the text with its styles as escape sequences, for a terminal of `width` columns.
    pub(crate) fn as_ansi_of(&self, width: usize) -> Cow<'_, str> {
        if self.wrapped.is_empty() {
            return Cow::Borrowed(&self.buffer);
        }
        let mut out = String::with_capacity(self.buffer.len() + 64);
        let mut start = 0;
        for line in self.buffer.split_inclusive('\n') {
            match self.wrapped.iter().find(|(at, _)| *at == start) {
                Some((_, indent)) => wrapping::line(&mut out, line, width, *indent),
                None => out.push_str(line),
            }
            start += line.len();
        }
        Cow::Owned(out)
    }

    /// Returns the text with its styles as escape sequences.
    pub(crate) fn as_ansi(&self) -> &str {
        &self.buffer
    }
}

/// Escapes every character of `text` that could control a terminal or reorder text, except tabs.
pub(crate) fn escape_line(text: &str) -> Cow<'_, str> {
    let dangerous = |c: char| is_dangerous(c) && c != '\t';
    if !text.contains(dangerous) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if dangerous(c) { escaped.extend(c.escape_unicode()) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::{Destination, GOOD, Text, escape_line};

    #[test]
    fn escapes_characters_that_control_a_terminal() {
        assert_eq!(escape_line("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(escape_line("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(escape_line("exe\u{202e}fdp"), "exe\\u{202e}fdp");
        assert_eq!(escape_line("a\nb\tc"), "a\\u{a}b\tc");
        assert_eq!(escape_line("Zoë 東京 🦀"), "Zoë 東京 🦀");
    }

    #[test]
    fn a_file_gets_an_answer_byte_for_byte_and_a_terminal_gets_it_escaped() {
        let answer = "family \u{1f468}\u{200d}\u{1f469}\r\nsoft\u{ad}hyphen\u{1b}[1m";
        let mut file = Text::for_destination(Destination::File);
        file.styled(GOOD, "ok").end().answer(answer);
        assert_eq!(file.as_ansi(), format!("ok\n{answer}\n"));
        let mut terminal = Text::new();
        terminal.answer(answer);
        assert_eq!(terminal.as_ansi(), "family \u{1f468}\\u{200d}\u{1f469}\nsoft\\u{ad}hyphen\\u{1b}[1m\n");
    }

    #[test]
    fn only_styles_produce_escape_sequences() {
        let mut text = Text::new();
        text.styled(GOOD, "a\u{7}").line("b\u{1b}]0;title");
        assert_eq!(text.as_ansi(), format!("{GOOD}a\\u{{7}}{GOOD:#}b\\u{{1b}}]0;title\n"));
    }

    #[test]
    fn keeps_colours_of_another_program_and_escapes_other_sequences() {
        let mut text = Text::new();
        text.colored_line("\u{1b}[1;31merror\u{1b}[0m: \u{1b}[2J\u{1b}]0;x\u{7}");
        assert_eq!(text.as_ansi(), "\u{1b}[1;31merror\u{1b}[0m: \\u{1b}[2J\\u{1b}]0;x\\u{7}\u{1b}[0m\n");
    }

    #[test]
    fn paragraphs_wrap_at_words() {
        let mut text = Text::new();
        text.paragraph("  ", 12, "one two three four");
        assert_eq!(text.as_ansi(), "  one two\n  three four\n");
    }
}
