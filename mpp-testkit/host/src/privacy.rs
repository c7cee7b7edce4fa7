//! The privacy filter: one pass over everything that leaves the sandbox.
