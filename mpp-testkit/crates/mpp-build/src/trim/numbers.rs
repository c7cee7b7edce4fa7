//! LEB128: the numbers of a module, written as short as they can be.

use wasmparser::{BinaryReaderError, FunctionBody};

/// Instructions whose operands are unsigned numbers that the linker fills in: calls, globals, loads and stores, `ref.func`.
fn has_unsigned_operands(opcode: u8) -> bool {
    matches!(opcode, 0x10..=0x13 | 0x23 | 0x24 | 0x28..=0x3e | 0xd2)
}

/// `i32.const` and `i64.const`.
fn has_signed_operand(opcode: u8) -> bool {
    matches!(opcode, 0x41 | 0x42)
}

/// A function body with the same instructions, without padding in their numbers.
pub(super) fn squeezed(body: &FunctionBody<'_>) -> Result<Vec<u8>, BinaryReaderError> {
    let bytes = body.as_bytes();
    let base = body.range().start;
    let at = |offset: usize| offset.saturating_sub(base);
    let operators = body.get_operators_reader()?;
    let mut starts = Vec::new();
    for operator in operators.into_iter_with_offsets() {
        starts.push(at(operator?.1));
    }
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(bytes.get(..starts.first().copied().unwrap_or(bytes.len())).unwrap_or_default());
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(bytes.len());
        match bytes.get(*start..end).unwrap_or_default() {
            [opcode, operands @ ..] if has_unsigned_operands(*opcode) => {
                out.push(*opcode);
                push_each(&mut out, operands, |out, bytes| push_unsigned(out, unsigned(bytes)));
            }
            [opcode, operands @ ..] if has_signed_operand(*opcode) => {
                out.push(*opcode);
                push_each(&mut out, operands, |out, bytes| push_signed(out, signed(bytes)));
            }
            other => out.extend_from_slice(other),
        }
    }
    Ok(out)
}

/// Every number of `operands`, each with the bytes it is written in.
fn push_each(out: &mut Vec<u8>, operands: &[u8], push: fn(&mut Vec<u8>, &[u8])) {
    for number in operands.split_inclusive(|byte| byte & 0x80 == 0) {
        push(out, number);
    }
}

fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().take(10).rev().fold(0, |value, byte| (value << 7) | u64::from(byte & 0x7f))
}

fn signed(bytes: &[u8]) -> i64 {
    let bits = 7 * bytes.len().min(10);
    let value = unsigned(bytes).cast_signed();
    if bits >= 64 { value } else { (value << (64 - bits)) >> (64 - bits) }
}

pub(super) fn push_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn push_signed(out: &mut Vec<u8>, mut value: i64) {
    while !(-0x40..0x40).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8 & 0x7f);
}

#[cfg(test)]
mod tests {
    use super::{push_signed, push_unsigned, signed, unsigned};

    #[test]
    fn numbers_are_read_padded_and_written_short() {
        for (padded, value) in [(&[0x80, 0x80, 0x80, 0x80, 0x00][..], 0), (&[0xff, 0x81, 0x80, 0x80, 0x00], 255)] {
            assert_eq!(unsigned(padded), value);
        }
        for (padded, value) in [(&[0xff, 0xff, 0xff, 0xff, 0x7f][..], -1), (&[0xc0, 0x80, 0x80, 0x80, 0x00], 64)] {
            assert_eq!(signed(padded), value);
        }
        for value in [0, 1, 63, 64, -64, -65, 127, 128, i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            push_signed(&mut out, value);
            assert_eq!(signed(&out), value);
            let mut out = Vec::new();
            push_unsigned(&mut out, value.cast_unsigned());
            assert_eq!(unsigned(&out), value.cast_unsigned());
        }
    }
}
