//! The sandbox: a fresh instance per call that holds only what was declared.
