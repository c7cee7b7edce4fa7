//! The stored objects of a registry: in a directory, or in an S3-compatible store.
