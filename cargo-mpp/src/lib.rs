//! .
pub mod template;
