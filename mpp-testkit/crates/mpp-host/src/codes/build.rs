//! Codes of building a package and starting a project: `MPP-B…`.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "MPP-B001",
        title: "no project was found",
        help: "A project is a directory with a `Cargo.toml` (a Rust tool) or with a `manifest.json` (a module made by anything else). It is searched for in the directory given and in those above it. Start one with `cargo mpp new NAME`, or name its directory: `cargo mpp build DIR`.",
    },
    Code {
        id: "MPP-B002",
        title: "the workspace has several tools, or none",
        help: "One package is one tool program, so at the root of a workspace say which member is meant: `-p NAME`, or `--workspace` for all of them. A member counts as a tool when it has `[package.metadata.mpp]` or is a program that depends on `mpp-sdk`.",
    },
    Code {
        id: "MPP-B003",
        title: "the workspace has no such package",
        help: "`-p NAME` takes the `name` under `[package]` of a workspace member's Cargo.toml, not its directory. `cargo metadata --no-deps` lists the members.",
    },
    Code {
        id: "MPP-B004",
        title: "the package has no binary",
        help: "A tool is a program: `src/main.rs` with `fn main() { mpp::serve() }`. Tools that live in the library of the package are found when `main.rs` says `use LIBRARY as _;`, or serves them by name: `mpp::serve_tools(mpp::tools![LIBRARY::tool])`.",
    },
    Code {
        id: "MPP-B005",
        title: "the package has several binaries",
        help: "One package is one tool program. Say which binary it is: `bin = \"NAME\"` under `[package.metadata.mpp]`, or `default-run = \"NAME\"` under `[package]`, or `--bin NAME` for this build. Two programs that are both tools belong in two Cargo packages.",
    },
    Code {
        id: "MPP-B006",
        title: "a key is unknown or has a value of the wrong type",
        help: "In `[package.metadata.mpp]` of Cargo.toml and in `manifest.json` every key is checked, because a misspelled capability would otherwise be missing in silence. The message names the key and the nearest valid one. `cargo mpp schema manifest` prints the schema of the manifest.",
    },
    Code {
        id: "MPP-B007",
        title: "cargo cannot read the project",
        help: "`cargo metadata --no-deps` failed in the project's directory, and its own words are shown. Usual reasons are a mistake in the TOML, a workspace that does not list the package, and a dependency on a path that is not there.",
    },
    Code {
        id: "MPP-B010",
        title: "a program that the build needs cannot be started",
        help: "Building a Rust tool runs `cargo`; a project with `build.command` runs a shell. Install Rust from https://rustup.rs, and see that the program is on the PATH of the shell that you build in.",
    },
    Code {
        id: "MPP-B011",
        title: "the Rust target for the sandbox is missing",
        help: "Tools are compiled for `wasm32-wasip1`. `build` adds it with `rustup target add wasm32-wasip1`, which needs `rustup` and, the first time, a network. A Rust that came from a distribution has the target as a package of its own, often named `rust-std-wasm32-wasip1` or `libstd-rust-dev-wasm32`.",
    },
    Code {
        id: "MPP-B012",
        title: "the project does not compile for the sandbox",
        help: "The compiler's own messages say where. Code that compiles natively and not for `wasm32-wasip1` mostly uses threads, sockets, processes or C libraries; a crate often has a feature that leaves them out (`default-features = false`). `cargo build --target wasm32-wasip1` shows the same messages.",
    },
    Code {
        id: "MPP-B013",
        title: "the crate `mpp` on crates.io belongs to another protocol",
        help: "The SDK is the crate `mpp-sdk`, which tools rename: write `mpp = { package = \"mpp-sdk\", version = \"0.1\" }` in `[dependencies]`, and `#[mpp::tool]` works.",
    },
    Code {
        id: "MPP-B014",
        title: "the tool links a crate that opens sockets",
        help: "The sandbox has no sockets, so an HTTP client or a network runtime inside a tool cannot work: it fails to compile, or at its first call. Tools have no network in this release; they will get it through `mpp::http`, where the host checks every request against the manifest. Leave the crate out, or behind a feature that the tool does not use. `cargo tree -i CRATE --target wasm32-wasip1` shows who pulls it in.",
    },
    Code {
        id: "MPP-B015",
        title: "the project's own build command failed",
        help: "`build.command` in `manifest.json` is run by the shell in the project's directory, with its output shown. Run the same line there by hand to see what is missing.",
    },
    Code {
        id: "MPP-B016",
        title: "there is no module where the project says, or it is not one",
        help: "`build.output` in `manifest.json` names the module, relative to the project's directory; without it `runtime.entrypoint` is looked for there. The file is a preview-1 command module (`\"type\": \"wasm32-wasi\"`) or a WASI 0.2 command component (`\"type\": \"wasm32-wasip2\"`).",
    },
    Code {
        id: "MPP-B020",
        title: "the fresh module does not say which tools it has",
        help: "`build` runs the module once in the sandbox, without any capability, sends `tools/list` and takes the definitions from the answer. `main` must therefore reach `mpp::serve()` without reading a file, a variable or the network, and must print nothing to stdout before. Two tools of one name are refused here too.",
    },
    Code {
        id: "MPP-B021",
        title: "the project has no tools",
        help: "Annotate a function of the program with `#[mpp::tool]`. Tools of a library crate are linked only when the program refers to it: `use LIBRARY as _;` in `main.rs`, or `mpp::serve_tools(mpp::tools![LIBRARY::tool])`. With `tool_handler`, and for modules in other languages, write `tool_definitions` in `manifest.json`.",
    },
    Code {
        id: "MPP-B022",
        title: "`manifest.json` and the module define different tools",
        help: "Definitions come from the module; a `manifest.json` beside Cargo.toml may repeat them, and then they must agree, or an agent would be told something that the tool does not do. Leave `tool_definitions` out, or correct the places that are listed.",
    },
    Code {
        id: "MPP-B023",
        title: "the finished manifest breaks a rule",
        help: "The manifest is made from Cargo.toml, `manifest.json` if there is one, and the module's answer; the message names the place in it and the rule. `package_id`, `name` and `version` have the forms that `mpp explain MPP-G601` describes.",
    },
    Code {
        id: "MPP-B024",
        title: "an asset cannot be packed",
        help: "`assets` under `[package.metadata.mpp]` lists files, directories and patterns (`*`, `?`, and `**` for any number of directories) inside the project. Each must match something. Links are not followed, hidden files are passed over, and names have ASCII letters, digits, `.`, `_`, `+` and `-`. Without `assets`, `README.md`, `LICENSE*` and the directory `assets` are packed where they exist.",
    },
    Code {
        id: "MPP-B025",
        title: "the archive cannot be made",
        help: "The module and the assets together are over a limit of the format, or a name is not allowed in a package. The message names the entry; fewer or smaller assets are the usual way out.",
    },
    Code {
        id: "MPP-B030",
        title: "two builds of the same sources differ",
        help: "`--check-repro` built the project where it is and a copy of it elsewhere, and the packages are not the same. Something put the place or the time of the build into the program: `env!(\"CARGO_MANIFEST_DIR\")`, a build script, a time stamp, an unpinned dependency without Cargo.lock. The message names the first place that differs.",
    },
    Code {
        id: "MPP-B031",
        title: "a dependency lies outside the project",
        help: "Where a path dependency outside the workspace lies becomes part of every symbol name in the module, so another machine would get other bytes. Move it into the workspace, or keep a copy inside the project.",
    },
    Code {
        id: "MPP-B040",
        title: "a file cannot be written",
        help: "The system's own words are shown. Files are written beside their place and renamed, so that a full disk or an interruption leaves the old file or none, never a part.",
    },
    Code {
        id: "MPP-B041",
        title: "a file cannot be read",
        help: "The system's own words are shown. The file belongs to the project and exists, so look at its permissions and those of the directories above it.",
    },
    Code {
        id: "MPP-B042",
        title: "the build was interrupted",
        help: "Ctrl-C, or the program that had started the build, ended it. The compiler was ended too, and no package was written; the next build goes on from what was compiled.",
    },
    Code {
        id: "MPP-B050",
        title: "not a name for a project",
        help: "A project's name becomes the Cargo package, the tool's name and a part of its package id: lower-case letters, digits and `-`, beginning with a letter, at most 64 of them, and no word of the Rust language.",
    },
    Code {
        id: "MPP-B051",
        title: "the directory for the new project is not empty",
        help: "`new` writes into a directory that does not exist yet or is empty, so that it never overwrites anything. Choose another name, or move what is there.",
    },
    Code {
        id: "MPP-B052",
        title: "there is no such template",
        help: "`cargo mpp new --help` lists the templates. Without `--template` the project has annotated functions, which is right for nearly every tool.",
    },
    Code {
        id: "MPP-B053",
        title: "the new project cannot be written",
        help: "The system's own words are shown. The project is written into a hidden directory beside its place and renamed when it is complete, so nothing half-written is left.",
    },
];
