//! Checks of the module at the entry point: it is valid, within bounds, and imports nothing that is not declared.

mod audit;
mod component;
mod core;
mod imports;

pub use audit::Imports;
use wasmparser::{Encoding, Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::codes;
use crate::package::Manifest;
use crate::package::fault::Fault;
use crate::package::manifest::{Runtime, RuntimeKind};

/// Maximum size of a module in bytes.
pub(crate) const MAX_MODULE: usize = 64 * 1024 * 1024;
/// Maximum number of functions that a module may define, including those of nested modules.
pub(crate) const MAX_FUNCTIONS: u64 = 100_000;
/// Bytes of memory that are counted for one table element.
const ELEMENT: u64 = 16;
const PAGE: u64 = 64 * 1024;

/// Returns the WebAssembly features that are allowed for a kind of module.
///
/// These are WebAssembly 2.0 with tail calls, extended constants and multiple memories; for components, also the
/// component model as WASI 0.2 uses it. Threads, 64-bit memories and features with results that depend on the machine
/// are not allowed.
fn features(kind: RuntimeKind) -> WasmFeatures {
    let core = WasmFeatures::WASM2
        | WasmFeatures::LIME1
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::MULTI_MEMORY;
    match kind {
        RuntimeKind::Wasip1 => core,
        RuntimeKind::Wasip2 => core | WasmFeatures::COMPONENT_MODEL,
    }
}

/// The validator and its version, as in the lock file. Code that one version accepts need not be valid in the next.
const VALIDATOR: &str = "wasmparser-0.254.2";

/// Returns a name for the rules by which code is validated. Under the same name, the same bytes get the same result.
pub(super) fn rules(kind: RuntimeKind) -> String {
    let kind_name = match kind {
        RuntimeKind::Wasip1 => "wasip1",
        RuntimeKind::Wasip2 => "wasip2",
    };
    format!("{kind_name}-{VALIDATOR}-{:x}", features(kind).bits())
}

/// Checks the module in `bytes` against the declarations of `manifest`.
///
/// If the code `is_known` to be valid under the same [`rules`], function bodies are not validated again. Everything
/// else is.
pub(super) fn check(bytes: &[u8], manifest: &Manifest, is_known: bool) -> Result<(), Fault> {
    if bytes.len() > MAX_MODULE {
        return Err(Fault::new(
            &codes::G706,
            format!("the module has {} bytes; the limit is {MAX_MODULE}", bytes.len()),
        ));
    }
    let kind = manifest.runtime.kind;
    check_kind(bytes, kind)?;
    let mut found = Found::default();
    let mut validator = Validator::new_with_features(features(kind));
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    let mut depth = 0_u32;
    let invalid =
        |error: wasmparser::BinaryReaderError| Fault::new(&codes::G705, format!("not valid WebAssembly: {error}"));
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(invalid)?;
        found.bound(&payload, manifest.runtime.memory_limit_mb)?;
        match validator.payload(&payload).map_err(invalid)? {
            ValidPayload::Func(..) if is_known => {}
            ValidPayload::Func(function, body) => {
                let mut checker = function.into_validator(allocations);
                checker.validate(&body).map_err(invalid)?;
                allocations = checker.into_allocations();
            }
            ValidPayload::Parser(_) => depth += 1,
            ValidPayload::End(types) if depth == 0 => found.types = Some(types),
            ValidPayload::End(_) => depth -= 1,
            ValidPayload::Ok => {}
        }
        if depth == 0 {
            match kind {
                RuntimeKind::Wasip1 => found.core(&payload).map_err(invalid)?,
                RuntimeKind::Wasip2 => found.component(&payload).map_err(invalid)?,
            }
        }
    }
    match kind {
        RuntimeKind::Wasip1 => core::check(&found, &manifest.capabilities),
        RuntimeKind::Wasip2 => component::check(&found, &manifest.capabilities),
    }
}

