//! Line numbers for backtraces, from the debug information of the module before it was stripped and trimmed.
//!
//! Offsets in the two modules differ, but their functions have the same instructions. An instruction is therefore identified
//! by its index in its function.

use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian};
use wasmparser::{FunctionBody, Parser, Payload, TypeRef};

/// Maximum distance, in instructions, to one that has a line number.
const NEIGHBOURS: usize = 16;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The module that runs, and the linked module that it was made from.
#[derive(Debug)]
pub(super) struct Lines {
    module: Vec<u8>,
    linked: Vec<u8>,
}

/// A function of the source code and a location in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) function: Option<String>,
    /// File and line, for example `src/main.rs:12`.
    pub(super) place: String,
}

impl Lines {
    pub(super) fn new(module: Vec<u8>, linked: Vec<u8>) -> Self {
        Self { module, linked }
    }

    /// Reads the functions and the debug information. Returns `None` if there is none or it cannot be read.
    pub(super) fn open(&self) -> Option<Located<'_>> {
        let (module, linked) = (Functions::read(&self.module)?, Functions::read(&self.linked)?);
        if module.bodies.len() != linked.bodies.len() || linked.debug.is_empty() {
            return None;
        }
        let section = |name: &str| {
            let found = linked.debug.iter().find(|(known, _)| *known == name);
            Ok::<_, addr2line::gimli::Error>(Slice::new(found.map_or(&[][..], |(_, bytes)| *bytes), LittleEndian))
        };
        let dwarf = Dwarf::load(|id| section(id.name())).ok()?;
        Some(Located { context: addr2line::Context::from_dwarf(dwarf).ok()?, module, linked })
    }
}

pub(super) struct Located<'a> {
    context: addr2line::Context<Slice<'a>>,
    module: Functions<'a>,
    linked: Functions<'a>,
}

impl Located<'_> {
    /// Returns the source frames of an offset into the module, innermost first.
    pub(super) fn frames(&self, function: u32, offset: usize) -> Vec<Frame> {
        self.find(function, offset).unwrap_or_default()
    }

    fn find(&self, function: u32, offset: usize) -> Option<Vec<Frame>> {
        let (here, there) = (instructions(self.module.body(function)?)?, instructions(self.linked.body(function)?)?);
        if here.len() != there.len() {
            return None;
        }
        let number = here.partition_point(|start| *start <= offset).checked_sub(1)?;
        // Instructions that the compiler adds, such as the head of a loop, have no line, but their neighbours do.
        let near =
            (0..NEIGHBOURS).map(|step| number + step).chain((1..NEIGHBOURS).map_while(|step| number.checked_sub(step)));
        near.filter_map(|number| there.get(number))
            .find_map(|start| Some(self.at(*start)?).filter(|found| !found.is_empty()))
    }

    /// Returns the source frames of an instruction of the linked module.
    fn at(&self, start: usize) -> Option<Vec<Frame>> {
        let address = start.checked_sub(self.linked.code_start)?;
        let mut found = Vec::new();
        let mut frames = self.context.find_frames(address as u64).skip_all_loads().ok()?;
        while let Some(frame) = frames.next().ok()? {
            let Some((file, line)) = frame.location.and_then(|at| Some((at.file?, at.line?))) else { continue };
            let function = frame.function.and_then(|name| name.raw_name().ok().map(std::borrow::Cow::into_owned));
            found.push(Frame { function, place: format!("{}:{line}", shown(file)) });
        }
        Some(found)
    }
}

/// Returns the offset at which each instruction of a function starts.
fn instructions(body: &FunctionBody<'_>) -> Option<Vec<usize>> {
    let operators = body.get_operators_reader().ok()?;
    operators.into_iter_with_offsets().map(|found| found.ok().map(|(_, offset)| offset)).collect()
}

#[derive(Default)]
struct Functions<'a> {
    imported: u32,
    bodies: Vec<FunctionBody<'a>>,
    code_start: usize,
    debug: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Functions<'a> {
    fn read(module: &'a [u8]) -> Option<Self> {
        let mut functions = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload.ok()? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        functions.imported += u32::from(matches!(import.ok()?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => functions.code_start = range.start,
                Payload::CodeSectionEntry(body) => functions.bodies.push(body),
                Payload::CustomSection(section) if section.name().starts_with(".debug_") => {
                    functions.debug.push((section.name(), section.data()));
                }
                _ => {}
            }
        }
        Some(functions)
    }

    fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get(function.checked_sub(self.imported)? as usize)
    }
}

/// Returns a path as its author knows it: relative to the project, to the registry, or to the standard library's sources.
/// `mpp-build` maps the directories of a machine to `/build`, `/cargo` and `/rustup`.
fn shown(path: &str) -> &str {
    let after = |start: &str, parts: usize| {
        let rest = path.strip_prefix(start)?;
        rest.splitn(parts + 1, '/').nth(parts)
    };
    after("/build/", 0).or_else(|| after("/cargo/registry/src/", 1)).or_else(|| after("/rustc/", 1)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn paths_are_relative_to_their_project() {
        for (path, name) in [
            ("/build/src/main.rs", "src/main.rs"),
            ("/build/examples/contacts/src/main.rs", "examples/contacts/src/main.rs"),
            ("/cargo/registry/src/index.example-1949cf8c/serde_json-1.0.154/src/de.rs", "serde_json-1.0.154/src/de.rs"),
            ("/rustc/59807616/library/core/src/slice/index.rs", "library/core/src/slice/index.rs"),
            ("src/main.c", "src/main.c"),
        ] {
            assert_eq!(shown(path), name);
        }
    }
}
