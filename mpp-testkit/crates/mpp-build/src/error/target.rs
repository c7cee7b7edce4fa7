//! Modules that were compiled for something other than the sandbox.

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
    /// A file of another kind.
    NotWebAssembly,
    /// Go's `GOOS=js`.
    GoJs,
    /// TinyGo's target `wasm`.
    TinyGoWasm,
    /// A module for Emscripten's JavaScript glue.
    EmscriptenJs,
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
    /// An object file that was not linked.
    Object,
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
            Self::NotWebAssembly => "not WebAssembly",
            Self::GoJs => "a Go program for JavaScript (`GOOS=js`)",
            Self::TinyGoWasm => "a TinyGo program for browsers (its target `wasm`)",
            Self::EmscriptenJs => "a module for the JavaScript glue of Emscripten",
            Self::WasmBindgen => "a module for the JavaScript glue of `wasm-bindgen`",
            Self::Unknown => "a module without WASI, such as those of `wasm32-unknown-unknown`",
            Self::Wasip0 => "a module for WASI preview 0 (`wasi_unstable`)",
            Self::Wasip3 => "a component for WASI 0.3",
            Self::Reactor => "a library (reactor): it exports `_initialize` and no `_start`",
            Self::Object => "an object file that was not linked",
            Self::Component => "a component",
            Self::Module => "a core module",
        })
    }
}

impl ForeignTarget {
    /// Returns what is expected instead.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Wasip3 => "a component for WASI 0.2 (`wasm32-wasip2`)",
            Self::Module => "a component for WASI 0.2, because the manifest declares `wasm32-wasip2`",
            Self::Component => {
                "a command module for WASI preview 1, because the manifest declares `wasm32-wasi` or nothing else"
            }
            _ => "a command module for WASI preview 1 (`wasm32-wasip1`), which exports `_start` and `memory`",
        }
    }

    /// Returns how to build what is expected.
    pub(super) fn instead(self) -> &'static str {
        match self {
            Self::JavaScript | Self::EmscriptenJs => {
                "link with `-sSTANDALONE_WASM` and an output whose name ends in `.wasm`, and name that file in `build.output`"
            }
            Self::Native => "compile for WASI: the target is `wasm32-wasip1` (in Go `GOOS=wasip1 GOARCH=wasm`)",
            Self::Empty | Self::NotWebAssembly => "name the module in `build.output` of `manifest.json`",
            Self::GoJs => "build with `GOOS=wasip1 GOARCH=wasm`",
            Self::TinyGoWasm => "build with `-target=wasip1`",
            Self::WasmBindgen | Self::Unknown => {
                "compile a program, not a library, for `wasm32-wasip1`; a tool reads stdin and writes stdout, and needs no glue"
            }
            Self::Wasip0 => "build it with a compiler of this decade: its target is `wasm32-wasip1`",
            Self::Wasip3 => "compile for `wasm32-wasip2`; this host knows WASI preview 1 and WASI 0.2",
            Self::Reactor => {
                "build a command: a program with `main`; leave out `-mexec-model=reactor`, in Go `-buildmode=c-shared`"
            }
            Self::Object => "link it: leave out `-c`",
            Self::Component => "write `\"runtime\": { \"type\": \"wasm32-wasip2\" }` in `manifest.json`",
            Self::Module => "write `\"runtime\": { \"type\": \"wasm32-wasi\" }` in `manifest.json`",
        }
    }
}
