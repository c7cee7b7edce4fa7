//! Codes of keys, signing and trust: `MPP-K…`.

use super::Code;

pub(super) const CODES: &[Code] = &[];
