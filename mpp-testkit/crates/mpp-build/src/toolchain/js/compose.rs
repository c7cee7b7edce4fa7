//! Adds a script to a copy of the engine.
//!
//! The engine exports two functions that say nothing: `script_length` and `script_read`. Their bodies are replaced, so that they give the
//! script, which becomes a data segment. Functions of the host whose capability the manifest does not declare are no longer imported:
//! a function in their place answers that it is denied. All other functions keep their indices.

use std::convert::Infallible;

use mpp_host::host_functions::{self, MODULE, Requirement};
use mpp_sdk::wire::Status;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ExportSection, Function, FunctionSection, ImportSection, Module,
    SectionId,
};
use wasmparser::{
    BinaryReaderError, CustomSectionReader, DataSectionReader, Export, ExternalKind, FunctionBody,
    FunctionSectionReader, ImportSectionReader, Parser, Payload, TypeRef, Validator, WasmFeatures,
};

use crate::toolchain::job::Declared;

/// The exports that are replaced.
const LENGTH: &str = "script_length";
const READ: &str = "script_read";

/// The error returned when the engine is not the expected module.
#[derive(Debug, thiserror::Error)]
pub(super) enum ComposeError {
    /// It is not a valid module.
    #[error("the JavaScript engine is not a valid module")]
    Invalid(#[from] BinaryReaderError),
    /// It lacks one of the functions to replace.
    #[error("the JavaScript engine does not export `{0}`")]
    Export(&'static str),
    /// It cannot be encoded again.
    #[error("the JavaScript engine cannot be encoded: {0}")]
    Encode(String),
}

/// Returns a copy of `engine` that contains `script`, and imports only what is declared.
pub(super) fn compose(engine: &[u8], script: &[u8], declared: Declared) -> Result<Vec<u8>, ComposeError> {
    let mut composer = Composer::read(engine, script, declared)?;
    let mut module = Module::new();
    match composer.parse_core_module(&mut module, Parser::new(0), engine) {
        Ok(()) => {}
        Err(Error::ParseError(error)) => return Err(error.into()),
        Err(other) => return Err(ComposeError::Encode(other.to_string())),
    }
    let composed = module.finish();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&composed)?;
    Ok(composed)
}

/// Encodes the engine with the script.
struct Composer<'s> {
    script: &'s [u8],
    /// For each imported function, whether it is still imported.
    kept: Vec<bool>,
    /// The types of those that are not.
    denied: Vec<u32>,
    /// Indices of the functions to replace.
    length: u32,
    read: u32,
    /// How many data segments the engine has.
    segments: u32,
    /// The function that has the next body.
    next_body: u32,
}

impl<'s> Composer<'s> {
    fn read(engine: &[u8], script: &'s [u8], declared: Declared) -> Result<Self, ComposeError> {
        let (mut kept, mut denied, mut segments) = (Vec::new(), Vec::new(), 0);
        let (mut length, mut read) = (None, None);
        for payload in Parser::new(0).parse_all(engine) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(kind) = import.ty {
                            let is_kept = is_allowed(import.module, import.name, declared);
                            if !is_kept {
                                denied.push(kind);
                            }
                            kept.push(is_kept);
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        match (export.name, export.kind) {
                            (LENGTH, ExternalKind::Func) => length = Some(export.index),
                            (READ, ExternalKind::Func) => read = Some(export.index),
                            _ => {}
                        }
                    }
                }
                Payload::DataSection(data) => segments = data.count(),
                _ => {}
            }
        }
        let length = length.ok_or(ComposeError::Export(LENGTH))?;
        let read = read.ok_or(ComposeError::Export(READ))?;
        let next_body = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        Ok(Self { script, kept, denied, length, read, segments, next_body })
    }

    fn imported(&self) -> u32 {
        u32::try_from(self.kept.len()).unwrap_or(u32::MAX)
    }

    /// Returns the body that replaces a function's own.
    fn replacement(&self, index: u32) -> Option<Function> {
        let length = i32::try_from(self.script.len()).unwrap_or(i32::MAX);
        let mut function = Function::new([]);
        if index == self.length {
            function.instructions().i32_const(length).end();
        } else if index == self.read {
            function.instructions().local_get(0).i32_const(0).i32_const(length).memory_init(0, self.segments).end();
        } else {
            return None;
        }
        Some(function)
    }
}

/// Returns whether a module may import a function.
fn is_allowed(module: &str, name: &str, declared: Declared) -> bool {
    if module != MODULE {
        return true;
    }
    match host_functions::find(name).and_then(|function| function.capability) {
        Some(Requirement::Network) => declared.network,
        Some(Requirement::Kv) => declared.kv,
        _ => true,
    }
}

