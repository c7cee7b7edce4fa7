//! The manifest: default values, and the agreement of the schema with the parser.

use mpp_host::package::Manifest;
use mpp_host::package::manifest::RuntimeKind;
use serde_json::{Value, json};

use crate::sample;

fn parse(manifest: &Value) -> Result<Manifest, mpp_host::package::ManifestError> {
    Manifest::parse(manifest.to_string().as_bytes())
}

/// A manifest with every field.
fn full() -> Value {
    let mut manifest = sample::manifest_json();
    manifest["publisher"] =
        json!({ "name": "Example", "url": "https://example.com", "verified_key_id": "pub_a1b2c3d4e5f67890" });
    manifest["license"] = "MIT OR Apache-2.0".into();
    manifest["runtime"] = json!({
        "type": "wasm32-wasip1", "entrypoint": "bin/main.wasm", "memory_limit_mb": 4096, "timeout_ms": 600_000, "max_output_bytes": 1
    });
    manifest["capabilities"] = json!({
        "network": ["api.example.com", { "host": "http://*.example.com:8080", "inject": { "Authorization": "Bearer ${API_KEY}" } }],
        "filesystem": { "read": ["/data", "notes/today.txt", "."], "write": ["/"] },
        "env_vars": ["API_KEY", "_x"],
        "kv": { "max_bytes": 1_048_576 }
    });
    manifest["tool_definitions"][0]["title"] = "Echo".into();
    manifest["tool_definitions"][0]["returns"] = json!({ "type": "string" });
    manifest["tool_definitions"][0]["security_level"] = "critical".into();
    manifest["tool_definitions"][0]["annotations"] =
        json!({ "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false });
    manifest["privacy_filters"] = json!({
        "enabled": true,
        "patterns": ["email", "iban"],
        "custom_patterns": [{ "id": "customer_id", "regex": "CUST-\\d{8}", "description": "Customer" }],
        "exempt": [{ "pointer": "/items/*/mail~1box", "reason": "public addresses" }, { "pointer": "", "reason": "all of it" }]
    });
    manifest
}

#[test]
fn missing_fields_have_the_documented_defaults() {
    let manifest = sample::manifest();
    assert_eq!(manifest.runtime.kind, RuntimeKind::Wasip1);
    assert_eq!((manifest.runtime.memory_limit_mb, manifest.runtime.timeout_ms), (64, 30_000));
    assert_eq!(manifest.runtime.max_output_bytes, 8 << 20);
    assert!(manifest.privacy_filters.enabled);
    assert_eq!(manifest.privacy_filters.patterns, ["email", "phone", "credit_card"]);
    assert_eq!(manifest.capabilities, Default::default());
    let schema = Manifest::json_schema();
    let runtime = &schema["properties"]["runtime"]["properties"];
    assert_eq!(runtime["memory_limit_mb"]["default"], 64);
    assert_eq!(runtime["timeout_ms"]["default"], 30_000);
    assert_eq!(runtime["max_output_bytes"]["default"], 8 << 20);
    let patterns = &schema["properties"]["privacy_filters"]["properties"]["patterns"]["default"];
    assert_eq!(*patterns, json!(manifest.privacy_filters.patterns));
}

#[test]
fn the_schema_lists_the_built_in_patterns() {
    let schema = Manifest::json_schema();
    let listed = &schema["properties"]["privacy_filters"]["properties"]["patterns"]["items"]["enum"];
    let mut known = vec!["*"];
    known.extend(mpp_host::privacy::builtin_patterns());
    let mut listed: Vec<&str> = listed.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    known.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, known);
}

#[test]
fn a_full_manifest_round_trips() {
    let manifest = parse(&full()).unwrap();
    let json = manifest.to_json();
    assert_eq!(Manifest::parse(&json).unwrap(), manifest);
    assert!(json.ends_with(b"}\n"));
    assert_eq!(Manifest::parse(&json).unwrap().to_json(), json);
}

#[test]
fn a_misspelled_field_is_reported_with_the_nearest_name() {
    let mut manifest = full();
    // The first one in the file is reported.
    manifest["capabilities"]["env_var"] = json!([]);
    manifest["capabilities"]["enviroment"] = json!([]);
    let error = parse(&manifest).unwrap_err();
    assert_eq!(error.pointer, "/capabilities/env_var");
    assert_eq!(error.message, "unknown field `env_var`; did you mean `env_vars`?");
    assert!(error.help.contains("`filesystem`"), "{}", error.help);
}

#[test]
fn errors_contain_the_pointer() {
    let mut manifest = full();
    manifest["tool_definitions"][0]["security_level"] = "hihg".into();
    let error = parse(&manifest).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown value `hihg`; did you mean `high`? (at `/tool_definitions/0/security_level`)"
    );
    let mut manifest = full();
    manifest["runtime"]["timeout_ms"] = json!(-5);
    let error = parse(&manifest).unwrap_err();
    assert_eq!(error.to_string(), "found -5, expected 1 to 600000 (at `/runtime/timeout_ms`)");
}

