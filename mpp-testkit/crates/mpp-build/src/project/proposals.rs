//! Applies the lines that errors propose, and checks that the project can then be read and its manifest is valid.

#![allow(clippy::panic, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;

use super::Project;
use crate::error::BuildError;
use crate::manifest::Draft;

const PACKAGE: &str = "[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n";

/// Wrong lines, each with the table that it stands in and the column of the mistake.
const WRONG: &[(&str, &str, usize)] = &[
    ("capabilities", "network = \"api.example.com\"", 11),
    ("capabilities", "network = { host = \"a.example\" }", 11),
    ("capabilities", "network = [\"a.example\", 7]", 25),
    ("capabilities", "network = [\"a.example\", { host = \"b.example\" }]", 25),
    ("capabilities", "network = [{ host = \"b.example\", injects = { x = \"y\" } }]", 34),
    ("capabilities", "network = true", 11),
    ("capabilities", "filesystem = [\"/data\"]", 14),
    ("capabilities", "filesystem = \"/data\"", 14),
    ("capabilities", "filesystem = true", 14),
    ("capabilities.filesystem", "read = \"/data\"", 8),
    ("capabilities.filesystem", "reads = [\"/data\"]", 1),
    ("capabilities.filesystem", "write = { out = true }", 9),
    ("capabilities", "env_vars = \"API_KEY\"", 12),
    ("capabilities", "env_vars = \"API_KEY, OTHER\"", 12),
    ("capabilities", "env_vars = { API_KEY = \"secret\" }", 12),
    ("capabilities", "env_var = [\"API_KEY\"]", 1),
    ("capabilities", "kv = true", 6),
    ("capabilities", "kv = \"1 MiB\"", 6),
    ("capabilities", "kv = 65536", 6),
    ("capabilities", "kv = {}", 6),
    ("capabilities.kv", "max_bytes = \"1MB\"", 13),
    ("capabilities.kv", "max_bytes = 1.5", 13),
    ("capabilities.kv", "max_byte = 1", 1),
    ("runtime", "timeout_ms = \"30s\"", 14),
    ("runtime", "timeout_ms = true", 14),
    ("runtime", "memory_limit_mb = \"128 MB\"", 19),
    ("runtime", "max_output_bytes = \"1MiB\"", 20),
    ("runtime", "stack_bytes = 1000", 15),
    ("runtime", "stack_bytes = \"4MiB\"", 15),
    ("runtime", "type = 1", 8),
    ("", "runtime = 5000", 11),
    ("", "timeout_ms = 5000", 1),
    ("", "capabilities = \"network\"", 16),
    ("", "kv = { max_bytes = 1 }", 1),
    ("", "privacy_filters = false", 19),
    ("", "privacy_filters = [\"email\", \"phone\"]", 19),
    ("privacy_filters", "enabled = \"no\"", 11),
    ("privacy_filters", "patterns = \"email\"", 12),
    ("privacy_filters", "custom_patterns = [\"CUST-[0-9]+\"]", 20),
    ("privacy_filters", "custom_patterns = [{ regex = \"CUST-[0-9]+\" }]", 20),
    ("privacy_filters", "exempt = [\"/id\"]", 11),
    ("privacy_filters", "exempt = { pointer = \"/id\" }", 10),
    ("", "publisher = \"Ada\"", 13),
    ("publisher", "name = [\"Ada\"]", 8),
    ("", "name = 7", 8),
    ("", "assets = \"data\"", 10),
    ("", "bin = true", 7),
    ("", "features = \"a,b\"", 12),
    ("", "dev = [\"/data=sample\"]", 7),
    ("dev", "dirs = [\"/data=sample\"]", 8),
    ("dev", "env = \"A=b\"", 7),
    ("dev.env", "A = 1", 5),
];

fn read(dir: &Path) -> Result<(), BuildError> {
    Draft::from_project(&Project::find(dir)?).check("tool")
}

#[test]
fn every_proposed_line_makes_the_project_readable() {
    let dir = tempfile::tempdir().expect("temp dir");
    fs::create_dir(dir.path().join("src")).expect("mkdir");
    fs::write(dir.path().join("src/main.rs"), "fn main() {}").expect("write");
    let file = dir.path().join("Cargo.toml");
    for (table, wrong, column) in WRONG {
        let dot = if table.is_empty() { "" } else { "." };
        let head = format!("{PACKAGE}[package.metadata.mpp{dot}{table}]\n");
        fs::write(&file, format!("{head}{wrong}\n")).expect("write");
        let error = read(dir.path()).expect_err(wrong);
        let BuildError::Key { source: error, .. } = &error else { panic!("{wrong}: {error}") };
        let place = error.place.expect(wrong);
        assert_eq!((place.line, place.column), (7, *column), "{wrong}");
        let line = error.line.as_deref().unwrap_or_else(|| panic!("{wrong}: no line"));
        assert!(error.help.contains(line), "{}", error.help);
        // A line for one key of an item is written into the item.
        let line = match wrong.split_once("injects = { x = \"y\" }") {
            Some((before, after)) => format!("{before}{line}{after}"),
            None => line.to_owned(),
        };
        fs::write(&file, format!("{head}{line}\n")).expect("write");
        read(dir.path()).unwrap_or_else(|error| panic!("{wrong}\n{line}\n{error}"));
    }
}

#[test]
fn values_out_of_range_are_reported_with_their_place_before_anything_is_compiled() {
    let dir = tempfile::tempdir().expect("temp dir");
    let sources = |more: &str| {
        fs::create_dir_all(dir.path().join("src")).expect("mkdir");
        fs::write(dir.path().join("src/main.rs"), "fn main() {}").expect("write");
        fs::write(dir.path().join("Cargo.toml"), format!("{PACKAGE}[package.metadata.mpp]\n{more}\n")).expect("write");
        Project::find(dir.path()).expect("found")
    };
    for (more, pointer, place) in [
        ("runtime = { timeout_ms = 0 }", "/runtime/timeout_ms", "7:26"),
        ("capabilities = { network = [\"https://a.example\"] }", "/capabilities/network/0", "7:29"),
        ("capabilities = { filesystem = { read = [\"/d\", \"/d\"] } }", "/capabilities/filesystem/read/1", "7:47"),
        ("package_id = \"Not An Id\"", "/package_id", "7:14"),
        ("publisher = { key_id = \"x\" }", "/publisher/verified_key_id", "7:24"),
    ] {
        let project = sources(more);
        let error = Draft::from_project(&project).check("tool").expect_err(more);
        let BuildError::Manifest { source, .. } = error else { panic!("{error}") };
        assert_eq!(source.pointer, pointer);
        let (_, found) = project.place_of(pointer).expect(more);
        assert_eq!(found.to_string(), place, "{more}");
    }
}
