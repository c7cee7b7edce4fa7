//! The tools that are linked into the test: whether they are those of the package.

use mpp_host::host::LoadedPackage;
use mpp_sdk::private::{annotated, respond};
use mpp_sdk::wire::ToolDefinition;
use mpp_sdk::{ToolSet, serde_json};
use serde_json::Value;

use crate::difference;
use crate::package::Failure;

const LIST: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

/// The tools of this program, where all those of the package are among them, each with the definition that was published.
pub(super) fn tools_of(package: &LoadedPackage) -> Result<ToolSet, Failure> {
    let tools = annotated();
    let linked = if tools.names().is_empty() { Vec::new() } else { definitions(&tools)? };
    let name = &package.manifest().name;
    let mut missing = Vec::new();
    for published in package.definitions() {
        let Some(linked) = linked.iter().find(|linked| linked.name == published.name) else {
            missing.push(format!("`{}`", published.name));
            continue;
        };
        let (published, linked) = (pretty(published), pretty(linked));
        if published != linked {
            return Err(differs(name, &published, &linked));
        }
    }
    if missing.is_empty() { Ok(tools) } else { Err(not_linked(name, &missing)) }
}

fn definitions(tools: &ToolSet) -> Result<Vec<ToolDefinition>, Failure> {
    let unreadable =
        |reason: &str| Failure::new(format!("the tools that are linked into this test cannot be listed: {reason}"), "");
    let response: Value =
        serde_json::from_slice(&respond(tools, LIST)).map_err(|error| unreadable(&error.to_string()))?;
    if let Some(message) = response.pointer("/error/message") {
        return Err(unreadable(message.as_str().unwrap_or_default()));
    }
    serde_json::from_value(response["result"]["tools"].clone()).map_err(|error| unreadable(&error.to_string()))
}

fn pretty(definition: &ToolDefinition) -> String {
    serde_json::to_string_pretty(definition).unwrap_or_default()
}

fn differs(package: &str, published: &str, linked: &str) -> Failure {
    let difference = difference::lines(published, linked);
    Failure::new(
        format!(
            "a tool that is linked into this test is another than the one in the package `{package}` \
             (expected: the package's, found: the test's)\n{difference}"
        ),
        "the test and the module are to be built from the same code: look for `cfg`s that depend on the target, or on features \
         that only one of them has; `.sandboxed()` runs this test in the sandbox all the same",
    )
}

fn not_linked(package: &str, missing: &[String]) -> Failure {
    let missing = missing.join(", ");
    let library = package.replace('-', "_");
    Failure::new(
        format!("this test runs natively, and tools of the package `{package}` are not linked into it: {missing}"),
        format!(
            "the tests of a program stand in `src/` (`#[cfg(test)] mod tests;` in main.rs): those in `tests/` are programs of \
             their own, into which the tools are not linked. Move them, or give the package a library with the tools and say \
             `use {library} as _;` in the test. A program that dispatches by itself (`tool_handler`) is given with \
             `.handler(handle)` before `.load()`. `.sandboxed()` runs a test in the sandbox whatever `MPP_TEST_MODE` says"
        ),
    )
}
