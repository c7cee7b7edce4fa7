//! The names and kinds by which a module is recognised.

use std::collections::BTreeSet;

use wasmparser::{Encoding, MemoryType, Parser, Payload, TypeRef};

/// The names that matter of the outermost level of a module or a component.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Names of modules that are imported from, and of the interfaces of a component.
    pub(super) from: BTreeSet<String>,
    /// Names of imported functions and other items.
    pub(super) functions: BTreeSet<String>,
    /// Module and name of each import.
    pub(super) pairs: BTreeSet<(String, String)>,
    pub(super) exports: BTreeSet<String>,
    pub(super) has_code: bool,
    pub(super) is_component: bool,
    pub(super) is_object: bool,
    pub(super) is_shared_library: bool,
    pub(super) has_shared_memory: bool,
    pub(super) has_64_bit_memory: bool,
}

impl Names {
    /// Reads the outermost level, up to what cannot be parsed.
    pub(super) fn read(bytes: &[u8]) -> Self {
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
                other => names.add(other),
            }
        }
        names
    }

    fn add(&mut self, payload: Payload<'_>) {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports().map_while(Result::ok) {
                    self.from.insert(import.module.to_owned());
                    self.functions.insert(import.name.to_owned());
                    self.pairs.insert((import.module.to_owned(), import.name.to_owned()));
                    if let TypeRef::Memory(memory) = import.ty {
                        self.memory(&memory);
                    }
                }
            }
            Payload::MemorySection(section) => {
                section.into_iter().map_while(Result::ok).for_each(|memory| self.memory(&memory));
            }
            Payload::ExportSection(section) => {
                self.exports.extend(section.into_iter().map_while(Result::ok).map(|export| export.name.to_owned()));
            }
            Payload::ComponentImportSection(section) => {
                self.from.extend(section.into_iter().map_while(Result::ok).map(|import| import.name.name.to_owned()));
            }
            Payload::ComponentExportSection(section) => {
                let exports = section.into_iter().map_while(Result::ok);
                self.exports.extend(exports.map(|export| export.name.name.to_owned()));
            }
            Payload::CodeSectionStart { .. } => self.has_code = true,
            Payload::CustomSection(section) => {
                self.is_object |= section.name() == "linking";
                self.is_shared_library |= section.name() == "dylink.0";
            }
            _ => {}
        }
    }

    fn memory(&mut self, memory: &MemoryType) {
        self.has_shared_memory |= memory.shared;
        self.has_64_bit_memory |= memory.memory64;
    }

    /// Returns whether the item `name` is imported from `module`.
    pub(super) fn imports(&self, module: &str, name: &str) -> bool {
        self.pairs.contains(&(module.to_owned(), name.to_owned()))
    }

    /// Returns whether all names of the imports are as short as those that Emscripten chooses in optimized builds.
    pub(super) fn is_minified(&self) -> bool {
        self.from.iter().all(|name| name == "a")
            && !self.functions.is_empty()
            && self.functions.iter().all(|name| name.len() <= 2)
    }
}
