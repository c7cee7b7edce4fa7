//! Questions to the user at the terminal.

use std::io;

use super::errors::UiError;
use super::printer::Printer;
use super::text::{BOLD, Text, escape_line};

/// Asks a yes-or-no question. Only `y` and `yes` mean yes; the end of the input means no.
pub(super) fn confirm(printer: &Printer, question: &str) -> Result<bool, UiError> {
    let mut text = Text::new();
    text.styled(BOLD, question).add(" [y/N] ");
    printer.err(&text).map_err(UiError::output)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|source| UiError::Question { source })?;
    Ok(is_yes(&answer))
}

/// Asks for a passphrase, which is not shown.
pub(super) fn passphrase(question: &str) -> Result<String, UiError> {
    rpassword::prompt_password(format!("{}: ", escape_line(question))).map_err(|source| UiError::Question { source })
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_yes_means_yes() {
        assert!(is_yes("y\n") && is_yes(" YES "));
        assert!(["", "\n", "n", "yep", "j", "y y"].iter().all(|no| !is_yes(no)));
    }
}
