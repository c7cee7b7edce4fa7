//! Temporary files and directories for declared paths, and files that the tool writes.

use serde_json::json;

use crate::support::{failure, scribe};

fn with_files() -> mpp_testkit::ToolBuilder {
    scribe()
        .temp_dir("/out")
        .file("/in/page.txt", "a page")
        .file("/in/deep/er.txt", "deeper")
        .file("/ledger.txt", "one\n")
}

#[test]
fn tool_and_test_read_each_others_files() {
    let tool = with_files().load();
    tool.call("read", json!({ "name": "page.txt" })).assert_text("a page");
    tool.call("read", json!({ "name": "deep/er.txt" })).assert_text("deeper");
    let before = tool.files("/out");
    assert!(before.is_empty());
    tool.call("write", json!({ "name": "new.txt", "text": "written" })).assert_json(7);
    assert_eq!(tool.read_text("/out/new.txt"), "written");
    tool.call("enter", json!({ "line": "two" })).assert_json(8);
    assert_eq!(tool.read_text("/ledger.txt"), "one\ntwo\n");
    let after = tool.files("/out");
    before.diff(&after).assert_changes(["+ new.txt"]);
    let message = failure(|| before.diff(&after).assert_empty().is_empty());
    assert_eq!(message, "the files changed; expected no changes\n\nfound, but not expected:\n  | + new.txt");
    tool.call("write", json!({ "name": "new.txt", "text": "again" })).success();
    assert_eq!(after.diff(&tool.files("/out")).to_string(), "~ new.txt");
    assert_eq!(after.get("new.txt"), Some(b"written".as_slice()));
}

#[test]
fn a_directory_before_and_after() {
    macro_rules! tool {
        () => {
            scribe()
        };
    }
    // ANCHOR: files
    let tool = tool!().temp_dir("/out").file("/in/page.txt", "a page").load();
    tool.call("read", json!({ "name": "page.txt" })).assert_text("a page");
    let before = tool.files("/out");
    tool.call("write", json!({ "name": "new.txt", "text": "written" })).assert_success();
    before.diff(&tool.files("/out")).assert_changes(["+ new.txt"]);
    assert_eq!(tool.read_text("/out/new.txt"), "written");
    // ANCHOR_END: files
}

#[test]
fn each_loaded_tool_has_its_own_directories() {
    let (one, two) = (with_files().load(), with_files().load());
    one.call("write", json!({ "name": "a", "text": "1" })).success();
    assert!(two.files("/out").is_empty());
    let clone = one.clone();
    drop(one);
    assert_eq!(clone.read("/out/a"), b"1");
}

#[test]
fn unknown_paths_are_reported_with_the_known_ones() {
    let tool = with_files().load();
    tool.call("write", json!({ "name": "a.txt", "text": "1" })).success();
    let message = failure(|| tool.read("/out/b.txt"));
    assert_eq!(message, "there is no file `/out/b.txt`\n\nhelp: files in `/out`: `a.txt`");
    let message = failure(|| tool.read("/etc/passwd"));
    assert!(
        message.starts_with("none of the tool's paths contains `/etc/passwd`\n\nhelp: paths of the tool: `/"),
        "{message}"
    );
    let message = failure(|| scribe().temp_dir("/ouch").load());
    assert_eq!(
        message,
        "the test provides `/ouch`, which the manifest does not declare; did you mean `/out`?\n\nhelp: paths declared under \
         `capabilities.filesystem`: `/in`, `/out`, `/ledger.txt`"
    );
    for path in ["/in/../etc/x", "/inside/x", "in/x"] {
        let message = failure(|| scribe().file(path, "x").load());
        assert!(
            message.starts_with(&format!("the test provides `{path}`, which the manifest does not declare")),
            "{message}"
        );
    }
}
