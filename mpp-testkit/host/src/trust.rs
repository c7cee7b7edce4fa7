//! Whose packages may run.
