//! Finds the program's commands and command-line options in a source file.

/// The subcommands of the program, existing and planned.
const SUBCOMMANDS: &[&str] = &[
    "audit",
    "build",
    "capture",
    "caps",
    "completions",
    "conformance",
    "dev",
    "diff",
    "doctor",
    "explain",
    "export",
    "inspect",
    "install",
    "inventory",
    "key",
    "keygen",
    "kv",
    "lint",
    "new",
    "outdated",
    "preview",
    "publish",
    "register",
    "registry",
    "replay",
    "rerun",
    "run",
    "schema",
    "search",
    "serve",
    "sign",
    "test",
    "trust",
    "uninstall",
    "update",
    "verify",
    "yank",
];

/// Returns every mention of `cargo mpp`, of `mpp COMMAND` and of an option `--name`.
pub(crate) fn of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("mpp ") {
        let command: String = text[at + 4..].chars().take_while(char::is_ascii_lowercase).collect();
        let starts_here = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "_-:.".contains(c));
        if text[..at].ends_with("cargo ") {
            found.push("cargo mpp".to_owned());
        } else if starts_here && SUBCOMMANDS.contains(&command.as_str()) {
            found.push(format!("mpp {command}"));
        }
    }
    for (at, _) in text.match_indices("--") {
        let starts_here = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let name: String = text[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        if starts_here && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            found.push(format!("--{name}"));
        }
    }
    found
}

#[test]
fn commands_and_options_are_found() {
    assert_eq!(of("run `mpp sign PACKAGE` with `--name X`, or cargo mpp new"), ["mpp sign", "cargo mpp", "--name"]);
    assert!(
        of("-----BEGIN CERTIFICATE----- <!-- x --> the crate mpp is, mpp-sdk signs, use mpp::tool; a--b").is_empty()
    );
}
