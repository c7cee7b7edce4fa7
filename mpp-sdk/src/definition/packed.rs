//! Definitions of a packed module: constant text instead of the code that computes them.
//!
//! The packer runs the module that cargo built once and requests its definitions. In the module that it packs, it then
//! replaces the bodies of [`length`] and [`write`], which return that text, and of [`compute`], which traps; and it
//! removes all functions that only [`compute`] reaches: a third of a small tool. It finds the three by the custom section
//! `mpp:definitions` (see `abi::guest`), which holds a number for each; each function contains its number as a constant. In
//! any other build they are what is written here.

use std::hint::black_box;

use crate::{failure::Failure, registry::Tool, wire::ErrorKind};

/// Returns the definitions as a JSON array.
pub(crate) fn definitions(tools: &[&'static Tool]) -> Result<Vec<u8>, Failure> {
    let length = length();
    if length == 0 {
        return compute(tools);
    }
    let mut text = vec![0; length];
    write(text.as_mut_ptr());
    Ok(text)
}

/// Numbers by which the packer recognizes [`length`], [`write`] and [`compute`]. Chosen at random.
const LENGTH_MARK: u64 = 0x8f3d_61c0_57e2_a94b;
const WRITE_MARK: u64 = 0xb24e_9d07_3c85_f61a;
const COMPUTE_MARK: u64 = 0xe57a_08d3_914f_6b2c;

/// Returns the contents of the custom section: the marks, little endian.
#[cfg(target_family = "wasm")]
pub(crate) const fn marks() -> [u8; 24] {
    let marks = [LENGTH_MARK.to_le_bytes(), WRITE_MARK.to_le_bytes(), COMPUTE_MARK.to_le_bytes()];
    let mut bytes = [0; 24];
    let mut at = 0;
    while at < bytes.len() {
        bytes[at] = marks[at / 8][at % 8];
        at += 1;
    }
    bytes
}

/// Returns the length of the text; 0 if the module is not packed.
#[inline(never)]
fn length() -> usize {
    // Zero, which the compiler cannot know.
    (black_box(LENGTH_MARK) ^ LENGTH_MARK) as usize
}

/// Writes the text to a buffer of that length.
#[inline(never)]
fn write(at: *mut u8) {
    black_box(WRITE_MARK);
    black_box(at);
}

/// Computes the definitions from the types.
#[inline(never)]
fn compute(tools: &[&'static Tool]) -> Result<Vec<u8>, Failure> {
    black_box(COMPUTE_MARK);
    check(tools)?;
    let mut text = vec![b'['];
    for (index, tool) in tools.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        // A definition consists of strings and JSON values, which always serialize.
        let _ = serde_json::to_writer(&mut text, &tool.definition());
    }
    text.push(b']');
    Ok(text)
}

/// Checks that there are tools, and that their names differ. `tools` is sorted by name.
fn check(tools: &[&'static Tool]) -> Result<(), Failure> {
    if tools.is_empty() {
        return Err(Failure::new(
            ErrorKind::ToolError,
            "this program has no tools: mark a function with `#[mpp::tool]`; if the tools are in a library crate, add \
             `use that_crate as _;` to main.rs or call `mpp::serve_tools(mpp::tools![that_crate::the_tool])`"
                .to_owned(),
        )
        .with("code", "no_tools"));
    }
    match tools.windows(2).find(|pair| pair[0].name == pair[1].name) {
        None => Ok(()),
        Some(pair) => Err(Failure::new(
            ErrorKind::ToolError,
            format!(
                "two tools are named `{}`, in `{}` and in `{}`: rename one with `#[mpp::tool(name = \"…\")]`",
                pair[0].name, pair[0].module, pair[1].module
            ),
        )
        .with("code", "duplicate_tool")
        .with("tool", pair[0].name)),
    }
}
