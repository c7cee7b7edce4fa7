//! Texts of a server as string literals and comments of TypeScript.

use crate::scaffold::names::is_identifier;
use crate::visible::{is_hidden, visible};

/// Returns a string literal on one line.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if is_hidden(char) => out.push_str(&format!("\\u{{{:x}}}", u32::from(char))),
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

/// Returns a string literal, or a sum of several, one for each line of the text. `indent` is the indentation of the member.
pub(super) fn long_literal(text: &str, indent: usize) -> String {
    if !text.trim_end_matches('\n').contains('\n') {
        return literal(text);
    }
    let lines: Vec<String> = text.split_inclusive('\n').map(literal).collect();
    let separator = format!(" +\n{:indent$}  ", "");
    format!("\n{:indent$}  {}", "", lines.join(&separator))
}

/// Returns the name of a member: in quotation marks unless it is an identifier.
pub(super) fn member(key: &str) -> String {
    if is_identifier(key) { key.to_owned() } else { literal(key) }
}

/// Returns a documentation comment with these lines, indented by `indent` spaces; nothing if there is nothing to say.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let text = visible(text.trim()).replace('\t', "    ").replace("*/", "*\\/");
    match text.lines().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [line] => format!("{:indent$}/** {line} */\n", ""),
        lines => {
            let lines: String =
                lines.iter().map(|line| format!("{:indent$} * {line}", "").trim_end().to_owned() + "\n").collect();
            format!("{:indent$}/**\n{lines}{:indent$} */\n", "", "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{comment, literal, long_literal, member};

    #[test]
    fn literals_escape_what_ends_them_and_what_is_not_seen() {
        assert_eq!(
            literal("a \"b\" \\ `${é}` 名\u{1b}\u{202e}\u{e0001}\r"),
            r#""a \"b\" \\ `${é}` 名\u{1b}\u{202e}\u{e0001}\r""#
        );
        assert_eq!(long_literal("one\n", 4), r#""one\n""#);
        assert_eq!(long_literal("a\n\nb", 4), "\n      \"a\\n\" +\n      \"\\n\" +\n      \"b\"");
    }

    #[test]
    fn members_are_quoted_where_they_have_to_be() {
        assert_eq!(
            ["type", "a_b", "filter-by", "2nd", "$ref", "é", ""].map(member).join(" "),
            r#"type a_b "filter-by" "2nd" "$ref" "é" """#
        );
    }

    #[test]
    fn a_comment_stays_a_comment() {
        assert_eq!(comment("a */ b", 2), "  /** a *\\/ b */\n");
        assert_eq!(comment("a\n\n  b\u{1b}\n", 0), "/**\n * a\n *\n *   b\\u{1b}\n */\n");
        assert_eq!(comment(" \n", 0), "");
    }
}
