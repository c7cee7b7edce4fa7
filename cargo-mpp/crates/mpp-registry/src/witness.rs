//! Witnesses: they cosign the checkpoints of a log that only grows.
