//! `mpp.h`: every function links with the signature that the header declares.

use mpp_host::Host;
use serde_json::json;

use crate::fixture::{Run, content, module_with, sample};

const HEADER: &str = include_str!("../../../../../mpp-sdk/include/mpp.h");

/// Returns the import that a C compiler creates for a declaration, in the text format.
fn import(declaration: &str) -> String {
    let (name, rest) = declaration.split_once("\")").unwrap();
    let (head, rest) = rest.split_once('(').unwrap();
    let (parameters, _) = rest.split_once(");").unwrap();
    let kind = |c: &str| match c {
        c if c.contains('*') || c.contains("size_t") || c.contains("int32_t") => "i32",
        c if c.contains("int64_t") => "i64",
        other => panic!("a type without a number: {other}"),
    };
    let parameters: Vec<&str> = parameters.split(',').filter(|p| p.trim() != "void").map(kind).collect();
    let result = if head.trim().starts_with("void") { String::new() } else { format!("(result {})", kind(head)) };
    format!("(import \"mpp_v1\" \"{name}\" (func (param {}) {result}))", parameters.join(" "))
}

#[test]
fn every_function_of_the_header_links() {
    let imports: Vec<String> = HEADER.split("MPP_IMPORT(\"").skip(1).map(import).collect();
    assert_eq!(imports.len(), 9, "{imports:?}");
    let module = module_with(&imports.join("\n"), "", "(call $answer_number (i32.const 7))");
    let capabilities = json!({ "kv": { "max_bytes": 1 }, "network": ["api.example.com"] });
    let package = sample(module).set("/capabilities", capabilities);
    let dir = tempfile::tempdir().unwrap();
    let host = Host::builder().state_dir(dir.path()).build().unwrap();
    assert_eq!(content(&package.runnable(&host).call("run", "{}")), "007");
}
