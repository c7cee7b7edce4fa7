//! Tools written with the SDK, in programs, libraries and workspaces.

use crate::support::{Sources, build, cargo_toml, host, options, sdk_dependency};
use mpp_host::codes::Coded as _;

const ADD: &str = "/// Add two numbers.\n#[mpp::tool]\npub fn add(a: i64, b: i64) -> i64 { a + b }\n";
const SERVE: &str = "fn main() { mpp::serve() }\n";

fn depends(name: &str, more: &str) -> String {
    cargo_toml(name, &format!("[dependencies]\n{}\n{more}", sdk_dependency()))
}

fn names(sources: &Sources) -> Vec<String> {
    let (built, _) = sources.build().expect("built");
    built.manifest().tool_definitions.iter().map(|tool| tool.name.clone()).collect()
}

#[test]
fn finds_tools_of_the_program_and_of_a_linked_library() {
    let main =
        format!("use shelf as _;\n/// Subtract.\n#[mpp::tool]\nfn sub(a: i64, b: i64) -> i64 {{ a - b }}\n{SERVE}");
    let sources = Sources::new(&[
        ("Cargo.toml", &depends("reader", "shelf = { path = \"shelf\" }\n[workspace]")),
        ("src/main.rs", &main),
        ("shelf/Cargo.toml", &depends("shelf", "")),
        ("shelf/src/lib.rs", ADD),
    ]);
    assert_eq!(names(&sources), ["add", "sub"]);
}

#[test]
fn explains_why_tools_of_an_unlinked_library_are_missing() {
    let sources = Sources::new(&[
        ("Cargo.toml", &depends("forgetful", "[workspace]")),
        ("src/lib.rs", ADD),
        ("src/main.rs", SERVE),
    ]);
    let error = sources.build().expect_err("not linked");
    assert_eq!(error.code(), "MPP-B020", "{error}");
    assert!(mpp_host::causes::with_causes(&error).contains("add `use that_crate as _;` to main.rs"), "{error}");
    sources.write("src/main.rs", format!("use forgetful as _;\n{SERVE}"));
    assert_eq!(names(&sources), ["add"]);
}

#[test]
fn refuses_two_tools_with_the_same_name() {
    let sources = Sources::new(&[
        ("Cargo.toml", &depends("double", "[workspace]")),
        ("src/main.rs", &format!("{ADD}mod other {{ {ADD} }}\n{SERVE}")),
    ]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B020");
    assert!(mpp_host::causes::with_causes(&error).contains("`add`"), "{error}");
}

#[test]
fn workspace_members_that_link_the_sdk_are_tools() {
    let sources = Sources::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"3\"\n"),
        ("one/Cargo.toml", &depends("one", "")),
        ("one/src/main.rs", &format!("{ADD}{SERVE}")),
        ("two/Cargo.toml", &depends("two", "")),
        ("two/src/main.rs", &format!("{ADD}{SERVE}")),
    ]);
    let all = mpp_build::Project::find_all(sources.path()).expect("both");
    for (project, name) in all.iter().zip(["one", "two"]) {
        let (built, _) = build(project, &options()).expect(name);
        assert_eq!(built.manifest().name, name);
    }
    assert_eq!(all.len(), 2);
    assert_eq!(sources.find().expect_err("which?").code(), "MPP-B002");
}

#[test]
fn reads_the_definitions_of_a_handler_from_manifest_json() {
    let main = "fn main() { mpp::tool_handler(|request| mpp::ToolResponse::success(request.arguments)) }";
    let sources = Sources::new(&[("Cargo.toml", &depends("by-hand", "[workspace]")), ("src/main.rs", main)]);
    let error = sources.build().expect_err("no definitions anywhere");
    assert_eq!(error.code(), "MPP-B021", "{error}");
    sources.write(
        "manifest.json",
        r#"{"tool_definitions": [{"name": "echo", "description": "Say it again.", "parameters": {"type": "object"}}]}"#,
    );
    assert_eq!(names(&sources), ["echo"]);
}

#[test]
fn a_packed_module_contains_its_definitions_instead_of_the_code_that_computes_them() {
    let main = format!(
        "/// Where to look.\n#[mpp::data]\nenum Place {{ Here, There {{ how_far: u8 }} }}\n/// Find things.\n#[mpp::tool]\n\
         fn find(\n/// Where.\nplace: Place,\n#[arg(default = 3)] most: u8) -> Vec<String> {{ let _ = place; vec![\"x\".into(); most.into()] }}\n{SERVE}"
    );
    let sources = Sources::new(&[("Cargo.toml", &depends("lean", "[workspace]")), ("src/main.rs", &main)]);
    let (built, _) = sources.build().expect("built");
    let linked = std::fs::read(built.symbols.as_ref().expect("symbols")).expect("read");
    let kind = mpp_host::package::manifest::RuntimeKind::Wasip1;
    let computed = host().describe(&linked, kind).expect("the linked module computes them");
    let packed = host().describe(built.module(), kind).expect("the packed module has them");
    assert_eq!(serde_json::to_value(&packed).expect("json"), serde_json::to_value(&computed).expect("json"));
    assert_eq!(packed[0].parameters["properties"]["most"]["default"], 3);
    assert!(built.module_bytes < 130 * 1024, "{} of {}", built.module_bytes, built.linked_bytes);
    // Descriptions are in the definitions only. That of the parameter replaces that of its type.
    for (text, count) in [("Find things.", 1), ("Where to look.", 0)] {
        let found = built.module().windows(text.len()).filter(|window| *window == text.as_bytes()).count();
        assert_eq!(found, count, "{text}");
    }
}
