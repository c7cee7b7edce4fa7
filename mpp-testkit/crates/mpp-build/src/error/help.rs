//! The help texts of build errors.

use super::{BuildError, blocked, list};
use crate::toolchain::INSTALL_RUST;

pub(super) fn of(error: &BuildError) -> String {
    match error {
        BuildError::NoDirectory { .. } => "name a directory that exists".to_owned(),
        BuildError::NoProject { .. } => "create a project, or name the directory of an existing one".to_owned(),
        BuildError::ChooseMember { tools, .. } => match tools.first() {
            Some(first) => format!("choose one of them, for example `{first}`, or build all of them"),
            None => "a member is a tool if it depends on `mpp-sdk` or has `[package.metadata.mpp]`".to_owned(),
        },
        BuildError::NoSuchMember { tools, .. } => match tools.is_empty() {
            true => "no member of this workspace is a tool: a tool depends on `mpp-sdk` or has `[package.metadata.mpp]`".to_owned(),
            false => format!("its tools are {}", list(tools)),
        },
        BuildError::NoBinary { .. } => "add `src/main.rs` with `fn main() { mpp::serve() }`; tools of the library are found if it contains `use LIBRARY as _;`".to_owned(),
        BuildError::ChooseBinary { bins, .. } | BuildError::NoSuchBinary { bins, .. } => {
            let first = bins.first().map_or("NAME", String::as_str);
            format!("choose one in Cargo.toml with `bin = \"{first}\"` under `[package.metadata.mpp]` (or `default-run` under `[package]`); a second tool program needs a second package")
        }
        BuildError::Key { source, .. } => source.help.clone(),
        BuildError::CargoMetadata { .. } => "correct `Cargo.toml` until `cargo metadata` passes".to_owned(),
        BuildError::ProgramMissing { program, .. } if program.contains("cargo") => format!("{INSTALL_RUST}, then try again"),
        BuildError::ProgramMissing { program, .. } => format!("install `{program}` or put it on the PATH"),
        BuildError::TargetMissing { target, output } if output.is_empty() => format!("`rustup` is not installed: add the target with the package manager that installed Rust (a package named like `rust-std-{target}`), or install Rust from https://rustup.rs"),
        BuildError::TargetMissing { target, .. } => format!("run `rustup target add {target}` with network access, then try again"),
        BuildError::Compile { .. } => "the compiler's messages above name the place; code that compiles natively but not for the sandbox usually needs threads, sockets, processes or C libraries".to_owned(),
        BuildError::NoArtifact { .. } => "this is an internal error; please report it with the output of the build".to_owned(),
        BuildError::OtherProtocol { .. } => "write `mpp = { package = \"mpp-sdk\", version = \"0.1\" }` in `[dependencies]`".to_owned(),
        BuildError::Cargo { failure, .. } => failure.help(),
        BuildError::CargoStopped { .. } => "the output above is cargo's".to_owned(),
        BuildError::BlockedCrate { found, via, instead, .. } => blocked::instead(found, via, instead),
        BuildError::Command { output, .. } if output.is_empty() => "run the same line in that directory yourself, and correct `build.command` in manifest.json".to_owned(),
        BuildError::Command { .. } => "the output shows why; correct `build.command` in manifest.json".to_owned(),
        BuildError::NoModule { elsewhere: Some(_), .. } => "name that file in `build.output` of manifest.json, relative to the directory of the project".to_owned(),
        BuildError::NoModule { command: Some(_), .. } => "the build command succeeded but did not write this file: correct `build.output` in manifest.json".to_owned(),
        BuildError::NoModule { command: None, .. } => "put the module there, name another file in `build.output` of manifest.json, or add a `build.command` that produces it".to_owned(),
        BuildError::ToolchainMissing { install, .. } | BuildError::ToolchainTooOld { install, .. } => install.clone(),
        BuildError::PythonModule { module, .. } => python_instead(module).to_owned(),
        BuildError::CompileFailed { .. } => "the messages above name the place".to_owned(),
        BuildError::NodeModule { .. } => "use `fetch`, `env` and `kv` instead, `@mpp-protocol/sdk/fs` in place of `node:fs/promises`, `@mpp-protocol/sdk/mcp` in place of the SDK of MCP, and dependencies that also run in browsers".to_owned(),
        BuildError::Script { .. } => "write this part of the program in another way".to_owned(),
        BuildError::NoManifest { .. } => "write a `manifest.json` beside it, for example `{ \"name\": \"my-tool\", \"version\": \"0.1.0\" }`; the definitions of the tools are taken from the module".to_owned(),
        BuildError::WrongTarget { target, .. } => target.instead().to_owned(),
        BuildError::NotWasm { .. } => "a package contains a preview 1 command module (`wasm32-wasip1`)".to_owned(),
        BuildError::Describe { .. } => "`main` must answer requests (in Rust with `mpp::serve()` or `tool_handler`, in Go with `mpp.Serve()`, in C with `MPP_SERVE`; in JavaScript the file that is built registers tools) without needing a file, a variable or the network before: definitions are read without any capability".to_owned(),
        BuildError::NoTools { cargo: true, .. } => "annotate a function of the program with `#[mpp::tool]`; tools of a library crate are linked if `main.rs` contains `use LIBRARY as _;` or `mpp::serve_tools(mpp::tools![LIBRARY::tool])`; with `tool_handler`, write `tool_definitions` in a `manifest.json` beside Cargo.toml".to_owned(),
        BuildError::NoTools { cargo: false, .. } => "write `tool_definitions` in manifest.json, or let the module answer `tools/list`".to_owned(),
        BuildError::DefinitionsDiffer { .. } => "remove `tool_definitions` from manifest.json (they are taken from the module), or correct them".to_owned(),
        BuildError::Manifest { source, .. } => source.help.clone(),
        BuildError::Asset { .. } => "`assets` under `[package.metadata.mpp]` lists files, directories or patterns like `data/*.json` inside the project".to_owned(),
        BuildError::Pack { .. } => "pack fewer or smaller assets".to_owned(),
        BuildError::NotReproducible { .. } => "look for what puts the directory or the time of the build into the program: `env!(\"CARGO_MANIFEST_DIR\")`, a build script, a time stamp".to_owned(),
        BuildError::OutsideProject { .. } => "move it into the workspace, or keep a copy inside the project".to_owned(),
        BuildError::Write { source, .. } | BuildError::Read { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => "the disk is full; no partial file was left behind".to_owned(),
        BuildError::Write { .. } => "check the permissions of the directory, and the space on its disk".to_owned(),
        BuildError::Read { .. } => "check the permissions of the file, and those of the directories above it".to_owned(),
        BuildError::Interrupted => String::new(),
    }
}

/// Returns what takes the place of a Python module.
fn python_instead(module: &str) -> &'static str {
    match module.split('.').next().unwrap_or_default() {
        "aiohttp" | "httpx" | "requests" | "ssl" | "urllib3" => "use `mpp.http`, which has the interface of `requests`",
        "fastmcp" | "mcp" => {
            "use `@mpp.tool` in place of the SDK of MCP: `import mpp as mcp` keeps the decorators of `FastMCP`"
        }
        "pydantic" | "pydantic_core" => "use dataclasses for models, and `mpp.Arg` in place of `Field`",
        _ => {
            "install or vendor packages that are entirely in Python, and import every module at the top of a module: nothing can be \
             imported during a call"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::BuildError;

    #[test]
    fn modules_of_python_that_the_sdk_replaces_are_named_with_what_replaces_them() {
        let help = |module: &str| {
            let (project, place) = ("pages".to_owned(), None);
            let error = BuildError::PythonModule { project, module: module.to_owned(), place, reason: String::new() };
            super::of(&error)
        };
        assert!(help("httpx").contains("`mpp.http`"), "{}", help("httpx"));
        assert!(help("mcp.server.fastmcp").contains("`import mpp as mcp`"), "{}", help("mcp.server.fastmcp"));
        assert!(help("pydantic_core._pydantic_core").contains("`mpp.Arg`"), "{}", help("pydantic_core"));
        assert!(help("lxml").contains("entirely in Python"), "{}", help("lxml"));
    }
}
