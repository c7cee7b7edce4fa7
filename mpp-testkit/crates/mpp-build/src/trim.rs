//! Takes out of a module what the packed one does not need: the code that computes its definitions, which are known by now,
//! with all that only this code reaches; and the padding that the linker leaves in every number that it fills in.
//!
//! No function changes its index, so that the names of the linked module fit the packed one; what is not needed becomes a
//! trap of four bytes. No instruction is added, removed or moved in the functions that stay: the n-th instruction here is
//! the n-th there, which is how a backtrace finds its lines.

use wasmparser::{BinaryReaderError, FuncType, WasmFeatures};

mod numbers;
mod reach;
mod shape;

use numbers::{push_signed, push_unsigned, squeezed};
use shape::{CODE, DATA, DATA_COUNT, Shape};

/// The functions of `mpp-sdk` that stand for a module's definitions.
const LENGTH: &str = "mpp_sdk::definition::packed::length";
const WRITE: &str = "mpp_sdk::definition::packed::write";
const COMPUTE: &str = "mpp_sdk::definition::packed::compute";

const UNREACHABLE: &[u8] = &[0, 0x00, 0x0b];

/// The functions whose place others take.
#[derive(Debug, Clone, Copy)]
struct Places {
    length: u32,
    write: u32,
    compute: u32,
}

/// `module` (of which `linked` has the names) with `definitions` in it as text, and without what computes them.
///
/// Where there are none, or the module computes none (one that dispatches by itself), nothing is put in.
///
/// # Errors
/// The bytes are not a valid core module.
pub(crate) fn trim(module: &[u8], linked: &[u8], definitions: Option<&[u8]>) -> Result<Vec<u8>, BinaryReaderError> {
    let Some(shape) = Shape::read(module)? else { return Ok(module.to_vec()) };
    let definitions = definitions.and_then(|text| Some((places(&shape, linked)?, text)));
    let (places, text) = definitions.unzip();
    let text = text.unwrap_or_default();
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

fn places(shape: &Shape<'_>, linked: &[u8]) -> Option<Places> {
    let (numbers, none): (_, &[_]) = ([wasmparser::ValType::I32], &[]);
    let found = shape::named(linked, [LENGTH, WRITE, COMPUTE])?;
    let signature = |index| shape.signature(index).cloned();
    let fits = signature(found[0])? == FuncType::new([], numbers)
        && signature(found[1])? == FuncType::new(numbers, [])
        && signature(found[2])?.results() == none
        && shape.data_segments > 0
        && found.iter().all(|index| *index >= shape.imported);
    fits.then_some(Places { length: found[0], write: found[1], compute: found[2] })
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

/// The data section with one more segment, which stays where it is until somebody asks for it.
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
