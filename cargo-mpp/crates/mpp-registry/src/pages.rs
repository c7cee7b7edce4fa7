//! The pages of a registry for people.
