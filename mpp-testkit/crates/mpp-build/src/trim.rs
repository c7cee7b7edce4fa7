//! Removes from a module what its package does not need: the code that computes the tool definitions, everything that only
//! this code reaches, and the padding that the linker leaves in the numbers that it fills in.
//!
//! Functions keep their indices, so the names of the linked module fit the packed one; a removed function becomes a trap of
//! four bytes. The remaining functions keep all their instructions in order: the n-th instruction of the linked function is
//! the n-th of the packed one, by which a backtrace finds its lines.

use wasmparser::{BinaryReaderError, WasmFeatures};

mod marker;
mod numbers;
mod reach;
mod shape;

use marker::Places;
use numbers::{push_signed, push_unsigned, squeezed};
use shape::{CODE, DATA, DATA_COUNT, Shape};

const UNREACHABLE: &[u8] = &[0, 0x00, 0x0b];

/// Returns `module` with `definitions` in it as text, and without the code that computes them. `module` is `linked` without
/// its custom sections.
///
/// If there are no definitions, or the module does not compute any because it dispatches calls itself, only code that
/// nothing reaches is removed.
///
/// # Errors
/// The bytes are not a valid core module.
pub(crate) fn trim(module: &[u8], linked: &[u8], definitions: Option<&[u8]>) -> Result<Vec<u8>, BinaryReaderError> {
    let Some(shape) = Shape::read(module)? else { return Ok(module.to_vec()) };
    let places = if definitions.is_some() { marker::find(&shape, linked)? } else { None };
    let text = definitions.unwrap_or_default();
    let live = reach::live(&shape, places.map(|places| places.compute))?;
    let mut out = Vec::with_capacity(module.len());
    out.extend_from_slice(module.get(..shape.start).unwrap_or_default());
    for section in &shape.sections {
        let contents = module.get(section.contents.clone()).unwrap_or_default();
        match (section.id, places) {
            (DATA_COUNT, Some(_)) => {}
            (CODE, _) => {
                if places.is_some() {
                    push_section(&mut out, DATA_COUNT, &count(shape.data_segments + 1));
                }
                push_section(&mut out, CODE, &code(&shape, &live, places, text)?);
            }
            (DATA, Some(_)) => push_section(&mut out, DATA, &data(&shape, contents, text)),
            (id, _) => push_section(&mut out, id, contents),
        }
    }
    wasmparser::Validator::new_with_features(WasmFeatures::all()).validate_all(&out)?;
    Ok(out)
}

fn code(
    shape: &Shape<'_>,
    live: &[bool],
    places: Option<Places>,
    definitions: &[u8],
) -> Result<Vec<u8>, BinaryReaderError> {
    let mut out = count(u32::try_from(shape.bodies.len()).unwrap_or(u32::MAX));
    for (index, body) in (shape.imported..).zip(&shape.bodies) {
        let is_live = live.get(index as usize).copied().unwrap_or(true);
        let bytes = match places {
            Some(places) if index == places.length => length_body(definitions),
            Some(places) if index == places.write => write_body(definitions, shape.data_segments),
            Some(places) if index == places.compute => UNREACHABLE.to_vec(),
            _ if is_live => squeezed(body)?,
            _ => UNREACHABLE.to_vec(),
        };
        push_unsigned(&mut out, bytes.len() as u64);
        out.extend_from_slice(&bytes);
    }
    Ok(out)
}

/// `i32.const LENGTH`
fn length_body(definitions: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0x41];
    push_signed(&mut body, definitions.len() as i64);
    body.push(0x0b);
    body
}

/// `memory.init SEGMENT (local.get 0) (i32.const 0) (i32.const LENGTH)`
fn write_body(definitions: &[u8], segment: u32) -> Vec<u8> {
    let mut body = vec![0, 0x20, 0, 0x41, 0, 0x41];
    push_signed(&mut body, definitions.len() as i64);
    body.extend_from_slice(&[0xfc, 0x08]);
    push_unsigned(&mut body, segment.into());
    body.extend_from_slice(&[0, 0x0b]);
    body
}

/// Returns the data section with one more segment, which does not occupy memory until it is copied.
fn data(shape: &Shape<'_>, contents: &[u8], definitions: &[u8]) -> Vec<u8> {
    const PASSIVE: u8 = 1;
    let mut out = count(shape.data_segments + 1);
    out.extend_from_slice(contents.get(shape.data_start..).unwrap_or_default());
    out.push(PASSIVE);
    push_unsigned(&mut out, definitions.len() as u64);
    out.extend_from_slice(definitions);
    out
}

fn count(number: u32) -> Vec<u8> {
    let mut out = Vec::new();
    push_unsigned(&mut out, number.into());
    out
}

fn push_section(out: &mut Vec<u8>, id: u8, contents: &[u8]) {
    out.push(id);
    push_unsigned(out, contents.len() as u64);
    out.extend_from_slice(contents);
}

#[cfg(test)]
mod tests;
