//! Packages and legacy servers behind one list of tools.

pub mod names;
