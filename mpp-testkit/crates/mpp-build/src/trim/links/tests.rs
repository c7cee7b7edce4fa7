//! Data and functions that only removed code reaches.

use wasm_encoder::{CustomSection, DataSymbolDefinition, Encode, LinkingSection, Section, SymbolTable};
use wasmparser::{Operator, Parser, Payload, RelocationType};

use crate::trim::trim;

/// `$compute` has the address of `gone`; `$_start` has that of a pointer to `kept`, and of `$used`.
const PROGRAM: &str = r#"(module
    (type $usual (func))
    (table 3 funcref)
    (memory (export "memory") 1)
    (elem (i32.const 1) $unused $used)
    (func $length (result i32) (i32.wrap_i64 (i64.const 0x4142434445464748)))
    (func $write (param i32) (drop (i64.const 0x5152535455565758)))
    (func $compute (param i32)
        (drop (i64.const -0x6162636465666768))
        (drop (i32.const 76))
        (call_indirect (type $usual) (i32.const 1)))
    (func $unused (type $usual) nop nop)
    (func $used (type $usual) nop nop)
    (func $_start (export "_start")
        (call $write (call $length))
        (call $compute (i32.const 0))
        (drop (i32.load (i32.const 64)))
        (call_indirect (type $usual) (i32.const 2)))
    (data (i32.const 64) "\48\00\00\00----keptgone")
    (@custom "mpp:definitions" "HGFEDCBAXWVUTSRQ\98\98\99\9a\9b\9c\9d\9e"))"#;

/// Adds the symbols, and relocations in code for the constants that are addresses in memory (64 and more) or in the table.
fn linked(data_address: u32) -> Vec<u8> {
    let mut module = wat::parse_str(PROGRAM).expect("a module");
    let (mut sections, mut code, mut data) = (0, (0, 0), (0, 0));
    let mut places = Vec::new();
    for payload in Parser::new(0).parse_all(&module) {
        let payload = payload.expect("valid");
        match &payload {
            Payload::CodeSectionStart { range, .. } => code = (sections, range.start),
            Payload::DataSection(section) => {
                let segment = section.clone().into_iter().next().expect("a segment").expect("valid");
                data = (sections, segment.range.end - segment.data.len() - section.range().start);
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().expect("operators").into_iter_with_offsets() {
                    if let (Operator::I32Const { value: value @ (1 | 2 | 64..) }, offset) = operator.expect("valid") {
                        places.push((offset + 1 - code.1, value));
                    }
                }
            }
            _ => {}
        }
        sections += u32::from(payload.as_section().is_some());
    }
    let mut symbols = SymbolTable::new();
    for (name, offset) in [("pointer", 0), ("kept", 8), ("gone", 12)] {
        symbols.data(0, name, Some(DataSymbolDefinition { index: 0, offset, size: 4 }));
    }
    for (index, name) in [(3, "unused"), (4, "used")] {
        symbols.function(0, index, Some(name));
    }
    let code_relocations: Vec<_> = places
        .into_iter()
        .map(|(offset, value)| match value {
            1 | 2 => (RelocationType::TableIndexSleb, offset, 2 + value.cast_unsigned()),
            64 => (RelocationType::MemoryAddrSleb, offset, 0),
            _ => (RelocationType::MemoryAddrSleb, offset, 2),
        })
        .collect();
    LinkingSection::new().symbol_table(&symbols).append_to(&mut module);
    relocations("reloc.CODE", code.0, &code_relocations).append_to(&mut module);
    relocations("reloc.DATA", data.0, &[(RelocationType::MemoryAddrI32, data.1, data_address)]).append_to(&mut module);
    module
}

fn relocations(name: &'static str, section: u32, entries: &[(RelocationType, usize, u32)]) -> CustomSection<'static> {
    let mut data = Vec::new();
    section.encode(&mut data);
    entries.len().encode(&mut data);
    for (kind, offset, symbol) in entries {
        data.push(*kind as u8);
        offset.encode(&mut data);
        symbol.encode(&mut data);
        if *kind != RelocationType::TableIndexSleb {
            0_i32.encode(&mut data);
        }
    }
    CustomSection { name: name.into(), data: data.into() }
}

/// Returns the first data segment, and which functions are traps.
fn trimmed(linked: &[u8]) -> (Vec<u8>, Vec<bool>) {
    let module = trim(linked, Some(b"[]")).expect("valid").expect("trimmed");
    let (mut data, mut traps) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(&module) {
        match payload.expect("valid") {
            Payload::DataSection(section) => {
                data = section.into_iter().next().expect("a segment").expect("valid").data.to_vec();
            }
            Payload::CodeSectionEntry(body) => traps.push(body.range().len() == 3),
            _ => {}
        }
    }
    (data, traps)
}

#[test]
fn data_and_functions_that_only_removed_code_reaches_are_removed() {
    let (data, traps) = trimmed(&linked(1));
    assert_eq!(data, b"\x48\0\0\0----kept", "what belongs to no symbol is kept, too");
    assert_eq!(traps, [false, false, true, true, false, false]);
}

#[test]
fn relocations_that_do_not_fit_the_module_are_ignored() {
    // The pointer is said to lead to `gone`, and leads to `kept`.
    let (data, traps) = trimmed(&linked(2));
    assert_eq!(data, b"\x48\0\0\0----keptgone");
    assert_eq!(traps, [false, false, true, false, false, false]);
}
