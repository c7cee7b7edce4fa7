//! The client of registries: pinned registries, verified reads, and the changes that a publisher signs.
