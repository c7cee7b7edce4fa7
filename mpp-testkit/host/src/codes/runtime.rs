//! Codes of running a tool: `MPP-R…`.

use super::Code;

pub(super) const CODES: &[Code] = &[];
