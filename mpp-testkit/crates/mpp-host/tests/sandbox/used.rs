//! Which declared paths and variables a call used, according to its report and the audit log.

use std::collections::BTreeSet;
use std::sync::Arc;

use mpp_host::Host;
use mpp_host::audit::{AuditLog, read};
use mpp_host::host::Accesses;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Run, SamplePackage, assert_fails, content, host, module_with, sample};

const IMPORTS: &str = r#"
  (import "wasi_snapshot_preview1" "path_link" (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_readlink" (func $readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory" (func $rmdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_set_times"
    (func $touch (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
"#;

/// A tool that makes this one call, and answers with its result.
fn tool(call: &str) -> SamplePackage {
    let more = "(data (i32.const 4096) \"hello.txt\") (data (i32.const 4200) \"new\")";
    let call =
        call.replace("$hello", "(i32.const 4096) (i32.const 9)").replace("$new", "(i32.const 4200) (i32.const 3)");
    sample(module_with(IMPORTS, more, &format!("(call $answer_number {call})")))
}

/// Which of `/a` (descriptor 3), `/b` (4, writable) and the files in `/c` (5) the call used.
fn used(call: &str) -> (String, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    for dir in ["a", "b"] {
        std::fs::create_dir(at(dir)).unwrap();
        std::fs::write(at(dir).join("hello.txt"), dir).unwrap();
    }
    let declared = json!({ "read": ["/c/hello.txt", "/c/other"], "write": ["/a", "/b"] });
    let package = tool(call).set("/capabilities", json!({ "filesystem": declared }));
    let tool = package.granted(&host(), |grant| {
        let grant = grant.dir("/a", at("a")).dir("/b", at("b"));
        grant.dir("/c/hello.txt", at("a/hello.txt")).dir("/c/other", at("b/hello.txt"))
    });
    let output = tool.call("run", "{}");
    let paths = output.report().accesses.paths.clone().unwrap();
    (content(&output).as_str().unwrap().to_owned(), paths.into_iter().collect())
}

#[test]
fn every_function_with_a_path_works_and_is_recorded() {
    let open = |fd: i32| {
        format!(
            "(call $path_open (i32.const {fd}) (i32.const 0) $hello (i32.const 0) (i64.const 2) (i64.const 0)
               (i32.const 0) (i32.const 5000))"
        )
    };
    let table = [
        ("(i32.const 0)".to_owned(), "000", vec![]),
        (open(3), "000", vec!["/a"]),
        (open(4), "000", vec!["/b"]),
        (open(5), "000", vec!["/c/hello.txt"]),
        (open(6), "076", vec![]),
        (open(7), "008", vec![]),
        // A missing path counts as used as well.
        ("(call $unlink (i32.const 3) $new)".to_owned(), "044", vec!["/a"]),
        ("(call $unlink (i32.const 4) $hello)".to_owned(), "000", vec!["/b"]),
        ("(call $mkdir (i32.const 4) $new)".to_owned(), "000", vec!["/b"]),
        ("(call $rmdir (i32.const 3) $new)".to_owned(), "044", vec!["/a"]),
        ("(call $stat (i32.const 5) (i32.const 0) $hello (i32.const 5000))".to_owned(), "000", vec!["/c/hello.txt"]),
        ("(call $stat (i32.const 5) (i32.const 0) $new (i32.const 5000))".to_owned(), "076", vec![]),
        (
            "(call $touch (i32.const 3) (i32.const 0) $hello (i64.const 0) (i64.const 0) (i32.const 5))".to_owned(),
            "000",
            vec!["/a"],
        ),
        (
            "(call $readlink (i32.const 3) $new (i32.const 5000) (i32.const 9) (i32.const 5100))".to_owned(),
            "044",
            vec!["/a"],
        ),
        ("(call $symlink $hello (i32.const 4) $new)".to_owned(), "000", vec!["/b"]),
        ("(call $rename (i32.const 3) $hello (i32.const 4) $new)".to_owned(), "000", vec!["/a", "/b"]),
        ("(call $link (i32.const 4) (i32.const 0) $hello (i32.const 3) $new)".to_owned(), "000", vec!["/a", "/b"]),
    ];
    for (call, answer, paths) in table {
        assert_eq!(used(&call), (answer.to_owned(), paths.iter().map(ToString::to_string).collect()), "{call}");
    }
}

#[test]
fn a_path_outside_the_memory_ends_the_call() {
    let dir = tempfile::tempdir().unwrap();
    let package = tool("(call $unlink (i32.const 3) (i32.const -4) (i32.const -1))")
        .set("/capabilities", json!({ "filesystem": { "write": ["/a"] } }));
    let output = package.granted(&host(), |grant| grant.dir("/a", dir.path())).call("run", "{}");
    assert_fails(&output, ErrorKind::ToolCrashed, &["out of bounds"]);
}

#[test]
fn reading_variables_is_recorded_with_and_without_files() {
    let dir = tempfile::tempdir().unwrap();
    let touched = |call: &str, capabilities: serde_json::Value| -> Accesses {
        let has_files = capabilities.get("filesystem").is_some();
        let has_variables = capabilities.get("env_vars").is_some();
        let tool = tool(call).set("/capabilities", capabilities).granted(&host(), |mut grant| {
            if has_files {
                grant = grant.dir("/a", dir.path());
            }
            if has_variables { grant.env("MODE", "quick") } else { grant }
        });
        let output = tool.call("run", "{}");
        assert_eq!(content(&output), "000");
        output.report().accesses.clone()
    };
    let reads = "(call $environ_get (i32.const 4300) (i32.const 4400))";
    let sizes = "(call $environ_sizes_get (i32.const 4300) (i32.const 4400))";
    let (files, variables) = (json!({ "read": ["/a"] }), json!(["MODE"]));
    for (call, read) in [(reads, true), (sizes, false), ("(i32.const 0)", false)] {
        let with = touched(call, json!({ "filesystem": files, "env_vars": variables }));
        assert_eq!((with.variables, with.paths), (Some(read), Some(BTreeSet::new())), "{call}");
        let without = touched(call, json!({ "env_vars": variables }));
        assert_eq!((without.variables, without.paths), (Some(read), None), "{call}");
        // Without a grant, nothing is recorded.
        assert!(touched(call, json!({})).is_empty(), "{call}");
    }
}

#[test]
fn the_audit_log_records_what_was_used() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("audit");
    let host = Host::builder().audit(Arc::new(AuditLog::new(&log))).build().unwrap();
    let capabilities = json!({ "filesystem": { "read": ["/a", "/b"] }, "env_vars": ["MODE"] });
    let stat = "(call $stat (i32.const 4) (i32.const 0) $hello (i32.const 5000))";
    let tool = tool(stat)
        .set("/capabilities", capabilities)
        .granted(&host, |grant| grant.dir("/a", dir.path()).dir("/b", dir.path()).env("MODE", "quick"));
    assert!(tool.call("run", "{}").outcome().is_ok());
    let mut entries = Vec::new();
    read(&log, |listed| {
        assert!(listed.is_sealed);
        entries.extend(listed.record.ended().cloned());
    })
    .unwrap();
    let used = entries[0].paths_used.as_deref();
    assert_eq!((used, entries[0].variables_read), (Some(["/b".to_owned()].as_slice()), Some(false)));
}
