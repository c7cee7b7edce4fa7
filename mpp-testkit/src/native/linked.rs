//! Finds the tools that are linked into the test, and checks that they are those of the package.

use mpp_host::host::LoadedPackage;
use mpp_recording::line_diff;
use mpp_sdk::private::{annotated, respond};
use mpp_sdk::wire::{ListToolsResult, Request, Response, ToolDefinition};
use mpp_sdk::{ToolSet, serde_json};

use crate::failure::Failure;

/// Returns the linked tools if they include all tools of the package, with the same definitions.
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
        |reason: &str| Failure::new(format!("cannot list the tools that are linked into this test: {reason}"), "");
    let line = respond(tools, &Request::list().to_line());
    let response: Response<ListToolsResult> =
        serde_json::from_slice(&line).map_err(|error| unreadable(&error.to_string()))?;
    match (response.result, response.error) {
        (Some(list), None) => Ok(list.tools),
        (_, error) => Err(unreadable(error.as_ref().map_or("it has no result", |error| &error.message))),
    }
}

fn pretty(definition: &ToolDefinition) -> String {
    serde_json::to_string_pretty(definition).unwrap_or_default()
}

fn differs(package: &str, published: &str, linked: &str) -> Failure {
    let difference = line_diff::diff(published, linked);
    Failure::new(
        format!(
            "a tool that is linked into this test differs from the one in the package `{package}` (expected: the package, found: \
             this test)\n{difference}"
        ),
        "build the test and the module from the same code: look for a `cfg` that depends on the target, or on a feature that only \
         one of them has; or run this test in the sandbox with `.sandboxed()`",
    )
}

fn not_linked(package: &str, missing: &[String]) -> Failure {
    let missing = missing.join(", ");
    let library = package.replace('-', "_");
    Failure::new(
        format!(
            "this test runs natively, but these tools of the package `{package}` are not linked into it: {missing}"
        ),
        format!(
            "tests in `src/` (`#[cfg(test)] mod tests;` in main.rs) are linked with the tools of a program; those in `tests/` are \
             not. Move the test there, or move the tools into a library and write `use {library} as _;` in the test. If the \
             program uses `tool_handler`, call `.handler(handle)` before `.load()`. To run this test in the sandbox, whatever \
             `MPP_TEST_MODE` says, call `.sandboxed()`"
        ),
    )
}
