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
            Some(tip) => tips.push(tip.replace("\n  tip: ", "\n")),
            None if part.starts_with("For more information") => {}
            None => usage.push(part.trim_start_matches("Usage: ").to_owned()),
        }
    }
    let mut diagnostic = Diagnostic::new(&codes::C001, message.trim().trim_end_matches('.'));
    if let Some(usage) = usage.first() {
        diagnostic = diagnostic.note(format!("usage: {usage}"));
    }
    tips.push("add `--help` to a command to see its arguments and options".to_owned());
    diagnostic.help(tips.join("\n"))
}
