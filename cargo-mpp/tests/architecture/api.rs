//! Holds the libraries to an API that can grow: public structs with public fields and public enums are `#[non_exhaustive]`.

use std::fs;
use std::path::Path;

use crate::{root, sources};

/// The sources of the libraries that this applies to.
const LIBRARIES: &[&str] = &[
    "mpp-testkit/crates/mpp-host/src",
    "mpp-testkit/crates/mpp-build/src",
    "mpp-testkit/crates/mpp-recording/src",
    "mpp-testkit/crates/mpp-cases/src",
    "cargo-mpp/crates/mpp-home/src",
    "cargo-mpp/crates/mpp-mcp/src",
    "cargo-mpp/crates/mpp-registry/src",
];

/// Types that are complete: enums whose every variant a front end must handle, the parts of archives that tests of hosts
/// construct with arbitrary fields, and the options of a log, of which each must be decided.
const COMPLETE: &[&str] = &[
    "Answer",
    "Change",
    "Class",
    "Decision",
    "KeyRole",
    "New",
    "Options",
    "RawArchive",
    "RawEnd",
    "RawEntry",
    "RawHeader",
    "Reached",
    "Step",
    "StepResult",
    "Trust",
    "Why",
];

#[test]
fn public_types_can_grow() {
    let (mut fixed, mut found) = (Vec::new(), Vec::new());
    for dir in LIBRARIES {
        let mut files = Vec::new();
        sources(&root().join(dir), &mut files);
        for file in files {
            for name in fixed_types(&fs::read_to_string(&file).unwrap()) {
                match COMPLETE.contains(&name.as_str()) {
                    true => found.push(name),
                    false => fixed.push(format!("{} in {}", name, shown(&file))),
                }
            }
        }
    }
    assert!(fixed.is_empty(), "add `#[non_exhaustive]`, and a constructor where users need one:\n{}", fixed.join("\n"));
    let gone: Vec<_> = COMPLETE.iter().filter(|name| !found.iter().any(|found| found == *name)).collect();
    assert!(gone.is_empty(), "no longer there, to be taken out of `COMPLETE`: {gone:?}");
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap().display().to_string()
}

/// The names of the public enums, and of the public structs with public fields, that are not `#[non_exhaustive]`.
fn fixed_types(code: &str) -> Vec<String> {
    let lines: Vec<&str> = code.lines().collect();
    let mut names = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some((kind, rest)) = line.strip_prefix("pub ").and_then(|rest| rest.split_once(' ')) else { continue };
        let has_fields = || {
            let body = lines[index + 1..].iter().take_while(|line| !line.starts_with('}'));
            line.ends_with('{') && body.into_iter().any(|line| line.starts_with("    pub ") && !line.contains(" fn "))
        };
        if !(kind == "enum" || kind == "struct" && has_fields()) {
            continue;
        }
        let above = lines[..index].iter().rev().take_while(|line| !line.is_empty() && !line.starts_with('}'));
        if !above.into_iter().any(|line| *line == "#[non_exhaustive]") {
            names.push(rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default().to_owned());
        }
    }
    names
}

#[test]
fn finds_types_that_cannot_grow() {
    let code = "/// A.\n#[derive(Debug)]\npub struct A {\n    pub a: u8,\n}\n\npub struct B {\n    b: u8,\n}\n\n#[non_exhaustive]\n\
                pub enum C {\n    One,\n}\npub enum D {\n    One,\n}\npub struct E(pub u8);\n";
    assert_eq!(fixed_types(code), ["A", "D"]);
}