impl Reencode for Composer<'_> {
    type Error = Infallible;

    /// Imports that remain move together; what takes the place of the others follows them.
    fn function_index(&mut self, index: u32) -> Result<u32, Error> {
        let Some(is_kept) = self.kept.get(index as usize) else { return Ok(index) };
        let before = self.kept[..index as usize].iter().filter(|kept| *kept == is_kept).count();
        let start = if *is_kept { 0 } else { self.kept.iter().filter(|kept| **kept).count() };
        Ok(u32::try_from(start + before).unwrap_or(u32::MAX))
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        let mut functions = self.kept.clone().into_iter();
        for import in section.into_imports() {
            let import = import?;
            if !matches!(import.ty, TypeRef::Func(_)) || functions.next() == Some(true) {
                utils::parse_import(self, imports, import)?;
            }
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for kind in self.denied.clone() {
            functions.function(self.type_index(kind)?);
        }
        utils::parse_function_section(self, functions, section)
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Result<(), Error> {
        if [LENGTH, READ].contains(&export.name) { Ok(()) } else { utils::parse_export(self, exports, export) }
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Error> {
        let index = self.next_body;
        self.next_body += 1;
        if index == self.imported() {
            for _ in &self.denied {
                let mut function = Function::new([]);
                function.instructions().i32_const(Status::Denied as i32).end();
                code.function(&function);
            }
        }
        match self.replacement(index) {
            Some(replacement) => {
                code.function(&replacement);
                Ok(())
            }
            None => utils::parse_function_body(self, code, body),
        }
    }

    /// Adds the script, which does not occupy memory until it is copied.
    fn parse_data_section(&mut self, data: &mut DataSection, section: DataSectionReader<'_>) -> Result<(), Error> {
        utils::parse_data_section(self, data, section)?;
        data.passive(self.script.iter().copied());
        Ok(())
    }

    fn data_count(&mut self, count: u32) -> Result<u32, Error> {
        Ok(count + 1)
    }

    /// Adds the number of data segments before the code, which `memory.init` requires, if the engine does not have it.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error> {
        if before == Some(SectionId::Code) && after != Some(SectionId::DataCount) {
            module.section(&DataCountSection { count: self.segments + 1 });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Payload};

    use super::{ComposeError, Declared, compose};

    const ENGINE: &str = r#"(module
        (import "mpp_v1" "http_send" (func $http (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (import "mpp_v1" "kv_get" (func $kv (param i32 i32) (result i32)))
        (table 2 funcref) (elem (i32.const 0) $http $kv)
        (memory (export "memory") 1)
        (func $length (export "script_length") (result i32) i32.const 0)
        (func $read (export "script_read") (param i32))
        (func (export "_start")
            (call $read (i32.const 64)) (drop (call $http (i32.const 1) (call $length))) (drop (call $kv (i32.const 1) (call $yield))))
        (data (i32.const 8) "engine"))"#;

    fn composed(network: bool, kv: bool) -> Vec<u8> {
        let engine = wat::parse_str(ENGINE).expect("wat");
        compose(&engine, b"the script", Declared { network, kv }).expect("composed")
    }

    fn imports(module: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ImportSection(section) = payload.expect("valid") {
                names.extend(section.into_imports().map(|import| import.expect("valid").name.to_owned()));
            }
        }
        names
    }

    #[test]
    fn imports_only_what_is_declared() {
        assert_eq!(imports(&composed(true, true)), ["http_send", "sched_yield", "kv_get"]);
        assert_eq!(imports(&composed(true, false)), ["http_send", "sched_yield"]);
        assert_eq!(imports(&composed(false, false)), ["sched_yield"]);
    }

    #[test]
    fn contains_the_script_and_no_longer_exports_its_places() {
        let module = composed(false, true);
        assert!(module.windows(10).any(|bytes| bytes == b"the script"));
        let text = String::from_utf8_lossy(&module).into_owned();
        assert!(!text.contains("script_length") && !text.contains("script_read") && text.contains("_start"), "{text}");
    }

    #[test]
    fn refuses_a_module_that_is_not_the_engine() {
        let module = wat::parse_str(r#"(module (func (export "_start")))"#).expect("wat");
        let refused = compose(&module, b"", Declared::default()).expect_err("refused");
        assert!(matches!(refused, ComposeError::Export("script_length")), "{refused}");
        assert!(matches!(compose(b"nonsense", b"", Declared::default()), Err(ComposeError::Invalid(_))));
    }
}
