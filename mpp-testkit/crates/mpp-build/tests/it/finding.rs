//! Finding the project to build.

use std::path::Path;

use mpp_build::{BuildError, Project};
use mpp_host::causes::with_causes;
use mpp_host::codes::Coded as _;

use crate::support::{Sources, cargo_toml};

/// Creates a workspace with two tools and a library, whose root is not a package.
fn workspace() -> Sources {
    let tool = "[package.metadata.mpp]\npackage_id = \"com.example.x\"";
    Sources::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\", \"lib\"]\nresolver = \"3\"\n"),
        ("one/Cargo.toml", &cargo_toml("one", tool)),
        ("one/src/main.rs", "fn main() {}"),
        ("two/Cargo.toml", &cargo_toml("two", tool)),
        ("two/src/main.rs", "fn main() {}"),
        ("lib/Cargo.toml", &cargo_toml("lib", "")),
        ("lib/src/lib.rs", ""),
    ])
}

fn refused(sources: &Sources) -> (String, String, String) {
    let error = sources.build().expect_err("refused");
    (error.code().id.to_owned(), error.to_string(), error.help())
}

#[test]
fn lists_the_tools_of_a_workspace_with_several() {
    let (code, message, help) = refused(&workspace());
    assert_eq!(code, "MPP-B002");
    assert!(message.ends_with("is a workspace, and no package was chosen; its tools are `one`, `two`"), "{message}");
    assert!(help.contains("for example `one`"), "{help}");
}

#[test]
fn finds_a_member_by_name_by_path_and_from_a_subdirectory() {
    let sources = workspace();
    assert_eq!(Project::find_package(sources.path(), "two").expect("by name").name(), "two");
    assert_eq!(Project::find(&sources.path().join("one")).expect("by path").name(), "one");
    assert_eq!(Project::find(&sources.path().join("one/src")).expect("from a subdirectory").name(), "one");
    assert_eq!(Project::find(&sources.path().join("one/Cargo.toml")).expect("by file").name(), "one");
    let all: Vec<_> = Project::find_all(sources.path()).expect("all").iter().map(|p| p.name().to_owned()).collect();
    assert_eq!(all, ["one", "two"]);
    let error = Project::find_package(sources.path(), "tow").expect_err("misspelled");
    assert_eq!(error.to_string(), "the workspace has no package `tow`; did you mean `two`?");
}

#[test]
fn finds_the_only_tool_of_a_workspace_without_a_name() {
    let sources = workspace();
    sources.write("two/Cargo.toml", cargo_toml("two", ""));
    assert_eq!(sources.find().expect("one tool").name(), "one");
    sources.write("one/Cargo.toml", cargo_toml("one", ""));
    let error = sources.find().expect_err("no tool");
    assert!(error.to_string().ends_with("none of its members is a tool"), "{error}");
}

#[test]
fn refuses_two_binaries_until_one_is_chosen() {
    let sources = Sources::new(&[
        ("Cargo.toml", &cargo_toml("pair", "")),
        ("src/bin/first.rs", "fn main() {}"),
        ("src/bin/second.rs", "fn main() {}"),
    ]);
    let (code, message, help) = refused(&sources);
    assert_eq!(code, "MPP-B005");
    assert!(message.contains("several binaries (`first`, `second`)"), "{message}");
    assert!(help.contains("bin = \"first\""), "{help}");
    sources.write("Cargo.toml", cargo_toml("pair", "[package.metadata.mpp]\nbin = \"secnd\""));
    let (_, message, _) = refused(&sources);
    assert_eq!(message, "package `pair` has no binary `secnd`; its binaries are `first`, `second`");
}

#[test]
fn refuses_a_library_without_a_binary() {
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("lonely", "")), ("src/lib.rs", "")]);
    let (code, message, help) = refused(&sources);
    assert_eq!(code, "MPP-B004");
    assert!(message.contains("`lonely` has no binary"), "{message}");
    assert!(help.contains("use LIBRARY as _;"), "{help}");
}

#[test]
fn names_the_file_of_a_misspelled_key() {
    let table = "[package.metadata.mpp.capabilities]\nenv_var = [\"KEY\"]";
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("tool", table)), ("src/main.rs", "fn main() {}")]);
    let error = sources.find().expect_err("misspelled");
    assert_eq!(error.code(), "MPP-B006");
    let message = with_causes(&error);
    let file = sources.path().canonicalize().expect("path").join("Cargo.toml");
    let expected = format!(
        "{}:6:1: unknown key `package.metadata.mpp.capabilities.env_var`; did you mean `env_vars`?",
        file.display()
    );
    assert_eq!(message, expected);
    sources.write("Cargo.toml", cargo_toml("tool", ""));
    sources.write("manifest.json", r#"{"build": {"comand": "make"}}"#);
    let message = with_causes(&sources.find().expect_err("misspelled"));
    assert!(message.ends_with("manifest.json: unknown key `build.comand`; did you mean `command`?"), "{message}");
}

#[test]
fn refuses_a_directory_without_a_project() {
    let empty = tempfile::tempdir().expect("temp dir");
    let error = Project::find(empty.path()).expect_err("nothing there");
    assert_eq!(error.code(), "MPP-B001");
    assert!(error.help().contains("create a project"), "{}", error.help());
    let error = Project::find(Path::new("/nowhere/at/all")).expect_err("no directory");
    assert!(matches!(error, BuildError::NoDirectory { .. }), "{error}");
}

#[test]
fn forwards_cargos_message_about_a_broken_manifest() {
    let sources = Sources::new(&[("Cargo.toml", "[package]\nname = \"x\"\nedition = \"2024\"\n\n[dependencies\n")]);
    let error = sources.find().expect_err("broken");
    assert_eq!(error.code(), "MPP-B007");
    assert!(error.to_string().contains("TOML parse error") || error.to_string().contains("unclosed"), "{error}");
}

#[test]
fn resolves_dev_mappings_against_the_project_directory() {
    let table = "[package.metadata.mpp.dev]\ndirs = { \"/contacts\" = \"sample\" }\nenv = { KEY = \"value\" }";
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("tool", table)), ("src/main.rs", "fn main() {}")]);
    let project = sources.find().expect("found");
    assert_eq!(project.dev().dirs["/contacts"], sources.path().canonicalize().expect("path").join("sample"));
    assert_eq!(project.dev().env["KEY"], "value");
}
