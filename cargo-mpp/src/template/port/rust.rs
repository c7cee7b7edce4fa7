//! A port in Rust: one file for each tool, with `#[mpp::tool]`.

use mpp_mcp::scaffold::{Language, PortedTool};

use super::layout::{File, Layout, Words};
use super::{CALLS, DEFINITIONS, PortedServer, capabilities, shown};

/// A project of cargo.
#[derive(Debug)]
pub(super) struct Rust;

impl Layout for Rust {
    fn language(&self) -> Language {
        Language::Rust
    }

    fn words(&self) -> Words {
        Words {
            program: "cargo mpp",
            value: "a JSON value",
            values: "JSON values",
            numbers: "- **Integers have 64 bits.** The original may accept larger ones.\n",
        }
    }

    fn source(&self, tool: &PortedTool) -> String {
        format!("src/tools/{}.rs", tool.module)
    }

    fn files(&self, server: &PortedServer, name: &str, template: Vec<File>) -> Vec<File> {
        let mut files: Vec<File> = template
            .into_iter()
            .filter(|(path, _)| !["src/", "tests/"].iter().any(|dir| path.starts_with(dir)) && path != "README.md")
            .map(
                |(path, text)| {
                    if path == "Cargo.toml" { (path, capabilities::declared(&text, server)) } else { (path, text) }
                },
            )
            .collect();
        let mut add = |path: &str, text: String| files.push((path.to_owned(), text));
        add("src/main.rs", main(server));
        add("src/tools.rs", tools(server));
        add("src/tests.rs", tests(server));
        add("README.md", readme(server, name));
        add("NEXT.md", next(self, server, name));
        files
    }
}

fn main(server: &PortedServer) -> String {
    format!(
        "//! A port of the MCP server {}: the tools are in `tools`, one file each.\n\n\
         mod tools;\n\nfn main() {{\n    mpp::serve()\n}}\n\n#[cfg(test)]\nmod tests;\n",
        shown(server.name())
    )
}

fn tools(server: &PortedServer) -> String {
    let mut modules: Vec<&str> = server.port.tools.iter().map(|tool| tool.module.as_str()).collect();
    modules.sort_unstable();
    let modules: String = modules.iter().map(|module| format!("mod {module};\n")).collect();
    format!(
        "//! The tools of the original, one file each.\n\
         //!\n\
         //! Descriptions come from the doc comments of the functions. The schemas of arguments and results are the original's, in the\n\
         //! directory `schemas`; the comments of parameters and fields repeat them for readers of the code.\n\
         #![allow(dead_code, unused_variables, reason = \"remove this line when every body is written\")]\n\
         #![allow(\n    \
             rustdoc::bare_urls,\n    \
             rustdoc::broken_intra_doc_links,\n    \
             rustdoc::invalid_html_tags,\n    \
             clippy::doc_lazy_continuation,\n    \
             clippy::doc_overindented_list_items,\n    \
             reason = \"the descriptions are the original's\"\n\
         )]\n\n\
         {modules}\n\
         /// Returns the error of a tool whose body is not written yet.\n\
         fn not_implemented(tool: &str) -> mpp::Error {{\n    \
             mpp::Error::new(\"not_implemented\", format!(\"`{{tool}}` is not implemented yet\"))\n\
         }}\n"
    )
}

fn tests(server: &PortedServer) -> String {
    let mut text = format!(
        "//! Tests of the finished package: built, signed, verified, and run in the sandbox behind the privacy filter.\n\
         //!\n\
         //! `MPP_TEST_MODE=native cargo test` runs the same tests in this process, for debuggers and coverage.\n\n\
         /// Agents find the tools of the original, except for the differences in REPORT.md.\n\
         #[test]\n\
         fn publishes_the_definitions_of_the_original() {{\n    \
             mpp_testkit::tool!().load().assert_definitions(\"{DEFINITIONS}\");\n\
         }}\n"
    );
    if !server.port.calls.is_empty() {
        // The clock of the capture, if it is one: what the original answered may depend on it.
        let is_time = |started: &&String| {
            started.starts_with(|c: char| c.is_ascii_digit())
                && started.chars().all(|c| c.is_ascii_digit() || "-:.+TZ".contains(c))
        };
        let clock = server.original.started.as_ref().filter(is_time);
        let clock =
            clock.map(|started| format!(".clock(mpp_testkit::Clock::frozen(\"{started}\"))")).unwrap_or_default();
        text.push_str(&format!(
            "\n/// Answers that differ with every call are declared with `.volatile(\"/pointer\")`.\n\
             #[test]\n\
             #[ignore = \"the bodies are not written yet: remove this line when they are\"]\n\
             fn answers_as_the_original_did() {{\n    \
                 let tool = mpp_testkit::tool!(){clock}.load();\n    \
                 tool.replay(\"{CALLS}\").assert_same();\n\
             }}\n"
        ));
    }
    text
}