fn check_kind(bytes: &[u8], kind: RuntimeKind) -> Result<(), Fault> {
    let encoding = match Parser::new(0).parse_all(bytes).next() {
        Some(Ok(Payload::Version { encoding, .. })) => encoding,
        _ => {
            return Err(Fault::new(
                &codes::G705,
                "not WebAssembly: it does not start with `\\0asm` and a known version",
            ));
        }
    };
    let (found, declared, fits) = match (encoding, kind) {
        (Encoding::Module, RuntimeKind::Wasip1) | (Encoding::Component, RuntimeKind::Wasip2) => return Ok(()),
        (Encoding::Module, RuntimeKind::Wasip2) => ("a core module", "wasm32-wasip2", "wasm32-wasi"),
        (Encoding::Component, RuntimeKind::Wasip1) => ("a component", "wasm32-wasi", "wasm32-wasip2"),
    };
    let message = format!("`runtime.type` is `{declared}`, but the entry point is {found}; expected `{fits}`");
    Err(Fault::new(&codes::G711, message))
}

/// The properties of a module: the sizes at all levels, and the imports and exports of the outermost level.
#[derive(Default)]
struct Found<'a> {
    functions: u64,
    memory: u64,
    /// Module and name of each import, and whether it is a function.
    imports: Vec<(&'a str, &'a str, bool)>,
    /// Name, kind and index of each export.
    exports: Vec<(&'a str, wasmparser::ExternalKind, u32)>,
    /// Name of each import of a component, and whether it is an instance.
    component_imports: Vec<(&'a str, bool)>,
    component_exports: Vec<&'a str>,
    types: Option<wasmparser::types::Types>,
}

impl<'a> Found<'a> {
    /// Checks sizes at every level against the limits, before the validator allocates memory for them.
    fn bound(&mut self, payload: &Payload<'a>, memory_limit_mb: u32) -> Result<(), Fault> {
        match payload {
            Payload::FunctionSection(section) => self.functions += u64::from(section.count()),
            Payload::MemorySection(section) => {
                for memory in section.clone().into_iter().flatten() {
                    self.memory = self.memory.saturating_add(memory.initial.saturating_mul(PAGE));
                }
            }
            Payload::TableSection(section) => {
                for table in section.clone().into_iter().flatten() {
                    self.memory = self.memory.saturating_add(table.ty.initial.saturating_mul(ELEMENT));
                }
            }
            _ => return Ok(()),
        }
        if self.functions > MAX_FUNCTIONS {
            let message = format!("the module defines {} functions; the limit is {MAX_FUNCTIONS}", self.functions);
            return Err(Fault::new(&codes::G706, message));
        }
        let limit = u64::from(memory_limit_mb) * 1024 * 1024;
        if self.memory > limit {
            let message = format!(
                "its memories and tables start with {} bytes, but `memory_limit_mb` allows {limit}",
                self.memory
            );
            let needed = self.memory.div_ceil(1024 * 1024);
            let help = if needed > u64::from(Runtime::MAX_MEMORY_LIMIT_MB) {
                "link with a smaller initial memory".to_owned()
            } else {
                format!(
                    "write `runtime = {{ memory_limit_mb = {needed} }}` under `[package.metadata.mpp]` and build again, or link \
                     with a smaller initial memory"
                )
            };
            return Err(Fault::new(&codes::G706, message).with_help(help));
        }
        Ok(())
    }

    fn core(&mut self, payload: &Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    let import = import?;
                    let is_function = matches!(import.ty, wasmparser::TypeRef::Func(_));
                    self.imports.push((import.module, import.name, is_function));
                }
            }
            Payload::ExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    self.exports.push((export.name, export.kind, export.index));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn component(&mut self, payload: &Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    let is_instance = matches!(import.ty, wasmparser::ComponentTypeRef::Instance(_));
                    self.component_imports.push((import.name.name, is_instance));
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    self.component_exports.push(export?.name.name);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::VALIDATOR;

    #[test]
    fn the_rules_name_the_locked_version_of_the_validator() {
        let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../Cargo.lock"));
        let lock = lock.expect("the workspace's lock file");
        let ours = lock.split("\n\n").find(|package| package.contains("name = \"mpp-host\"")).expect("this package");
        let expected = format!("\"{}\"", VALIDATOR.replace('-', " "));
        assert!(ours.contains(&expected), "{expected} is not among the dependencies in\n{ours}");
    }
}
