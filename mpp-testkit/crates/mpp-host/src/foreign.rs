//! Recognises modules that were compiled for something other than the sandbox, by their first bytes, imports and exports.

mod names;
mod target;

use self::names::Names;
pub use self::target::ForeignTarget;
use crate::package::manifest::RuntimeKind;

/// Returns what a file is that is not a command of the given kind, as far as its beginning, its imports and its exports show.
///
/// This recognises what is usually built by mistake, so that an error can say so. The result `None` does not mean that the Gatekeeper
/// accepts the file.
#[must_use]
pub fn recognize(bytes: &[u8], kind: RuntimeKind) -> Option<ForeignTarget> {
    if !bytes.starts_with(b"\0asm") {
        return Some(of_other_file(bytes));
    }
    let names = Names::read(bytes);
    if names.is_component { of_component(&names, kind) } else { of_module(&names, kind) }
}

/// Returns the first import of a module that no host provides, as `MODULE::NAME`.
#[must_use]
pub fn unknown_import(bytes: &[u8]) -> Option<String> {
    let names = Names::read(bytes);
    let is_known = |module: &str| module == "wasi_snapshot_preview1" || module.starts_with("mpp_v");
    let unknown = names.pairs.iter().find(|(module, _)| !is_known(module));
    unknown.map(|(module, name)| format!("{module}::{name}"))
}

fn of_other_file(bytes: &[u8]) -> ForeignTarget {
    /// The first bytes of programs for Linux, macOS and Windows.
    const NATIVE: [&[u8]; 5] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ\x90", b"MZ\x78"];
    const ARCHIVE: &[u8] = b"!<arch>\n";
    const BITCODE: &[u8] = b"BC\xc0\xde";
    if bytes.is_empty() {
        return ForeignTarget::Empty;
    }
    if NATIVE.iter().any(|start| bytes.starts_with(start)) {
        return ForeignTarget::Native;
    }
    if bytes.starts_with(ARCHIVE) || bytes.starts_with(BITCODE) {
        return ForeignTarget::Object;
    }
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    // The cut may be inside a character.
    let text = match std::str::from_utf8(start) {
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&start[..error.valid_up_to()]),
        read => read,
    };
    match text {
        Ok(text) if text.contains('\0') => ForeignTarget::NotWebAssembly,
        Ok(text) if is_text_format(text) => ForeignTarget::TextFormat,
        Ok(text) if is_script(text) => ForeignTarget::JavaScript,
        Ok(_) => ForeignTarget::Text,
        Err(_) => ForeignTarget::NotWebAssembly,
    }
}

/// Returns whether the first line that is no comment begins a module in the text format.
fn is_text_format(text: &str) -> bool {
    let first = text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with(";;"));
    first.is_some_and(|line| line.starts_with("(module") || line.starts_with("(component"))
}

fn is_script(text: &str) -> bool {
    ["var Module", "function(", "=>", "import.meta", "module.exports", "\"use strict\"", "export default"]
        .iter()
        .any(|word| text.contains(word))
}

fn of_component(names: &Names, kind: RuntimeKind) -> Option<ForeignTarget> {
    let is_wasi_0_3 = |name: &String| name.starts_with("wasi:") && name.contains("@0.3.");
    if names.from.iter().chain(&names.exports).any(is_wasi_0_3) {
        return Some(ForeignTarget::Wasip3);
    }
    let exports = |start: &str| names.exports.iter().any(|name| name.starts_with(start));
    if exports("wasi:http/incoming-handler@") {
        return Some(ForeignTarget::HttpComponent);
    }
    if !exports("wasi:cli/run@") {
        return Some(ForeignTarget::LibraryComponent);
    }
    (kind == RuntimeKind::Wasip1).then_some(ForeignTarget::Component)
}

fn of_module(names: &Names, kind: RuntimeKind) -> Option<ForeignTarget> {
    let imports_from = |start: &str| names.from.iter().any(|name| name.starts_with(start));
    let imports = |start: &str| names.functions.iter().any(|name| name.starts_with(start));
    let exports = |start: &str| names.exports.iter().any(|name| name.starts_with(start));
    let is_wasi = imports_from("wasi_snapshot_preview1");
    let is_command = names.exports.contains("_start");
    if names.is_shared_library {
        return Some(ForeignTarget::SharedLibrary);
    }
    if imports_from("gojs") || (imports_from("go") && imports("runtime.")) {
        // Both compilers use this module for their glue.
        let is_tiny = is_wasi || exports("asyncify_") || exports("go_scheduler") || exports("malloc");
        return Some(if is_tiny { ForeignTarget::TinyGoWasm } else { ForeignTarget::GoJs });
    }
    if imports_from("__wbindgen") || imports_from("wbg") || imports("__wbg_") || imports("__wbindgen_") {
        return Some(ForeignTarget::WasmBindgen);
    }
    if imports("emscripten_") || imports("_emscripten_") || imports("__syscall_") || imports("invoke_") {
        return Some(if is_command { ForeignTarget::EmscriptenImports } else { ForeignTarget::EmscriptenJs });
    }
    if is_command && imports_from("env") && (exports("stackAlloc") || exports("stackSave") || exports("emscripten_")) {
        return Some(ForeignTarget::EmscriptenImports);
    }
    if imports("setTempRet0") || imports("_embind_") || imports("__cxa_throw") || names.is_minified() {
        return Some(ForeignTarget::EmscriptenJs);
    }
    if names.imports("env", "abort") || (exports("__new") && exports("__pin") && !is_wasi) {
        return Some(ForeignTarget::AssemblyScript);
    }
    if is_command && imports_from("env") && !names.imports("env", "memory") {
        return Some(ForeignTarget::Unlinked);
    }
    if imports_from("wasi_unstable") {
        return Some(ForeignTarget::Wasip0);
    }
    if names.has_64_bit_memory {
        return Some(ForeignTarget::Memory64);
    }
    if names.has_shared_memory || names.imports("wasi", "thread-spawn") {
        return Some(ForeignTarget::Threads);
    }
    if names.is_object && !is_command && !names.exports.contains("memory") {
        return Some(ForeignTarget::Object);
    }
    if !is_command && names.exports.contains("_initialize") {
        return Some(ForeignTarget::Reactor);
    }
    if !is_command && (exports("__wbindgen_") || (!is_wasi && names.has_code)) {
        return Some(ForeignTarget::Unknown);
    }
    (kind == RuntimeKind::Wasip2).then_some(ForeignTarget::Module)
}

#[cfg(test)]
mod tests;