fn readme(server: &PortedServer, name: &str) -> String {
    format!(
        "# {name}\n\n\
         A port of the MCP server {} to a signed package that runs in a sandbox.\n\n\
         ```console\n$ cargo mpp build\n$ cargo test\n```\n\n\
         - `NEXT.md`: what is left to do.\n\
         - `REPORT.md`: what the port accepts and refuses otherwise than the original.\n\
         - `src/tools`: the tools, one file each.\n\
         - `schemas`: the schemas that the package publishes for arguments and results.\n\
         - `Cargo.toml`, `[package.metadata.mpp]`: the name and the capabilities of the package.\n\
         - `src/tests.rs`: tests of the finished package in the sandbox, with `original` and `fixtures`.\n\
         - `vendor/mpp` and `.cargo/config.toml`: the SDK, until it is on crates.io. Commit them.\n\n\
         The first `cargo test` compiles the sandbox and takes some minutes; later runs take seconds.\n",
        shown(server.name())
    )
}

fn next(layout: &Rust, server: &PortedServer, name: &str) -> String {
    let tools = &server.port.tools;
    let mut text = format!(
        "# What to do next\n\n\
         The project `{name}` was made from the tool definitions of the MCP server {}. It builds, and every call answers\n\
         `not_implemented`. Do these steps in order, and delete this file after the last one.\n\n\
         1. **Read `REPORT.md`.** It lists where the port differs from the original.\n\
         2. **Declare the capabilities** in `Cargo.toml`. The lines there are guesses{}.\n\
         3. **Write the bodies**, one tool at a time. `mpp::http` sends requests, `mpp::kv` keeps state, `std::fs` reads declared\n   \
            directories, and `mpp::env` reads declared variables.\n",
        shown(server.name()),
        if server.original.inventory.is_some() {
            " from what the original was seen to use; `REPORT.md`\n   \
             lists all of it"
        } else {
            ". To learn what the original uses, look for its\n   \
             requests, files and environment variables, or run `cargo mpp capture --observe` and `cargo mpp inventory`"
        }
    );
    for tool in tools {
        text.push_str(&format!("   - [ ] `{}`\n", layout.source(tool)));
    }
    text.push_str(
        "4. **Check the security levels.** The level of each tool is a guess from its annotations: `low` reads nothing private and\n   \
         changes nothing, `medium` reads private data, `high` changes data, `critical` cannot be undone.\n",
    );
    if server.port.calls.is_empty() {
        text.push_str(
            "5. **Record calls of the original** with `cargo mpp capture -o FILE -- COMMAND`, and compare the answers with\n   \
             `cargo mpp replay FILE .`.\n",
        );
    } else {
        text.push_str(&format!(
            "5. **Remove `#[ignore]`** in `src/tests.rs`: the test replays the recorded calls ({}) in `{CALLS}`, each at the time at\n   \
             which it was recorded. Until then, `cargo test -- --ignored` shows which calls are not answered yet. Values that differ\n   \
             with every call, such as ids, are declared with `.volatile(\"/pointer\")`.\n",
            server.port.calls.iter().count()
        ));
    }
    text.push_str(
        "6. **Remove `not_implemented` and the first `allow`** in `src/tools.rs`.\n\
         7. **Choose a `package_id`** in `Cargo.toml`, and build with your publisher key: `cargo mpp keygen`, `cargo mpp build`.\n",
    );
    text
}
