//! The search index of a registry, which is derived from its index files.
