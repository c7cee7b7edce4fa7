//! Codes of the program itself: `MPP-C…`.

use super::Code;

pub(super) const CODES: &[Code] = &[];