#[test]
fn the_schema_accepts_what_the_parser_accepts() {
    let schema = jsonschema::validator_for(&Manifest::json_schema()).unwrap();
    for manifest in [sample::manifest_json(), full()] {
        parse(&manifest).unwrap();
        let errors: Vec<String> = schema.iter_errors(&manifest).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let written: Value = serde_json::from_slice(&parse(&manifest).unwrap().to_json()).unwrap();
        assert!(schema.is_valid(&written));
    }
}

#[test]
fn the_schema_and_the_parser_refuse_the_same() {
    let schema = jsonschema::validator_for(&Manifest::json_schema()).unwrap();
    let changes: &[fn(&mut Value)] = &[
        |manifest| manifest["extra"] = 1.into(),
        |manifest| manifest["mpp_version"] = "1.1.0".into(),
        |manifest| manifest["mpp_version"] = "1.0".into(),
        |manifest| manifest["package_id"] = "one".into(),
        |manifest| manifest["package_id"] = "a.b.c.d.e.f.g.h.i.j.k".into(),
        |manifest| manifest["package_id"] = "com.-x".into(),
        |manifest| manifest["version"] = "1.0".into(),
        |manifest| manifest["version"] = "01.0.0".into(),
        |manifest| manifest["name"] = "-x".into(),
        |manifest| manifest["name"] = "x".repeat(65).into(),
        |manifest| manifest["description"] = "".into(),
        |manifest| manifest["publisher"]["verified_key_id"] = "pub_1".into(),
        |manifest| manifest["publisher"]["url"] = "ftp://example.com".into(),
        |manifest| manifest["runtime"]["entrypoint"] = "/bin/main.wasm".into(),
        |manifest| manifest["runtime"]["entrypoint"] = "a/../b".into(),
        |manifest| manifest["runtime"]["timeout_ms"] = 0.into(),
        |manifest| manifest["capabilities"]["env_vars"] = json!(["1A"]),
        |manifest| manifest["capabilities"]["kv"] = json!({}),
        |manifest| manifest["capabilities"]["network"] = json!([1]),
        |manifest| manifest["capabilities"]["network"] = json!([{ "host": "a.example" }]),
        |manifest| manifest["tool_definitions"] = json!([]),
        |manifest| manifest["tool_definitions"][0]["name"] = "a b".into(),
        |manifest| manifest["tool_definitions"][0]["annotations"] = json!({ "x": true }),
        |manifest| manifest["privacy_filters"]["patterns"] = json!(["emial"]),
        |manifest| manifest["privacy_filters"]["exempt"] = json!([{ "pointer": "x", "reason": "y" }]),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut manifest = full();
        change(&mut manifest);
        assert!(parse(&manifest).is_err(), "the parser accepts change {index}: {manifest}");
        assert!(!schema.is_valid(&manifest), "the schema accepts change {index}: {manifest}");
    }
}
