//! Packages in OCI registries.
