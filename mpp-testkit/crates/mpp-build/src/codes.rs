//! Codes of building a package: `MPP-B…`.

mpp_host::declare_codes! {
    pub table BUILD;

    B001: Build, "no project was found",
        "A project is a directory with a `Cargo.toml` (a Rust tool) or a `manifest.json` (a module that is built in another way). It \
         is searched for in the given directory and in the directories above it.";
    B002: Build, "the workspace has several tools, or none",
        "A package is made from one tool program, so at the root of a workspace one of its members has to be chosen. A member is a \
         tool if it has `[package.metadata.mpp]` or is a program that depends on `mpp-sdk`.";
    B003: Build, "the workspace has no such member",
        "A member is chosen by its `name` under `[package]` in its `Cargo.toml`, not by its directory.";
    B004: Build, "the package has no binary",
        "A tool is a program: `src/main.rs` with `fn main() { mpp::serve() }`. Tools in the library of the package are found if \
         `main.rs` contains `use LIBRARY as _;`, or serves them by name: `mpp::serve_tools(mpp::tools![LIBRARY::tool])`.";
    B005: Build, "the package has several binaries",
        "A package is made from one tool program. Choose the binary with `bin = \"NAME\"` under `[package.metadata.mpp]` or \
         `default-run = \"NAME\"` under `[package]`. Two programs that are both tools belong in two Cargo packages.";
    B006: Build, "a key is unknown or has a value of the wrong type",
        "Every key of `[package.metadata.mpp]` in `Cargo.toml` and of `manifest.json` is checked, because a misspelled capability \
         would otherwise be missing without notice. The message contains the key and the closest valid one.";
    B007: Build, "cargo cannot read the project",
        "`cargo metadata` failed in the directory of the project, and its output is shown. Common causes are a mistake in the TOML, a \
         workspace that does not list the package, and a path dependency that does not exist.";
    B010: Build, "a program that the build needs cannot be started",
        "Building a Rust tool runs `cargo`, and a project with `build.command` runs a shell. Install Rust from https://rustup.rs, and \
         check that the program is on the `PATH`.";
    B011: Build, "the Rust target for the sandbox is missing",
        "Tools are compiled for `wasm32-wasip1`. The build adds this target with `rustup target add wasm32-wasip1`, which needs \
         `rustup` and, the first time, network access. If Rust was installed from a distribution, the target is a separate package, \
         often named `rust-std-wasm32-wasip1` or `libstd-rust-dev-wasm32`.";
    B012: Build, "the project does not compile for the sandbox",
        "The compiler's messages name the place. Code that compiles natively but not for `wasm32-wasip1` usually needs threads, \
         sockets, processes or C libraries; a crate often has a feature that leaves them out (`default-features = false`).";
    B013: Build, "the crate `mpp` on crates.io belongs to another protocol",
        "The SDK is the crate `mpp-sdk`, which tools rename: write `mpp = { package = \"mpp-sdk\", version = \"0.1\" }` in \
         `[dependencies]`, and `#[mpp::tool]` works.";
    B014: Build, "the tool links a crate that opens sockets",
        "The sandbox has no sockets, so an HTTP client or a network runtime inside a tool fails to compile or fails at its first call. \
         Send requests with `mpp::http`: the host checks each one against the manifest. Remove the crate, or put it behind a feature \
         that the tool does not use.";
    B015: Build, "the project's own build command failed",
        "`build.command` of `manifest.json` is run by the shell in the directory of the project, and its output is shown. Run the same \
         line there yourself to see what is missing.";
    B016: Build, "the module is missing, or is not a module",
        "`build.output` of `manifest.json` is the path of the module, relative to the directory of the project; without it, \
         `runtime.entrypoint` is used. The file must be a preview 1 command module (`\"type\": \"wasm32-wasi\"`) or a WASI 0.2 command \
         component (`\"type\": \"wasm32-wasip2\"`).";
    B020: Build, "the new module does not describe its tools",
        "The build runs the module once in the sandbox without any capability, sends `tools/list` and takes the definitions from the \
         response. `main` must therefore reach `mpp::serve()` without reading a file, a variable or the network, and must not print \
         anything to stdout before. Two tools of the same name are also refused.";
    B021: Build, "the project has no tools",
        "Annotate a function of the program with `#[mpp::tool]`. Tools of a library crate are linked only if the program refers to the \
         crate: `use LIBRARY as _;` in `main.rs`, or `mpp::serve_tools(mpp::tools![LIBRARY::tool])`. With `tool_handler`, and for \
         modules in other languages, write `tool_definitions` in `manifest.json`.";
    B022: Build, "`manifest.json` and the module define different tools",
        "The definitions are taken from the module. A `manifest.json` next to `Cargo.toml` may repeat them, but they must be the same, \
         or an agent would be told something that the tool does not do. Remove `tool_definitions`, or correct the differences that \
         are listed.";
    B023: Build, "the generated manifest breaks a rule",
        "The manifest is generated from `Cargo.toml`, from `manifest.json` if there is one, and from the module's response. The message \
         names the place in it and the rule.";
    B024: Build, "an asset cannot be packed",
        "`assets` under `[package.metadata.mpp]` lists files, directories and patterns (`*`, `?`, and `**` for any number of \
         directories) inside the project. Each entry must match something. Links are not followed, hidden files are skipped, and \
         names consist of ASCII letters, digits, `.`, `_`, `+` and `-`. Without `assets`, the files `README.md` and `LICENSE*` and the \
         directory `assets` are packed if they exist.";
    B025: Build, "the archive cannot be written",
        "The module and the assets together exceed a limit of the format, or a name is not allowed in a package. The message names the \
         entry; usually it helps to pack fewer or smaller assets.";
    B030: Build, "two builds of the same sources differ",
        "The project was built in its directory and, as a copy, in another one, and the packages differ. Something put the directory or \
         the time of the build into the program: `env!(\"CARGO_MANIFEST_DIR\")`, a build script, a time stamp, or a dependency without \
         `Cargo.lock`. The message names the first difference.";
    B031: Build, "a dependency is outside the project",
        "The path of a dependency outside the workspace becomes part of every symbol name in the module, so another machine would \
         produce other bytes. Move it into the workspace, or keep a copy inside the project.";
    B040: Build, "a file cannot be written",
        "The message contains the error of the operating system. Files are written next to their destination and renamed, so a full \
         disk or an interruption leaves the old file or none, never a part of one.";
    B041: Build, "a file cannot be read",
        "The message contains the error of the operating system. The file belongs to the project and exists, so check its permissions \
         and those of the directories above it.";
    B042: Interrupted, "the build was interrupted",
        "Ctrl-C, or the program that started the build, ended it. The compiler was ended too, and no package was written; the next \
         build continues with what is already compiled.";
}

/// Every code of this crate, by number.
pub fn all() -> impl Iterator<Item = &'static mpp_host::Code> {
    BUILD.iter().copied()
}
