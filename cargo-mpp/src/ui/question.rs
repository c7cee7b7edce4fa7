//! Questions to a person at the terminal.

use std::io;

use super::printer::Printer;
use super::text::{BOLD, Text, escape_line};
use crate::error::Error;

/// Asks; anything but `y` or `yes` is a no, and so is the end of input.
pub(super) fn confirm(printer: &Printer, question: &str) -> Result<bool, Error> {
    let mut text = Text::new();
    text.styled(BOLD, question).add(" [y/N] ");
    printer.err(&text).map_err(|source| Error::Output { source })?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|source| Error::Question { source })?;
    Ok(is_yes(&answer))
}

/// Asks for a passphrase on the terminal itself.
pub(super) fn passphrase(question: &str) -> Result<String, Error> {
    rpassword::prompt_password(format!("{}: ", escape_line(question))).map_err(|source| Error::Question { source })
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes(" YES "));
        assert!(["", "\n", "n", "yep", "j", "y y"].iter().all(|no| !is_yes(no)));
    }
}
