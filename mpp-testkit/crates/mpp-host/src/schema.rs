//! JSON Schemas of types that are serialized as text, and of the wire types that reports contain.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
#[cfg(feature = "sandbox")]
use serde_json::{Map, Value};

use crate::keys::{KeyId, PublicKey};
use crate::package::ContentHash;

impl JsonSchema for KeyId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "KeyId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(pub|dev)_[0-9a-f]{16}$" })
    }
}

impl JsonSchema for ContentHash {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ContentHash".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" })
    }
}

impl JsonSchema for PublicKey {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PublicKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$" })
    }
}

/// How much harm a call can do, in the author's judgement.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum SecurityLevel {
    /// The tool reads nothing private and changes nothing.
    Low,
    /// The tool reads private data.
    Medium,
    /// The tool changes data.
    High,
    /// The tool does something that cannot be undone, or moves money.
    Critical,
}

/// An error object of JSON-RPC.
#[cfg(feature = "sandbox")]
#[derive(Serialize, JsonSchema)]
pub(crate) struct RpcError {
    /// The JSON-RPC error code, which belongs to the kind.
    code: i64,
    /// What happened and what to do next, in a sentence.
    message: String,
    /// `kind`, and details of the failure.
    #[serde(skip_serializing_if = "Map::is_empty")]
    data: Map<String, Value>,
}
