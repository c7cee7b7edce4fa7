//! Finds the functions of `mpp-sdk` that compute a module's definitions.
//!
//! The SDK writes the custom section `mpp:definitions`: three numbers of 64 bits, little endian. Each of the three functions
//! (length, write, compute) contains its number as the operand of an `i64.const`, so they are found whatever their names.

use wasmparser::{BinaryReaderError, FuncType, Operator, Parser, Payload, ValType};

use super::shape::Shape;

/// Name of the custom section.
const SECTION: &str = "mpp:definitions";

/// Indices of the functions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// Returns the length of the definitions.
    pub(super) length: u32,
    /// Copies the definitions to an address.
    pub(super) write: u32,
    /// Computes the definitions from types.
    pub(super) compute: u32,
}

/// Returns the functions; `None` unless `linked` marks exactly one function of each kind, with the right signature.
pub(super) fn find(shape: &Shape<'_>, linked: &[u8]) -> Result<Option<Places>, BinaryReaderError> {
    let Some(marks) = marks(linked) else { return Ok(None) };
    let mut found: [Vec<u32>; 3] = Default::default();
    for (index, body) in (shape.imported..).zip(&shape.bodies) {
        for operator in body.get_operators_reader()? {
            let Operator::I64Const { value } = operator? else { continue };
            if let Some(kind) = marks.iter().position(|mark| *mark == value)
                && found[kind].last() != Some(&index)
            {
                found[kind].push(index);
            }
        }
    }
    let [&[length], &[write], &[compute]] = [&*found[0], &*found[1], &*found[2]] else { return Ok(None) };
    let fits = !shape.data.is_empty()
        && shape.signature(length) == Some(&FuncType::new([], [ValType::I32]))
        && shape.signature(write) == Some(&FuncType::new([ValType::I32], []))
        && shape.signature(compute).is_some_and(|signature| signature.results().is_empty());
    Ok(fits.then_some(Places { length, write, compute }))
}

/// Reads the marks. The linker joins sections of one name, so a module with two copies of the SDK has more than three.
fn marks(linked: &[u8]) -> Option<[i64; 3]> {
    let mut sections = Parser::new(0).parse_all(linked).map_while(Result::ok).filter_map(|payload| match payload {
        Payload::CustomSection(section) if section.name() == SECTION => Some(section.data()),
        _ => None,
    });
    let (Some(data), None) = (sections.next(), sections.next()) else { return None };
    let (marks, []) = data.as_chunks::<8>() else { return None };
    let marks: &[[u8; 8]; 3] = marks.try_into().ok()?;
    Some(marks.map(i64::from_le_bytes))
}
