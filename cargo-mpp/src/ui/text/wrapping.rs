//! Wraps lines with escape sequences at the width of a terminal.

use unicode_width::UnicodeWidthChar as _;

/// Adds `line` to `out`, in several lines if it is wider than `width` columns. Only spaces become line breaks; the lines after
/// the first begin with `indent` spaces.
pub(super) fn line(out: &mut String, line: &str, width: usize, indent: usize) {
    // On a terminal that is too narrow for the indent, wrapping would make it worse.
    if width < indent + 20 {
        out.push_str(line);
        return;
    }
    let mut column = 0;
    let mut rest = line;
    // The spaces before a word, which are dropped where a line breaks.
    let mut spaces = 0;
    while !rest.is_empty() {
        let end = rest.find([' ', '\n']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let columns = columns(word);
        if columns > 0 && column > indent && column + spaces + columns > width {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            out.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        }
        out.push_str(word);
        column += columns;
        spaces = usize::from(after.starts_with(' '));
        if after.starts_with('\n') {
            out.push('\n');
        }
        rest = after.get(1..).unwrap_or_default();
    }
    out.extend(std::iter::repeat_n(' ', spaces));
}

/// Returns the number of columns that a word takes; escape sequences take none.
fn columns(word: &str) -> usize {
    let mut columns = 0;
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A style: `ESC [ … m`.
            chars.by_ref().take_while(|c| *c != 'm').for_each(drop);
        } else {
            columns += c.width().unwrap_or_default();
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::line;

    fn wrapped(text: &str, width: usize, indent: usize) -> String {
        let mut out = String::new();
        line(&mut out, text, width, indent);
        out
    }

    #[test]
    fn breaks_at_spaces_and_indents_what_follows() {
        let text = "  label   one two three four five six seven\n";
        assert_eq!(wrapped(text, 30, 10), "  label   one two three four\n          five six seven\n");
        assert_eq!(wrapped(text, 80, 10), text, "a line that fits stays as it is");
        assert_eq!(wrapped("one two  \n", 80, 0), "one two  \n");
    }

    #[test]
    fn keeps_a_word_that_is_wider_than_the_terminal() {
        let path = "a/very/long/path/that/somebody/wants/to/copy";
        assert_eq!(wrapped(&format!("see {path} there\n"), 24, 4), format!("see {path}\n    there\n"));
    }

    #[test]
    fn styles_take_no_columns_and_wide_characters_take_two() {
        let text = "\u{1b}[1maaaa\u{1b}[0m bbbb cccc dddd eeee\n";
        assert_eq!(wrapped(text, 24, 0), "\u{1b}[1maaaa\u{1b}[0m bbbb cccc dddd eeee\n");
        assert_eq!(wrapped("東京東京東京 東京東京東京\n", 20, 0), "東京東京東京\n東京東京東京\n");
    }
}
