//! Encodes data segments without what is removed from them.

use std::ops::Range;

use wasm_encoder::reencode::{Error, Reencode as _, RoundtripReencoder};
use wasm_encoder::{ConstExpr, DataSection};
use wasmparser::{BinaryReaderError, Data, DataKind, Operator};

/// The number of zeros that is worth a second segment, whose header takes about eight bytes that do not compress.
const GAP: usize = 64;

/// Adds what remains of `segment`. Bytes that are not kept become zeros; longer runs of zeros are left out if the segment
/// may become several, because memory is zero at the start.
pub(super) fn push(
    data: &mut DataSection,
    segment: &Data<'_>,
    is_kept: impl Fn(usize) -> bool,
    may_split: bool,
) -> Result<(), BinaryReaderError> {
    let start = segment.range.end - segment.data.len();
    let bytes = segment.data.iter().zip(start..).map(|(byte, offset)| if is_kept(offset) { *byte } else { 0 });
    let bytes: Vec<u8> = bytes.collect();
    if let (true, Some(address)) = (may_split, address(segment)?) {
        for piece in pieces(&bytes) {
            let at = address.wrapping_add_unsigned(u32::try_from(piece.start).unwrap_or(u32::MAX));
            data.active(0, &ConstExpr::i32_const(at), bytes[piece].iter().copied());
        }
        return Ok(());
    }
    match RoundtripReencoder.parse_data(data, Data { data: &bytes, ..segment.clone() }) {
        Err(Error::ParseError(error)) => Err(error),
        _ => Ok(()),
    }
}

/// Returns the address of a segment in the first memory, if it is a constant.
fn address(segment: &Data<'_>) -> Result<Option<i32>, BinaryReaderError> {
    let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind else { return Ok(None) };
    let mut operators = offset_expr.get_operators_reader();
    match operators.read()? {
        Operator::I32Const { value } if operators.is_end_then_eof() => Ok(Some(value)),
        _ => Ok(None),
    }
}

/// Returns the parts between longer runs of zeros.
fn pieces(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        match pieces.last_mut() {
            Some(piece) if at - piece.end < GAP => piece.end = at + 1,
            _ => pieces.push(at..at + 1),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn only_longer_runs_of_zeros_are_left_out() {
        let mut bytes = vec![0; 300];
        for at in [3, 10, 80, 144, 209] {
            bytes[at] = 1;
        }
        assert_eq!(pieces(&bytes), [3..11, 80..145, 209..210]);
        assert!(pieces(&[0; 100]).is_empty());
    }
}
