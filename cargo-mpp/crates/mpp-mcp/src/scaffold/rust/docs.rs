//! Texts of a server as doc comments and string literals of Rust.

use crate::visible::{is_hidden, visible};

/// Returns the lines of a doc comment that reads like the text and in which rustdoc finds no code to compile, each indented by `indent`
/// spaces.
///
/// Code blocks are marked as text, indented code is indented less, and hidden characters are escaped.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut fence: Option<String> = None;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    for line in text.trim_matches('\n').trim_end().split('\n') {
        let mut line = visible(&line.replace('\t', "    ")).trim_end().to_owned();
        let start = line.trim_start();
        match (&fence, fence_of(start)) {
            (None, Some(marks)) => {
                let language = start[marks.len()..].trim();
                let is_named = language.starts_with(|c: char| c.is_ascii_alphanumeric()) && !is_rust(language);
                line = if is_named { start.to_owned() } else { format!("{marks}text") };
                fence = Some(marks);
            }
            (Some(open), Some(marks)) if marks.starts_with(open.as_str()) && start.len() == marks.len() => {
                line = marks;
                fence = None;
            }
            (None, None) => {
                let depth = line.len() - start.len();
                line = format!("{}{start}", " ".repeat(depth.min(3)));
            }
            (Some(_), _) => {}
        }
        let space = if line.is_empty() { "" } else { " " };
        out.push_str(&format!("{:indent$}///{space}{line}\n", ""));
    }
    if let Some(open) = fence {
        out.push_str(&format!("{:indent$}/// {open}\n", ""));
    }
    out
}

/// Returns whether a doc comment carries the text unchanged to a tool's description.
pub(super) fn is_carried(text: &str) -> bool {
    let is_plain = |line: &str| {
        line == line.trim_end()
            && fence_of(line.trim_start()).is_none()
            && !line.starts_with("    ")
            && !line.contains('\t')
    };
    !text.is_empty()
        && text == text.trim_matches('\n')
        && !text.chars().any(is_hidden)
        && text.split('\n').all(is_plain)
}

/// Returns the backquotes or tildes that open or close a code block.
fn fence_of(line: &str) -> Option<String> {
    ['`', '~'].into_iter().find_map(|mark| {
        let marks: String = line.chars().take_while(|c| *c == mark).collect();
        (marks.len() >= 3).then_some(marks)
    })
}

/// Returns whether rustdoc takes a code block with these words for Rust.
fn is_rust(language: &str) -> bool {
    let known = ["rust", "no_run", "ignore", "should_panic", "compile_fail", "standalone", "test_harness"];
    language
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .any(|word| known.contains(&word) || word.starts_with("edition") || word.starts_with("ignore-"))
}

/// Returns a string literal. A text of several lines is written as several lines, each indented by `indent` spaces.
pub(super) fn literal(text: &str, indent: usize) -> String {
    let mut out = String::from("\"");
    let mut lines = text.split('\n').peekable();
    let is_long = lines.clone().count() > 1;
    if is_long {
        out.push_str(&format!("\\\n{:indent$}", ""));
    }
    while let Some(line) = lines.next() {
        // The compiler skips the spaces at the beginning of a continued line.
        let kept = line.trim_start_matches([' ', '\t']);
        for char in line[..line.len() - kept.len()].chars() {
            out.push_str(if char == '\t' {
                "\\t"
            } else if is_long {
                "\\x20"
            } else {
                " "
            });
        }
        for char in kept.chars() {
            match char {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\0' => out.push_str("\\0"),
                char if is_hidden(char) => out.push_str(&format!("\\u{{{:x}}}", u32::from(char))),
                char => out.push(char),
            }
        }
        if lines.peek().is_some() {
            out.push_str(&format!("\\n\\\n{:indent$}", ""));
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn code_is_shown_and_never_compiled() {
        let text = "Look up.\n\n```\nlookup(1)\n```\n\n    indented();\n\n```rust\nx\n```\n~~~json\n{}\n~~~\n```rust,ignore\nopen";
        assert_eq!(
            comment(text, 0),
            "/// Look up.\n///\n/// ```text\n/// lookup(1)\n/// ```\n///\n///    indented();\n///\n/// ```text\n/// x\n/// ```\n\
             /// ~~~json\n/// {}\n/// ~~~\n/// ```text\n/// open\n/// ```\n"
        );
    }

    #[test]
    fn a_comment_stays_a_comment() {
        assert_eq!(
            comment("a */ b\r\nc\rd \u{202e}e\u{1b}[0m\n", 4),
            "    /// a */ b\n    /// c\n    /// d \\u{202e}e\\u{1b}[0m\n"
        );
        assert_eq!(comment("", 0), "///\n");
    }

    #[test]
    fn only_plain_text_is_left_to_a_comment() {
        for text in ["Look up.", "a\n\n  - b\n  - c \"quoted\" */ é", "<b>bold</b> [link]"] {
            assert!(is_carried(text), "{text}");
        }
        for text in ["", "a\n", "a \nb", "```\na\n```", "a\n\n    code", "a\tb", "a\r\nb", "a\u{202e}b", "a\u{200b}"] {
            assert!(!is_carried(text), "{text:?}");
        }
    }

    #[test]
    fn literals_have_the_value_of_the_text() {
        for text in
            ["", "a", "  a", "a \"b\" \\ c", "a\n  b\n\n\tc\r\nd", "\u{1b}[31m \u{202e} é 名 */ {x}", " \n ", "\n"]
        {
            for indent in [0, 8] {
                let literal = literal(text, indent);
                let parsed: syn::LitStr = syn::parse_str(&literal).unwrap_or_else(|error| panic!("{literal}: {error}"));
                assert_eq!(parsed.value(), text, "{literal}");
            }
        }
    }
}
