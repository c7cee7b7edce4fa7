//! What the book says about the sandbox is what a tool finds there.

use std::fs;

use mpp_host::wire::RpcError;
use serde_json::json;

use crate::support::mistake;

/// Returns the name in the first column of each row, and the second column.
fn rows(page: &str) -> Vec<(&str, &str)> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let mut cells = row.split(" | ");
        (cells.next().unwrap_or_default().trim_end_matches('`'), cells.next().unwrap_or_default())
    })
    .collect()
}

/// Returns the kind of an error, as the book writes it.
fn reported(error: &RpcError) -> String {
    error.kind().map_or_else(|| error.message.clone(), |kind| format!("`{}`", kind.as_str()))
}

#[test]
fn the_sandbox_is_as_the_book_describes_it() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../book/src/sandbox.md")).unwrap();
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("a.txt"), "text").unwrap();
    let tool = mistake("absent").dir("/data", data.path()).load();
    let mut wrong = Vec::new();
    for (what, described) in rows(&page) {
        // Twice, since the second call could see what the first one left behind.
        let answers = [(); 2].map(|()| tool.call("probe", json!({ "what": what })));
        for answer in answers {
            let found = if answer.is_success() { answer.text() } else { reported(answer.error()) };
            if !described.starts_with(&found) {
                wrong.push(format!("{what}: found {found:?}, described as {described:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows(&page).len() > 20, "{page}");
}
