//! What the linker knows about addresses: the symbols of a module, and the places in it that hold their addresses.
//!
//! A linker that keeps relocations (`--emit-relocs`) writes both as custom sections. Their format is
//! <https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>.

use std::ops::Range;

use wasm_encoder::SectionId;
use wasmparser::{
    BinaryReader, BinaryReaderError, Data, DataKind, KnownCustom, Linking, Operator, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo,
};

/// The symbols and places. Offsets are offsets in the module.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) symbols: Vec<Symbol>,
    /// In the order of their offsets.
    places: Vec<Place>,
    /// Symbols whose address is in bytes that belong to no function and no symbol.
    pub(super) roots: Vec<u32>,
    module_length: usize,
}

/// Something that has an address.
#[derive(Debug)]
pub(super) enum Symbol {
    /// The function of this index.
    Function(u32),
    /// Data in a segment.
    Data {
        /// The bytes of the data.
        bytes: Range<usize>,
        /// The address in memory.
        address: u32,
    },
    /// Something without bytes in the module, such as zeroed memory.
    Other,
}

/// A place that holds the address of a symbol.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: usize,
    symbol: u32,
}

/// A data segment.
struct Segment {
    bytes: Range<usize>,
    address: u32,
}

impl Links {
    /// Returns `None` if the linker did not keep relocations, or if they do not fit the module.
    pub(super) fn read(module: &[u8]) -> Result<Option<Self>, BinaryReaderError> {
        let mut links = Self { module_length: module.len(), ..Self::default() };
        let (mut sections, mut segments) = (Vec::new(), Vec::new());
        let (mut tables, mut relocations, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            sections.extend(payload.as_section());
            match payload {
                Payload::CodeSectionEntry(body) => bodies.push(body.range()),
                Payload::DataSection(data) => {
                    for segment in data {
                        segments.push(Segment::read(&segment?)?);
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(table) = part? {
                                tables.push(table);
                            }
                        }
                    }
                    KnownCustom::Reloc(section) => relocations.push(section),
                    _ => {}
                },
                _ => {}
            }
        }
        for symbol in tables.into_iter().flatten() {
            links.symbols.push(Symbol::new(&symbol?, &segments));
        }
        let mut has_code = false;
        for section in relocations {
            let Some((id, contents)) = sections.get(section.section_index() as usize) else { return Ok(None) };
            has_code |= *id == SectionId::Code as u8;
            if *id != SectionId::Code as u8 && *id != SectionId::Data as u8 {
                continue;
            }
            for relocation in section.entries() {
                if !links.add(module, contents.start, &relocation?) {
                    return Ok(None);
                }
            }
        }
        links.places.sort_by_key(|place| place.offset);
        links.roots = links.find_roots(bodies);
        Ok(has_code.then_some(links))
    }

    fn find_roots(&self, bodies: Vec<Range<usize>>) -> Vec<u32> {
        let mut owned = vec![false; self.module_length];
        for bytes in bodies.into_iter().chain(self.symbols.iter().filter_map(Symbol::bytes)) {
            owned[bytes].fill(true);
        }
        self.places.iter().filter(|place| !owned[place.offset]).map(|place| place.symbol).collect()
    }

    /// Returns for each byte of the module whether it is data of symbols none of which is `reached`.
    pub(super) fn unreached_data(&self, reached: &[bool]) -> Vec<bool> {
        let mut unreached = vec![false; self.module_length];
        for wanted in [false, true] {
            for (symbol, _) in self.symbols.iter().zip(reached).filter(|(_, reached)| **reached == wanted) {
                if let Some(bytes) = symbol.bytes() {
                    unreached[bytes].fill(!wanted);
                }
            }
        }
        unreached
    }

    /// Adds a relocation in the section that starts at `start`. Returns `false` if it does not fit the module.
    fn add(&mut self, module: &[u8], start: usize, relocation: &RelocationEntry) -> bool {
        let offset = start + relocation.offset as usize;
        let Some(bytes) = module.get(offset..offset + relocation.ty.extent()) else { return false };
        let found = match relocation.ty {
            RelocationType::TableIndexSleb | RelocationType::TableIndexI32 => None,
            RelocationType::MemoryAddrSleb | RelocationType::MemoryAddrRelSleb => {
                BinaryReader::new(bytes, offset).read_var_i32().ok().map(i32::cast_unsigned)
            }
            RelocationType::MemoryAddrLeb => BinaryReader::new(bytes, offset).read_var_u32().ok(),
            RelocationType::MemoryAddrI32 => BinaryReader::new(bytes, offset).read_u32().ok(),
            // The instruction names what it uses.
            RelocationType::FunctionIndexLeb
            | RelocationType::TypeIndexLeb
            | RelocationType::GlobalIndexLeb
            | RelocationType::TableNumberLeb => return true,
            _ => return false,
        };
        self.places.push(Place { offset, symbol: relocation.index });
        match (self.symbols.get(relocation.index as usize), found) {
            (Some(Symbol::Data { address, .. }), Some(found)) => {
                i64::from(found) == i64::from(*address) + relocation.addend
            }
            (Some(Symbol::Function(_)), None) => true,
            (Some(Symbol::Other), Some(_)) => true,
            _ => false,
        }
    }

    /// Returns the symbols whose addresses are in these bytes.
    pub(super) fn within(&self, bytes: &Range<usize>) -> impl Iterator<Item = u32> + use<'_> {
        let first = self.places.partition_point(|place| place.offset < bytes.start);
        let end = self.places.partition_point(|place| place.offset < bytes.end);
        self.places.get(first..end).unwrap_or_default().iter().map(|place| place.symbol)
    }
}

impl Symbol {
    fn new(symbol: &SymbolInfo<'_>, segments: &[Segment]) -> Self {
        match symbol {
            SymbolInfo::Func { index, .. } => Self::Function(*index),
            SymbolInfo::Data { symbol: Some(place), .. } if place.size > 0 => {
                let Some(segment) = segments.get(place.index as usize) else { return Self::Other };
                let start = segment.bytes.start + place.offset as usize;
                let bytes = start..start + place.size as usize;
                if bytes.end > segment.bytes.end {
                    return Self::Other;
                }
                Self::Data { bytes, address: segment.address.wrapping_add(place.offset) }
            }
            _ => Self::Other,
        }
    }

    fn bytes(&self) -> Option<Range<usize>> {
        match self {
            Self::Data { bytes, .. } => Some(bytes.clone()),
            Self::Function(_) | Self::Other => None,
        }
    }
}

impl Segment {
    fn read(segment: &Data<'_>) -> Result<Self, BinaryReaderError> {
        let bytes = segment.range.end - segment.data.len()..segment.range.end;
        let mut address = 0;
        if let DataKind::Active { offset_expr, .. } = &segment.kind
            && let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
        {
            address = value.cast_unsigned();
        }
        Ok(Self { bytes, address })
    }
}

#[cfg(test)]
mod tests;
