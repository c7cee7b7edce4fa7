//! Nothing: this crate exists for the features that its manifest turns on.
