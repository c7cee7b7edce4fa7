//! The errors of clap, in the look of every other error.

use crate::codes;
use crate::diagnostic::Diagnostic;

/// Returns the diagnostic of a command line that cannot be parsed.
pub(crate) fn diagnose(error: &clap::Error) -> Diagnostic {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut tips = Vec::new();
    let mut usage = Vec::new();
    for part in rest.split("\n\n").map(str::trim).filter(|part| !part.is_empty()) {
        match part.strip_prefix("tip: ") {
            Some(tip) => tips.push(in_our_words(&tip.replace("\n  tip: ", "\n"))),
            None if part.starts_with("For more information") => {}
            None => usage.push(part.trim_start_matches("Usage: ").to_owned()),
        }
    }
    let message = in_our_words(message.trim().trim_end_matches('.'));
    let mut diagnostic = Diagnostic::new(&codes::C001, message);
    if let Some(usage) = usage.first() {
        diagnostic = diagnostic.note(format!("usage: {usage}"));
    }
    tips.push("add `--help` to a command to see its arguments and options".to_owned());
    diagnostic.help(tips.join("\n"))
}

/// Writes what clap quotes with apostrophes in backticks, and calls commands what the help calls them.
fn in_our_words(text: &str) -> String {
    let text = text
        .replace("unrecognized subcommand '", "unrecognized command '")
        .replace("similar subcommand", "similar command");
    let characters: Vec<char> = text.chars().collect();
    let is_edge = |at: Option<usize>| {
        let next = at.and_then(|at| characters.get(at));
        next.is_none_or(|next| next.is_whitespace() || matches!(next, ',' | ':' | '(' | ')'))
    };
    let is_quote = |at: usize| characters[at] == '\'' && (is_edge(at.checked_sub(1)) || is_edge(Some(at + 1)));
    (0..characters.len()).map(|at| if is_quote(at) { '`' } else { characters[at] }).collect()
}

#[cfg(test)]
mod tests {
    use super::in_our_words;

    #[test]
    fn quotes_with_backticks_and_leaves_apostrophes_alone() {
        let cases = [
            ("unrecognized subcommand 'foo'", "unrecognized command `foo`"),
            ("invalid value 'x' for '--format <FORMAT>'", "invalid value `x` for `--format <FORMAT>`"),
            ("some similar subcommands exist: 'kv', 'key'", "some similar commands exist: `kv`, `key`"),
            ("unexpected argument 'it's' found", "unexpected argument `it's` found"),
            ("the package's value ''", "the package's value ``"),
        ];
        for (theirs, ours) in cases {
            assert_eq!(in_our_words(theirs), ours);
        }
    }
}
