//! Code that trimming removes, replaces and keeps.

use wasmparser::{Operator, Parser, Payload};

use crate::strip::{sections, strip};

/// A program like those of the SDK: a function that is only called indirectly computes the definitions.
const PROGRAM: &str = r#"(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (type $apart (func (param i32 f32 f64)))
    (type $usual (func (param i32)))
    (table 3 funcref)
    (memory (export "memory") 1)
    (elem (i32.const 1) $schema $shown)
    (func $length (result i32) (i32.wrap_i64 (i64.xor (i64.const 0x4142434445464748) (i64.const 0x4142434445464748))))
    (func $write (param i32) (drop (i64.const 0x5152535455565758)))
    (func $compute (param i32)
        (drop (i64.const -0x6162636465666768))
        (call_indirect (type $apart) (local.get 0) (f32.const 0) (f64.const 0) (i32.const 1)))
    (func $schema (type $apart) (call $deep))
    (func $deep (i32.store (i32.const 8) (i32.const 1)))
    (func $shown (type $usual) nop)
    (func $_start (export "_start")
        (call $write (call $length))
        (call $compute (i32.const 16))
        (call_indirect (type $usual) (i32.const 0) (i32.const 2))
        (call $exit (i32.const 0)))
    (data (i32.const 64) "text")
    (@custom "mpp:definitions" "HGFEDCBAXWVUTSRQ\98\98\99\9a\9b\9c\9d\9e"))"#;

fn trim(linked: &[u8], definitions: Option<&[u8]>) -> Vec<u8> {
    super::trim(linked, definitions).expect("a valid module").expect("trimmed")
}

/// The instructions of each function, and whether it is the trap that others are replaced by.
fn functions(module: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload.expect("valid") else { continue };
        let operators: Vec<Operator<'_>> =
            body.get_operators_reader().expect("operators").into_iter().map(|o| o.expect("an operator")).collect();
        found.push(format!("{operators:?}"));
    }
    found
}

#[test]
fn definitions_replace_the_code_that_computes_them() {
    let linked = wat::parse_str(PROGRAM).expect("a module");
    let text = br#"[{"name":"find"}]"#;
    let trimmed = trim(&linked, Some(text));
    let functions = functions(&trimmed);
    let [length, write, compute, schema, deep, shown, start]: &[String; 7] =
        functions.as_slice().try_into().expect("seven functions");
    assert!(length.contains("I32Const { value: 17 }"), "{length}");
    assert!(write.contains("MemoryInit { data_index: 1, mem: 0 }"), "{write}");
    for gone in [compute, schema, deep] {
        assert_eq!(gone, "[Unreachable, End]");
    }
    assert_eq!(shown, "[Nop, End]", "an indirect call still reaches it");
    assert!(start.contains("Call { function_index: 3 }"), "functions keep their indices: {start}");
    assert!(trimmed.windows(text.len()).any(|window| window == text));
}

#[test]
fn without_definitions_or_marker_only_unreachable_code_is_removed() {
    let linked = wat::parse_str(PROGRAM).expect("a module");
    let stripped = strip(&linked).expect("stripped");
    let trimmed = trim(&linked, None);
    assert_eq!(functions(&trimmed), functions(&stripped), "everything is reached");
    let unmarked = trim(&stripped, Some(b"[]"));
    assert_eq!(functions(&unmarked), functions(&stripped), "no marker names the functions");
}

#[test]
fn an_ambiguous_or_unsuitable_marker_is_ignored() {
    for (original, changed) in [
        // A second function contains the same mark.
        ("(func $shown (type $usual) nop)", "(func $shown (type $usual) (drop (i64.const 0x5152535455565758)))"),
        ("(func $write (param i32)", "(func $write (param i32 i32)"),
        ("HGFEDCBA", "HGFEDCBAHGFEDCBA"),
        ("HGFEDCBA", "ABCDEFGH"),
    ] {
        let program = PROGRAM.replace(original, changed).replace(
            "(call $write (call $length))",
            if changed.contains("i32 i32") {
                "(call $write (call $length) (i32.const 0))"
            } else {
                "(call $write (call $length))"
            },
        );
        assert_ne!(program, PROGRAM);
        let linked = wat::parse_str(program).expect("a module");
        let stripped = strip(&linked).expect("stripped");
        let trimmed = trim(&linked, Some(b"[]"));
        assert_eq!(functions(&trimmed), functions(&stripped), "{changed}");
    }
}

#[test]
fn keeps_an_existing_data_count() {
    let program = PROGRAM.replace("(func $shown (type $usual) nop)", "(func $shown (type $usual) (data.drop 0))");
    let linked = wat::parse_str(program).expect("a module");
    let trimmed = trim(&linked, Some(b"[]"));
    let names: Vec<String> = sections(&trimmed).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.iter().filter(|name| name.contains("count")).count(), 1, "{names:?}");
    assert_eq!(functions(&trimmed)[2], "[Unreachable, End]");
}

#[test]
fn padding_is_removed_and_instructions_are_kept() {
    // (func (result i32) call 1 (i32.const -3) i32.add) (func (result i32) i32.load offset=128 …), padded as a linker does.
    let code: &[u8] = &[
        2, 20, 0, 0x10, 0x81, 0x80, 0x80, 0x80, 0x00, 0x41, 0xfd, 0xff, 0xff, 0xff, 0x7f, 0x6a, 0x44, 0, 0, 0, 0, 0, 0,
        0, 0, 0x1a, 0x0b,
    ];
    let code = [&code[..1], &[code.len() as u8 - 2], &code[2..]].concat();
    let second = [14, 0, 0x41, 0x80, 0x80, 0x80, 0x80, 0x00, 0x28, 0x82, 0x00, 0x80, 0x81, 0x80, 0x00, 0x0b];
    let second = [&[second.len() as u8 - 1], &second[1..]].concat();
    let code = [code, second].concat();
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for section in [
        &[1u8, 5, 1, 0x60, 0, 1, 0x7f][..],
        &[3, 3, 2, 0, 0],
        &[5, 3, 1, 0, 1],
        &[7, 5, 1, 1, b'f', 0, 0],
        &[&[10, code.len() as u8], code.as_slice()].concat(),
    ] {
        module.extend_from_slice(section);
    }
    wasmparser::validate(&module).expect("the padded module is valid");
    let trimmed = trim(&module, None);
    assert_eq!(functions(&trimmed), functions(&module));
    assert_eq!(trimmed.len(), module.len() - 4 - 4 - 4 - 1 - 2);
    assert_eq!(trim(&trimmed, None), trimmed);
    assert_eq!(sections(&trimmed).len(), sections(&module).len());
}

#[test]
fn a_shared_table_keeps_its_functions() {
    let shared = PROGRAM.replace("(table 3 funcref)", "(table (export \"table\") 3 funcref)");
    let linked = wat::parse_str(shared).expect("a module");
    let trimmed = trim(&linked, Some(b"[]"));
    assert_ne!(functions(&trimmed)[3], "[Unreachable, End]");
}
