//! The state of a registry: a deterministic fold over the leaves of its log.
