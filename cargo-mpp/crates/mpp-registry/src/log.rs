//! The append-only log: checkpoints, tiles, proofs, and the writer of the server.
