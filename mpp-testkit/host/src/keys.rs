//! Ed25519 keys as PEM, and key ids.
