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
         would otherwise be missing without notice. The message contains the place in the file, and the help a line that can be \
         written there.";
    B007: Build, "cargo cannot read the project",
        "cargo failed before it resolved the dependencies, and its output is shown. Common causes are a mistake in the TOML of \
         `Cargo.toml` or of cargo's configuration, a workspace that does not list the package, a path dependency that does not exist, \
         and dependencies in a circle.";
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
         that the tool does not use. Only the crates that are linked into the module count, not those of tests and build scripts.";
    B015: Build, "the project's own build command failed",
        "`build.command` of `manifest.json` is run by the shell in the directory of the project, and its output is shown. Run the same \
         line there yourself to see what is missing.";
    B016: Build, "the module is missing, or is not a module",
        "`build.output` of `manifest.json` is the path of the module, relative to the directory of the project; without it, \
         `runtime.entrypoint` is used. The file must be a preview 1 command module (`\"type\": \"wasm32-wasi\"`) or a WASI 0.2 command \
         component (`\"type\": \"wasm32-wasip2\"`).";
    B017: Build, "the tool links a crate that compiles C code",
        "There is no C compiler for `wasm32-wasip1` on this machine: no `clang`, and no compiler in `CC_wasm32_wasip1`, `TARGET_CC` or \
         `CC`. The message names the crate, the dependencies that lead to it, and crates in pure Rust that do the same.";
    B018: Build, "the tool uses features of a crate that the sandbox does not support",
        "These features need threads, sockets, processes or signals. A tool handles a single call and needs no runtime: `tokio` compiles \
         with its features `sync`, `macros`, `io-util`, `rt` and `time` only.";
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

    B060: Build, "cargo stopped before it compiled the tool",
        "The reason is not one that the build recognizes; the message contains the first error of cargo, and its output is shown.";
    B061: Build, "a dependency cannot be downloaded",
        "cargo could not reach the registry or the repository, or must not use the network. What was downloaded before is enough for a \
         build without network; `cargo fetch` downloads everything that `Cargo.lock` lists.";
    B062: Build, "a dependency does not exist",
        "The registry, or the directory that replaces it, has no crate of this name. Check the spelling in `Cargo.toml`. The crates of \
         the SDK are not on crates.io yet: a new project contains them in `vendor/mpp`.";
    B063: Build, "no version of a dependency fits",
        "No version that exists meets every requirement. cargo lists the versions and what requires them. Change the requirement in \
         `Cargo.toml`, or run `cargo update` if an old lock file is the cause.";
    B064: Build, "a feature does not exist, or is not enabled",
        "A feature is named that the package or a dependency does not have, or the binary has `required-features` that the build does \
         not enable. Features for the build are listed under `features` in `[package.metadata.mpp]`.";
    B065: Build, "the lock file is out of date",
        "`Cargo.lock` would have to change for this build, and cargo was told not to change it. Bring it up to date, review the \
         difference, and commit the file.";
    B066: Build, "the lock file is damaged",
        "`Cargo.lock` cannot be parsed, or a checksum in it does not match the crate. Restore it from version control. A checksum that \
         changed without a reason can mean that a crate was tampered with.";
    B067: Build, "two dependencies link the same native library",
        "Only one crate of a build may have a given `links` value. Choose versions of the dependencies that agree on one of the two \
         crates; `cargo tree` shows who depends on them.";
    B068: Build, "several packages have the same name",
        "cargo cannot tell which package is meant. Rename the package or the dependency.";
    B069: Build, "the Rust toolchain is not installed",
        "`rust-toolchain.toml`, an override of `rustup` or the variable `RUSTUP_TOOLCHAIN` names a toolchain that is not on this machine.";
    B070: Build, "the Rust toolchain is too old",
        "A package states a `rust-version`, an edition or a lock file format that this version of Rust does not support. Run `rustup \
         update`, or choose an older version of the package.";
    B071: Build, "a build script failed",
        "Build scripts run on this machine, before the crate is compiled for the sandbox; their output is shown. Scripts of crates with C \
         code need a C compiler for `wasm32-wasip1`.";
    B072: Build, "the program cannot be linked",
        "The linker failed or is not installed. There are no native libraries in the sandbox, so a crate that links one cannot be part of \
         a tool. Build scripts and macros run on this machine and need its linker.";
    B073: Build, "the compiler was killed",
        "The operating system ended the compiler, most often because the memory was used up. Close other programs, or set \
         `CARGO_BUILD_JOBS=1`.";

    B080: Build, "the compiler of a language is missing",
        "This machine lacks the compiler of the project's language, or a library that the compiler needs. The message names what is \
         missing, and the help shows how to install it.";
    B081: Build, "the compiler of a language is too old",
        "The compiler exists, but its version cannot compile for the sandbox. Go has the target `wasip1` since version 1.21. If a \
         newer version is installed as well, put its directory first on the `PATH`.";
    B082: Build, "a program in another language does not compile",
        "The compiler, or the build system that runs it, reported an error. Its output is shown and names the place.";
    B083: Build, "a project in another language has no `manifest.json`",
        "The manifest of a Rust tool is derived from `Cargo.toml`. In other languages, `manifest.json` states at least `name` and \
         `version`, and what the tool may use (`capabilities`). Definitions of tools are taken from the module.";
    B084: Build, "the module was compiled for another target",
        "A package contains a command module for WASI preview 1, or a command component for WASI 0.2, and this file is neither. The \
         message names what the file is and what was expected, and the help shows how to build that. Modules for browsers and for Node \
         import functions that an MPP host does not provide.";
    B085: Build, "a tool needs a module of Node",
        "A tool in JavaScript runs in a small engine without Node's modules. `fetch` sends requests, `env`, `kv` and \
         `@mpp-protocol/sdk/fs` of the SDK give the declared variables, the state and the declared files, and URLs, text encoding, timers and random numbers are globals as in a browser. The \
         messages of the bundler name the file that imports the module; if it belongs to a dependency, look for one that also runs in \
         browsers.";
    B086: Build, "the JavaScript engine cannot use a script",
        "The bundle is valid for the bundler, but the engine cannot compile it, most often because of a regular expression or another \
         part of the language that the engine does not know; or, with StarlingMonkey, evaluating it ended with an exception when the \
         component was made. The message names the place.";
    B087: Build, "a Python module is not available in the sandbox",
        "A tool in Python is packed together with the modules that it imports, so they are imported when the tool is built. Packages \
         that are entirely in Python work; those with extension modules, such as numpy, contain machine code and do not. The \
         interpreter in the sandbox lacks the parts of the standard library that need the operating system, such as `ssl` and \
         `ctypes`; HTTP requests are sent with `mpp.http`.";
}

/// Every code of this crate, by number.
pub fn all() -> impl Iterator<Item = &'static mpp_host::Code> {
    BUILD.iter().copied()
}
