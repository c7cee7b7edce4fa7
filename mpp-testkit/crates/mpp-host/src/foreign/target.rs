//! The targets of files that are not commands for the sandbox, in words.

use std::fmt;

/// The target of a file that is not what a package contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignTarget {
    /// JavaScript, for example the glue that Emscripten writes beside a module.
    JavaScript,
    /// A program of this machine.
    Native,
    /// An empty file.
    Empty,
    /// A file of text.
    Text,
    /// A module in the text format of WebAssembly.
    TextFormat,
    /// A file of another kind.
    NotWebAssembly,
    /// Go's `GOOS=js`.
    GoJs,
    /// TinyGo's target `wasm`.
    TinyGoWasm,
    /// A module for Emscripten's JavaScript glue.
    EmscriptenJs,
    /// A stand-alone module of Emscripten that still imports functions of its JavaScript.
    EmscriptenImports,
    /// A command with functions that the linker did not find.
    Unlinked,
    /// A module of AssemblyScript for a JavaScript host.
    AssemblyScript,
    /// A module for the JavaScript glue of `wasm-bindgen`.
    WasmBindgen,
    /// A module without WASI, such as those of `wasm32-unknown-unknown`.
    Unknown,
    /// WASI preview 0, `wasi_unstable`.
    Wasip0,
    /// WASI 0.3.
    Wasip3,
    /// A library of WASI preview 1, without `_start`.
    Reactor,
    /// An object file, or an archive of them, that was not linked.
    Object,
    /// A library that is linked when it is loaded.
    SharedLibrary,
    /// A module with threads.
    Threads,
    /// A module with 64-bit memories.
    Memory64,
    /// A component that answers HTTP requests.
    HttpComponent,
    /// A component that exports interfaces of its own.
    LibraryComponent,
    /// A component, where the manifest declares a module.
    Component,
    /// A module, where the manifest declares a component.
    Module,
}

impl fmt::Display for ForeignTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JavaScript => "JavaScript",
            Self::Native => "a program for this machine",
            Self::Empty => "an empty file",
            Self::Text => "a text file",
            Self::TextFormat => "a module in the text format of WebAssembly",
            Self::NotWebAssembly => "not WebAssembly",
            Self::GoJs => "a Go program for JavaScript (`GOOS=js`)",
            Self::TinyGoWasm => "a TinyGo program for browsers (its target `wasm`)",
            Self::EmscriptenJs => "a module for the JavaScript glue of Emscripten",
            Self::EmscriptenImports => "a stand-alone module of Emscripten that still calls its JavaScript",
            Self::Unlinked => "a command that lacks functions, which the linker left as imports from `env`",
            Self::AssemblyScript => "a module of AssemblyScript for JavaScript",
            Self::WasmBindgen => "a module for the JavaScript glue of `wasm-bindgen`",
            Self::Unknown => "a module without WASI, such as those of `wasm32-unknown-unknown`",
            Self::Wasip0 => "a module for WASI preview 0 (`wasi_unstable`)",
            Self::Wasip3 => "a component for WASI 0.3",
            Self::Reactor => "a library (reactor): it exports `_initialize` and no `_start`",
            Self::Object => "an object file, or an archive of them, that was not linked",
            Self::SharedLibrary => "a shared library (in Emscripten: a side module)",
            Self::Threads => "a module with threads and shared memory",
            Self::Memory64 => "a module with 64-bit memory (`wasm64`)",
            Self::HttpComponent => "a component that serves HTTP: it exports `wasi:http/incoming-handler`",
            Self::LibraryComponent => "a component that is not a command: it does not export `wasi:cli/run`",
            Self::Component => "a component",
            Self::Module => "a core module",
        })
    }
}

impl ForeignTarget {
    /// Returns what is expected instead.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::HttpComponent | Self::LibraryComponent => {
                "a command component for WASI 0.2, which exports `wasi:cli/run`"
            }
            Self::Wasip3 => "a component for WASI 0.2 (`wasm32-wasip2`)",
            Self::Module => "a component for WASI 0.2, because the manifest declares `wasm32-wasip2`",
            Self::Component => {
                "a command module for WASI preview 1, because the manifest declares `wasm32-wasi` or nothing else"
            }
            _ => "a command module for WASI preview 1 (`wasm32-wasip1`), which exports `_start` and `memory`",
        }
    }

    /// Returns how to build what is expected.
    #[must_use]
    pub fn instead(self) -> &'static str {
        match self {
            Self::JavaScript | Self::EmscriptenJs => {
                "link with `-sSTANDALONE_WASM` and an output whose name ends in `.wasm`, and name that file in `build.output`"
            }
            Self::Native => "compile for WASI: the target is `wasm32-wasip1` (in Go `GOOS=wasip1 GOARCH=wasm`)",
            Self::EmscriptenImports => {
                "compile with clang and wasi-libc, or do without this function: stand-alone modules of Emscripten have no files and no \
                 exceptions, and their memory grows only with `mpp_tool.c` of the SDK"
            }
            Self::Unlinked => {
                "link the library that defines the function; those of the host are declared in `mpp.h`, and are imported from `mpp_v1`"
            }
            Self::AssemblyScript => {
                "compile with the configuration of `@assemblyscript/wasi-shim`, which makes a WASI command; a tool reads stdin and \
                 writes stdout"
            }
            Self::TextFormat => "convert it to a binary module, for example with `wat2wasm`",
            Self::Empty | Self::Text | Self::NotWebAssembly => "name the module in `build.output` of `manifest.json`",
            Self::GoJs => "build with `GOOS=wasip1 GOARCH=wasm`",
            Self::TinyGoWasm => "build with `-target=wasip1`",
            Self::WasmBindgen | Self::Unknown => {
                "compile a program, not a library, for `wasm32-wasip1`; a tool reads stdin and writes stdout, and needs no glue"
            }
            Self::Wasip0 => "build it with a newer compiler: its target is `wasm32-wasip1`",
            Self::Wasip3 => "compile for `wasm32-wasip2`; this host knows WASI preview 1 and WASI 0.2",
            Self::Reactor => {
                "build a command: a program with `main`; leave out `-mexec-model=reactor`, in Go `-buildmode=c-shared`"
            }
            Self::Object => "link it to a program: leave out `-c`",
            Self::SharedLibrary => "link a program: leave out `-shared` and `-sSIDE_MODULE`",
            Self::Threads => {
                "compile without threads: leave out `-pthread`, and choose a target without `threads` in its name"
            }
            Self::Memory64 => "compile for 32-bit memory, `wasm32`: leave out `-sMEMORY64`",
            Self::HttpComponent | Self::LibraryComponent => {
                "build a program with `main` instead of a library: its world includes `wasi:cli/command`, and it reads one request \
                 from stdin and writes one response to stdout"
            }
            Self::Component => "write `\"runtime\": { \"type\": \"wasm32-wasip2\" }` in `manifest.json`",
            Self::Module => "write `\"runtime\": { \"type\": \"wasm32-wasi\" }` in `manifest.json`",
        }
    }
}
