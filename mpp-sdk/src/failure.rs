//! `Failure`: a JSON-RPC error on its way to the host, with `data` as JSON text.
//!
//! [`RpcError`](crate::wire::RpcError) holds a tree of JSON values. The code that writes such a tree, with its maps and the
//! tables for printing floating-point numbers, would add sixteen kilobytes to a module.

use crate::wire::{ErrorKind, Mistake};

/// A failed request.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: ErrorKind,
    message: String,
    /// The object `data`, without the closing brace.
    data: Vec<u8>,
}

impl Failure {
    /// Creates a failure of this kind.
    #[inline(never)]
    pub(crate) fn new(kind: ErrorKind, message: String) -> Self {
        let failure = Self { kind, message, data: vec![b'{'] };
        failure.with("kind", kind.as_str())
    }

    /// Creates an `invalid_arguments` failure, as [`RpcError::invalid_arguments`](crate::wire::RpcError::invalid_arguments)
    /// does.
    pub(crate) fn invalid_arguments(tool: &str, mistakes: &[Mistake]) -> Self {
        let mut list = vec![b'['];
        for mistake in mistakes {
            if list.len() > 1 {
                list.push(b',');
            }
            list.push(b'{');
            push_member(&mut list, "pointer", &mistake.pointer);
            push_member(&mut list, "message", &mistake.message);
            if let Some(nearest) = &mistake.nearest {
                push_member(&mut list, "nearest", nearest);
            }
            list.push(b'}');
        }
        list.push(b']');
        let pointer = mistakes.first().map_or("", |mistake| mistake.pointer.as_str());
        Self::new(ErrorKind::InvalidArguments, Mistake::sentence(tool, mistakes))
            .with("tool", tool)
            .with("pointer", pointer)
            .with_json("mistakes", &list)
    }

    /// Adds a string to `data`.
    #[inline(never)]
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        push_member(&mut self.data, key, value);
        self
    }

    /// Adds JSON text to `data`.
    #[inline(never)]
    pub(crate) fn with_json(mut self, key: &str, json: &[u8]) -> Self {
        push_key(&mut self.data, key);
        self.data.extend_from_slice(json);
        self
    }

    /// Returns the message.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Appends the error object.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"code\":");
        out.extend_from_slice(self.kind.code().to_string().as_bytes());
        push_member(out, "message", &self.message);
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(&self.data);
        out.extend_from_slice(b"}}");
    }
}

fn push_member(out: &mut Vec<u8>, key: &str, value: &str) {
    push_key(out, key);
    push_string(out, value);
}

fn push_key(out: &mut Vec<u8>, key: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    push_string(out, key);
    out.push(b':');
}

/// Appends a JSON string.
#[inline(never)]
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}
