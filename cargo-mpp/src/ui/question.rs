//! Questions to the user at the terminal.

use std::io;

use mpp_host::policy::Answer;

use super::errors::UiError;
use super::printer::Printer;
use super::text::{BOLD, Text, escape_line};

/// Asks a yes-or-no question. Only `y` and `yes` mean yes; the end of the input means no.
pub(super) fn confirm(printer: &Printer, question: &str) -> Result<bool, UiError> {
    Ok(is_yes(&answer(printer, question, "[y/N]")?))
}

/// Asks a question that can be answered for once or for good. Everything but `y`, `yes`, `a` and `always` means no.
pub(super) fn choose(printer: &Printer, question: &str) -> Result<Answer, UiError> {
    Ok(choice(&answer(printer, question, "[y: this time, a: always for this version, N: no]")?))
}

fn choice(answer: &str) -> Answer {
    match answer.trim().to_ascii_lowercase().as_str() {
        "a" | "always" => Answer::Remember,
        _ if is_yes(answer) => Answer::Once,
        _ => Answer::No,
    }
}

fn answer(printer: &Printer, question: &str, answers: &str) -> Result<String, UiError> {
    let mut text = Text::new();
    text.wrap(0).styled(BOLD, question).add(format!(" {answers} "));
    printer.err(&text).map_err(UiError::output)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|source| UiError::Question { source })?;
    Ok(answer)
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
    use super::{Answer, choice, is_yes};

    #[test]
    fn only_yes_means_yes() {
        assert!(is_yes("y\n") && is_yes(" YES "));
        assert!(["", "\n", "n", "yep", "j", "y y"].iter().all(|no| !is_yes(no)));
    }

    #[test]
    fn only_a_and_always_are_remembered() {
        assert!(["a", "A\n", "always"].iter().all(|answer| choice(answer) == Answer::Remember));
        assert_eq!(choice("yes\n"), Answer::Once);
        assert!(["", "\n", "n", "all", "ya"].iter().all(|answer| choice(answer) == Answer::No));
    }
}
