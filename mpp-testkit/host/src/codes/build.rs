//! Codes of building a package: `MPP-B…`.

use super::Code;

pub(super) const CODES: &[Code] = &[];
