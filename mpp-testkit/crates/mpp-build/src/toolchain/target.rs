//! Recognises modules that were compiled for another target, by their imports and exports.

use std::collections::BTreeSet;
use std::path::Path;

use mpp_host::package::manifest::RuntimeKind;
use wasmparser::{Encoding, Parser, Payload};

use crate::error::{BuildError, ForeignTarget};

/// Checks that the file `path` with the contents `bytes` is a module of the given kind, as far as its imports and exports show.
///
/// The Gatekeeper checks each import later; this check only recognises what is usually built by mistake.
pub(crate) fn check(path: &Path, bytes: &[u8], kind: RuntimeKind) -> Result<(), BuildError> {
    match foreign(bytes, kind) {
        None => Ok(()),
        Some(target) => Err(BuildError::WrongTarget { path: path.to_owned(), target }),
    }
}

/// The names that matter of a module or a component.
#[derive(Default)]
struct Names {
    /// Names of modules that are imported from, and of the interfaces of a component.
    from: BTreeSet<String>,
    /// Names of imported functions.
    functions: BTreeSet<String>,
    exports: BTreeSet<String>,
    has_code: bool,
    is_component: bool,
    is_object: bool,
}

fn foreign(bytes: &[u8], kind: RuntimeKind) -> Option<ForeignTarget> {
    if !bytes.starts_with(b"\0asm") {
        return Some(match std::str::from_utf8(bytes.get(..bytes.len().min(4096)).unwrap_or_default()) {
            Ok(text) if is_script(text) => ForeignTarget::JavaScript,
            _ if bytes.is_empty() => ForeignTarget::Empty,
            _ if bytes.starts_with(b"\x7fELF") => ForeignTarget::Native,
            _ => ForeignTarget::NotWebAssembly,
        });
    }
    let names = Names::read(bytes);
    if names.is_component {
        return names.of_component(kind);
    }
    names.of_module(kind)
}

fn is_script(text: &str) -> bool {
    ["var Module", "function(", "=>", "import.meta", "module.exports", "\"use strict\"", "export default"]
        .iter()
        .any(|word| text.contains(word))
}

impl Names {
    /// Reads the outermost level. What cannot be parsed is left to the Gatekeeper.
    fn read(bytes: &[u8]) -> Self {
        let mut names = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
            match payload {
                Payload::Version { encoding, .. } if depth == 0 => {
                    names.is_component = encoding == Encoding::Component;
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                Payload::ImportSection(section) => {
                    for import in section.into_imports().flatten() {
                        names.from.insert(import.module.to_owned());
                        names.functions.insert(import.name.to_owned());
                    }
                }
                Payload::ExportSection(section) => {
                    names.exports.extend(section.into_iter().flatten().map(|export| export.name.to_owned()));
                }
                Payload::ComponentImportSection(section) => {
                    names.from.extend(section.into_iter().flatten().map(|import| import.name.name.to_owned()));
                }
                Payload::ComponentExportSection(section) => {
                    names.exports.extend(section.into_iter().flatten().map(|export| export.name.name.to_owned()));
                }
                Payload::CodeSectionStart { .. } => names.has_code = true,
                Payload::CustomSection(section) if section.name() == "linking" => names.is_object = true,
                _ => {}
            }
        }
        names
    }

    fn of_component(&self, kind: RuntimeKind) -> Option<ForeignTarget> {
        if self.from.iter().chain(&self.exports).any(|name| name.starts_with("wasi:") && name.contains("@0.3.")) {
            return Some(ForeignTarget::Wasip3);
        }
        (kind == RuntimeKind::Wasip1).then_some(ForeignTarget::Component)
    }

    fn of_module(&self, kind: RuntimeKind) -> Option<ForeignTarget> {
        let imports_from = |start: &str| self.from.iter().any(|name| name.starts_with(start));
        let imports = |start: &str| self.functions.iter().any(|name| name.starts_with(start));
        let is_wasi = imports_from("wasi_snapshot_preview1");
        let is_command = self.exports.contains("_start");
        if imports_from("gojs") || (imports_from("go") && imports("runtime.")) {
            // Both compilers use this module for their glue; only that of TinyGo imports WASI as well.
            return Some(if is_wasi { ForeignTarget::TinyGoWasm } else { ForeignTarget::GoJs });
        }
        if imports_from("__wbindgen") || imports_from("wbg") || imports("__wbg_") || imports("__wbindgen_") {
            return Some(ForeignTarget::WasmBindgen);
        }
        if imports("emscripten_") || imports("_emscripten_") || imports("__syscall_") || imports("invoke_") {
            return Some(ForeignTarget::EmscriptenJs);
        }
        if imports_from("wasi_unstable") {
            return Some(ForeignTarget::Wasip0);
        }
        if self.is_object && !is_command && !self.exports.contains("memory") {
            return Some(ForeignTarget::Object);
        }
        if !is_command && self.exports.contains("_initialize") {
            return Some(ForeignTarget::Reactor);
        }
        if !is_command && !is_wasi && self.has_code {
            return Some(ForeignTarget::Unknown);
        }
        (kind == RuntimeKind::Wasip2).then_some(ForeignTarget::Module)
    }
}

