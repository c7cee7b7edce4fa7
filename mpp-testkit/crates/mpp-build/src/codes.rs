//! Codes of building a package: `MPP-B…`.

mpp_host::declare_codes! {
    pub table BUILD;

    B001: Build, "no project was found",
        "A project is a directory with a `Cargo.toml` (a Rust tool) or with a `manifest.json` (a module made by \
         anything else). It is searched for in the directory given and in those above it. Start one with `cargo mpp \
         new NAME`, or name its directory: `cargo mpp build DIR`.";
    B002: Build, "the workspace has several tools, or none",
        "One package is one tool program, so at the root of a workspace say which member is meant: `-p NAME`, or \
         `--workspace` for all of them. A member counts as a tool when it has `[package.metadata.mpp]` or is a \
         program that depends on `mpp-sdk`.";
    B003: Build, "the workspace has no such package",
        "`-p NAME` takes the `name` under `[package]` of a workspace member's Cargo.toml, not its directory. `cargo \
         metadata --no-deps` lists the members.";
    B004: Build, "the package has no binary",
        "A tool is a program: `src/main.rs` with `fn main() { mpp::serve() }`. Tools that live in the library of the \
         package are found when `main.rs` says `use LIBRARY as _;`, or serves them by name: \
         `mpp::serve_tools(mpp::tools![LIBRARY::tool])`.";
    B005: Build, "the package has several binaries",
        "One package is one tool program. Say which binary it is: `bin = \"NAME\"` under `[package.metadata.mpp]`, \
         or `default-run = \"NAME\"` under `[package]`, or `--bin NAME` for this build. Two programs that are both \
         tools belong in two Cargo packages.";
    B006: Build, "a key is unknown or has a value of the wrong type",
        "In `[package.metadata.mpp]` of Cargo.toml and in `manifest.json` every key is checked, because a misspelled \
         capability would otherwise be missing in silence. The message names the key and the nearest valid one. \
         `cargo mpp schema manifest` prints the schema of the manifest.";
    B007: Build, "cargo cannot read the project",
        "`cargo metadata --no-deps` failed in the project's directory, and its own words are shown. Usual reasons \
         are a mistake in the TOML, a workspace that does not list the package, and a dependency on a path that is \
         not there.";
    B010: Build, "a program that the build needs cannot be started",
        "Building a Rust tool runs `cargo`; a project with `build.command` runs a shell. Install Rust from \
         https://rustup.rs, and see that the program is on the PATH of the shell that you build in.";
    B011: Build, "the Rust target for the sandbox is missing",
        "Tools are compiled for `wasm32-wasip1`. `build` adds it with `rustup target add wasm32-wasip1`, which needs \
         `rustup` and, the first time, a network. A Rust that came from a distribution has the target as a package \
         of its own, often named `rust-std-wasm32-wasip1` or `libstd-rust-dev-wasm32`.";
    B012: Build, "the project does not compile for the sandbox",
        "The compiler's own messages say where. Code that compiles natively and not for `wasm32-wasip1` mostly uses \
         threads, sockets, processes or C libraries; a crate often has a feature that leaves them out \
         (`default-features = false`). `cargo build --target wasm32-wasip1` shows the same messages.";
    B013: Build, "the crate `mpp` on crates.io belongs to another protocol",
        "The SDK is the crate `mpp-sdk`, which tools rename: write `mpp = { package = \"mpp-sdk\", version = \"0.1\" \
         }` in `[dependencies]`, and `#[mpp::tool]` works.";
    B014: Build, "the tool links a crate that opens sockets",
        "The sandbox has no sockets, so an HTTP client or a network runtime inside a tool cannot work: it fails to \
         compile, or at its first call. Tools have no network in this release; they will get it through `mpp::http`, \
         where the host checks every request against the manifest. Leave the crate out, or behind a feature that the \
         tool does not use. `cargo tree -i CRATE --target wasm32-wasip1` shows who pulls it in.";
    B015: Build, "the project's own build command failed",
        "`build.command` in `manifest.json` is run by the shell in the project's directory, with its output shown. \
         Run the same line there by hand to see what is missing.";
    B016: Build, "there is no module where the project says, or it is not one",
        "`build.output` in `manifest.json` names the module, relative to the project's directory; without it \
         `runtime.entrypoint` is looked for there. The file is a preview-1 command module (`\"type\": \
         \"wasm32-wasi\"`) or a WASI 0.2 command component (`\"type\": \"wasm32-wasip2\"`).";
    B020: Build, "the fresh module does not say which tools it has",
        "`build` runs the module once in the sandbox, without any capability, sends `tools/list` and takes the \
         definitions from the answer. `main` must therefore reach `mpp::serve()` without reading a file, a variable \
         or the network, and must print nothing to stdout before. Two tools of one name are refused here too.";
    B021: Build, "the project has no tools",
        "Annotate a function of the program with `#[mpp::tool]`. Tools of a library crate are linked only when the \
         program refers to it: `use LIBRARY as _;` in `main.rs`, or `mpp::serve_tools(mpp::tools![LIBRARY::tool])`. \
         With `tool_handler`, and for modules in other languages, write `tool_definitions` in `manifest.json`.";
    B022: Build, "`manifest.json` and the module define different tools",
        "Definitions come from the module; a `manifest.json` beside Cargo.toml may repeat them, and then they must \
         agree, or an agent would be told something that the tool does not do. Leave `tool_definitions` out, or \
         correct the places that are listed.";
    B023: Build, "the finished manifest breaks a rule",
        "The manifest is made from Cargo.toml, `manifest.json` if there is one, and the module's answer; the message \
         names the place in it and the rule. `package_id`, `name` and `version` have the forms that `mpp explain \
         MPP-G601` describes.";
    B024: Build, "an asset cannot be packed",
        "`assets` under `[package.metadata.mpp]` lists files, directories and patterns (`*`, `?`, and `**` for any \
         number of directories) inside the project. Each must match something. Links are not followed, hidden files \
         are passed over, and names have ASCII letters, digits, `.`, `_`, `+` and `-`. Without `assets`, \
         `README.md`, `LICENSE*` and the directory `assets` are packed where they exist.";
    B025: Build, "the archive cannot be made",
        "The module and the assets together are over a limit of the format, or a name is not allowed in a package. \
         The message names the entry; fewer or smaller assets are the usual way out.";
    B030: Build, "two builds of the same sources differ",
        "`--check-repro` built the project where it is and a copy of it elsewhere, and the packages are not the \
         same. Something put the place or the time of the build into the program: `env!(\"CARGO_MANIFEST_DIR\")`, a \
         build script, a time stamp, an unpinned dependency without Cargo.lock. The message names the first place \
         that differs.";
    B031: Build, "a dependency lies outside the project",
        "Where a path dependency outside the workspace lies becomes part of every symbol name in the module, so \
         another machine would get other bytes. Move it into the workspace, or keep a copy inside the project.";
    B040: Build, "a file cannot be written",
        "The system's own words are shown. Files are written beside their place and renamed, so that a full disk or \
         an interruption leaves the old file or none, never a part.";
    B041: Build, "a file cannot be read",
        "The system's own words are shown. The file belongs to the project and exists, so look at its permissions \
         and those of the directories above it.";
    B042: Interrupted, "the build was interrupted",
        "Ctrl-C, or the program that had started the build, ended it. The compiler was ended too, and no package was \
         written; the next build goes on from what was compiled.";
}

/// Every code of this crate, by number.
pub fn all() -> impl Iterator<Item = &'static mpp_host::Code> {
    BUILD.iter().copied()
}
