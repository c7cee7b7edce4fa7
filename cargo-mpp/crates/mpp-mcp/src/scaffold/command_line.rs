//! Splits a command line into words, as a shell does.

use super::error::ScaffoldError;

/// Returns the words. Quotation marks and backslashes keep spaces; variables and patterns are not expanded.
pub(super) fn split(line: &str) -> Result<Vec<String>, ScaffoldError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(end) if end == char => break,
                        Some('\\') if char == '"' => word.extend(chars.next()),
                        Some(other) => word.push(other),
                        None => return Err(ScaffoldError::CommandLine { reason: "a quotation does not end" }),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_split_as_in_a_shell() {
        for (line, expected) in [
            ("uvx mcp-server-time", vec!["uvx", "mcp-server-time"]),
            ("  a  'b c' \"d \\\" e\" f\\ g '' ", vec!["a", "b c", "d \" e", "f g", ""]),
            ("a'b'\"c\"", vec!["abc"]),
            ("", vec![]),
        ] {
            assert_eq!(split(line).expect(line), expected, "{line}");
        }
        assert_eq!(
            split("a 'b").expect_err("open").to_string(),
            "the command line is not valid: a quotation does not end"
        );
    }
}