#[cfg(test)]
mod tests {
    use mpp_host::package::manifest::RuntimeKind;

    use super::{ForeignTarget, foreign};

    fn of(text: &str) -> Option<ForeignTarget> {
        foreign(&wat::parse_str(text).expect("wat"), RuntimeKind::Wasip1)
    }

    #[test]
    fn a_command_of_wasi_is_not_foreign() {
        let command = r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)) (memory (export "memory") 1)
            (func (export "_start")))"#;
        assert_eq!(of(command), None);
        assert_eq!(of(r#"(module (memory (export "memory") 1) (func (export "_start")))"#), None);
    }

    /// Modules with the imports and exports of what other compilers write for WASI preview 1.
    #[test]
    fn commands_of_other_compilers_are_accepted() {
        let wasi = |names: &[&str]| -> String {
            names.iter().map(|name| format!(r#"(import "wasi_snapshot_preview1" "{name}" (func))"#)).collect()
        };
        let tinygo = wasi(&["fd_write", "clock_time_get", "args_sizes_get", "args_get", "random_get", "poll_oneoff"]);
        let exports =
            ["malloc", "free", "calloc", "realloc", "_start"].map(|name| format!(r#"(func (export "{name}"))"#));
        assert_eq!(of(&format!(r#"(module {tinygo} (memory (export "memory") 2) {})"#, exports.concat())), None);
        let emscripten = wasi(&["proc_exit", "fd_write", "fd_close", "fd_seek"]);
        let exports = ["_start", "stackSave", "stackRestore", "__errno_location"];
        let exports = exports.map(|name| format!(r#"(func (export "{name}"))"#));
        let table = r#"(memory (export "memory") 256 256) (table (export "__indirect_function_table") 3 funcref)"#;
        assert_eq!(of(&format!("(module {emscripten} {table} {})", exports.concat())), None);
    }

    #[test]
    fn recognises_what_is_built_by_mistake() {
        let with = |imports: &str, exports: &str| {
            let imports = imports.split_whitespace().map(|import| {
                let (module, name) = import.split_once("::").expect("MODULE::NAME");
                format!(r#"(import "{module}" "{name}" (func))"#)
            });
            let exports = exports.split_whitespace().map(|name| format!(r#"(func (export "{name}"))"#));
            of(&format!("(module {}{})", imports.collect::<String>(), exports.collect::<String>()))
        };
        for (imports, exports, expected) in [
            ("", "add", ForeignTarget::Unknown),
            ("env::log", "run", ForeignTarget::Unknown),
            ("gojs::runtime.wasmExit gojs::syscall/js.valueGet", "run resume", ForeignTarget::GoJs),
            ("gojs::runtime.ticks wasi_snapshot_preview1::fd_write", "_start", ForeignTarget::TinyGoWasm),
            ("__wbindgen_placeholder__::__wbindgen_throw", "add", ForeignTarget::WasmBindgen),
            ("env::emscripten_memcpy_js wasi_snapshot_preview1::fd_write", "main", ForeignTarget::EmscriptenJs),
            ("env::__syscall_openat", "main", ForeignTarget::EmscriptenJs),
            ("wasi_unstable::fd_write", "_start", ForeignTarget::Wasip0),
            ("wasi_snapshot_preview1::fd_write", "_initialize add", ForeignTarget::Reactor),
        ] {
            assert_eq!(with(imports, exports), Some(expected), "{imports} {exports}");
        }
        let object = r#"(module (func) (@custom "linking" "\02"))"#;
        assert_eq!(of(object), Some(ForeignTarget::Object));
    }

    #[test]
    fn recognises_files_that_are_no_modules() {
        let of = |bytes: &[u8]| foreign(bytes, RuntimeKind::Wasip1);
        assert_eq!(
            of(b"// include: shell.js\nvar Module = typeof Module != 'undefined' ? Module : {};"),
            Some(ForeignTarget::JavaScript)
        );
        assert_eq!(of(b""), Some(ForeignTarget::Empty));
        assert_eq!(of(b"\x7fELF\x02\x01"), Some(ForeignTarget::Native));
        assert_eq!(of(b"something"), Some(ForeignTarget::NotWebAssembly));
    }

    #[test]
    fn recognises_the_versions_of_wasi() {
        assert_eq!(of("(component)"), Some(ForeignTarget::Component));
        let p3 = wat::parse_str(r#"(component (import "wasi:cli/environment@0.3.0" (instance)))"#).expect("wat");
        assert_eq!(foreign(&p3, RuntimeKind::Wasip2), Some(ForeignTarget::Wasip3));
        let p2 = wat::parse_str(r#"(component (import "wasi:cli/environment@0.2.3" (instance)))"#).expect("wat");
        assert_eq!(foreign(&p2, RuntimeKind::Wasip2), None);
        let module = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#).expect("wat");
        assert_eq!(foreign(&module, RuntimeKind::Wasip2), Some(ForeignTarget::Module));
    }
}
