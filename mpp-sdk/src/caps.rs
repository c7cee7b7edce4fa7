//! What a tool may ask of its host, where its manifest declares it.

pub mod http;
pub mod kv;
