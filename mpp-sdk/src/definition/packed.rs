//! Definitions of a packed module: a text in it, in the place of the code that computes them.
//!
//! `mpp-build` runs the module that cargo made once and asks it for its definitions. In the module that it packs it then
//! replaces, by their names and signatures, [`length`] and [`write`] by functions that give that answer, and [`compute`] by
//! a trap; and it drops what only [`compute`] reaches: a third of a small tool. In any other build the three are as they
//! stand here.

use std::hint::black_box;

use crate::registry::Tool;

/// The definitions as a JSON array.
pub(crate) fn definitions(tools: &[&'static Tool]) -> Vec<u8> {
    let length = length();
    if length == 0 {
        return compute(tools);
    }
    let mut text = vec![0; length];
    write(text.as_mut_ptr());
    text
}

/// The length of the text; 0 where there is none.
#[inline(never)]
fn length() -> usize {
    black_box(0)
}

/// Writes the text to memory of that length.
#[inline(never)]
fn write(at: *mut u8) {
    black_box(at);
}

/// The definitions from the types, for want of a text.
#[inline(never)]
fn compute(tools: &[&'static Tool]) -> Vec<u8> {
    let mut text = vec![b'['];
    for (index, tool) in tools.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        // A definition is strings and JSON values: there is nothing in it that could fail to be JSON.
        let _ = serde_json::to_writer(&mut text, &tool.definition());
    }
    text.push(b']');
    text
}
