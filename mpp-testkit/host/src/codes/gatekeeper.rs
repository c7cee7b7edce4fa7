//! Codes of the Gatekeeper: `MPP-G1xx` … `MPP-G7xx`, one hundred a step.

use super::Code;

pub(super) const CODES: &[Code] = &[];
