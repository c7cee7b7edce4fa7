//! Every command line in the book and the README has a command and options that the program knows.

#![allow(clippy::panic, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;

use clap::error::ErrorKind;

use super::{Program, command};

/// Returns the command lines of a page: those of console blocks, and code in the prose that starts like one.
fn command_lines(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_console = false;
    let mut is_code = false;
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            is_code = !is_code;
            is_console = is_code && language == "console";
        } else if is_console {
            found.extend(line.strip_prefix("$ ").into_iter().flat_map(|line| line.split(" && ")));
        } else if !is_code {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    // Not placeholders such as `mpp COMMAND`, and not the dependency `mpp = { … }`.
    let has_command = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase());
    let is_ours = |line: &&str| line.trim_start_matches("cargo ").strip_prefix("mpp ").is_some_and(has_command);
    found.into_iter().filter(is_ours).collect()
}

/// Splits a command line as a shell does, as far as the pages need it: up to a redirection or the next command.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == ' ' => words.push(String::new()),
            None if matches!(c, '>' | '<' | '|' | '&' | ';') && words.last().is_some_and(String::is_empty) => {
                words.pop();
                break;
            }
            Some(open) if c == open => quote = None,
            _ => words.last_mut().into_iter().for_each(|word| word.push(c)),
        }
    }
    words
}

#[test]
fn every_documented_command_line_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let pages = fs::read_dir(root.join("book/src")).expect("the book").map(|entry| entry.expect("a page").path());
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages.chain([root.join("README.md"), root.join("CONTRIBUTING.md")]) {
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        for line in command_lines(&text) {
            count += 1;
            let words = words(line.strip_prefix("cargo ").unwrap_or(line));
            if let Err(error) = command(Program::Mpp).try_get_matches_from(words) {
                // A command may be named without what it requires, and with placeholders for its values.
                let is_wrong = matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand);
                if is_wrong {
                    wrong.push(format!("{}: `{line}`: {error}", page.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 40, "{count} command lines");
}
