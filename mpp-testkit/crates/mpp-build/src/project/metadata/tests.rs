//! Reads tables, and refuses wrong ones.

use std::path::Path;

use serde_json::{Value, json};

use super::Metadata;

fn read(table: Value) -> Result<Metadata, super::KeyError> {
    Metadata::read(&json!({ "mpp": table }), Path::new("/project"))
}

#[test]
fn reads_every_key() {
    let metadata = read(json!({
        "package_id": "com.example.contacts", "name": "contacts",
        "publisher": {"name": "Example", "url": "https://example.com", "key_id": "pub_a1b2c3d4e5f67890"},
        "runtime": {"memory_limit_mb": 32}, "capabilities": {"filesystem": {"read": ["/contacts"]}},
        "privacy_filters": {"patterns": ["email"]}, "assets": ["data"], "bin": "contacts", "features": ["big"],
        "dev": {"dirs": {"/contacts": "sample", "/abs": "/elsewhere"}, "env": {"A": "b"}}
    }))
    .expect("valid");
    assert_eq!(metadata.package_id.as_deref(), Some("com.example.contacts"));
    assert_eq!(metadata.publisher_key_id.as_deref(), Some("pub_a1b2c3d4e5f67890"));
    assert_eq!(metadata.dev.dirs["/contacts"], Path::new("/project/sample"));
    assert_eq!(metadata.dev.dirs["/abs"], Path::new("/elsewhere"));
    assert_eq!(metadata.features, ["big"]);
    assert_eq!(metadata.runtime["memory_limit_mb"], 32);
}

#[test]
fn a_missing_table_equals_an_empty_one() {
    assert_eq!(Metadata::read(&Value::Null, Path::new("/")).expect("none"), Metadata::default());
}

#[test]
fn refuses_unknown_keys() {
    for (table, message, line) in [
        (
            json!({"capabilitys": {}}),
            "unknown key `package.metadata.mpp.capabilitys`; did you mean `capabilities`?",
            Some("capabilities = {}"),
        ),
        (
            json!({"publisher": {"keyid": "x"}}),
            "unknown key `package.metadata.mpp.publisher.keyid`; did you mean `key_id`?",
            Some("key_id = \"x\""),
        ),
        (
            json!({"dev": {"dir": {}}}),
            "unknown key `package.metadata.mpp.dev.dir`; did you mean `dirs`?",
            Some("dirs = { \"/data\" = \"sample\" }"),
        ),
        (
            json!({"timeout_ms": 5000}),
            "unknown key `package.metadata.mpp.timeout_ms`; `timeout_ms` is a key of `runtime`",
            Some("runtime = { timeout_ms = 5000 }"),
        ),
        (
            json!({"timeout_ms": 5000, "runtime": {}}),
            "unknown key `package.metadata.mpp.timeout_ms`; `timeout_ms` is a key of `runtime`",
            None,
        ),
        (
            json!({"capabilities": {"filesystem": {"reed": ["/data"]}}}),
            "unknown key `package.metadata.mpp.capabilities.filesystem.reed`; did you mean `read`?",
            Some("read = [\"/data\"]"),
        ),
        (
            json!({"privacy_filters": {"custom_patterns": [{"id": "a", "regexp": "x"}]}}),
            "unknown key `package.metadata.mpp.privacy_filters.custom_patterns[0].regexp`; did you mean `regex`?",
            Some("regex = \"x\""),
        ),
        (
            json!({"capabilities": {"network": [{"host": "b.example", "injects": {"a": "b"}}]}}),
            "unknown key `package.metadata.mpp.capabilities.network[0].injects`; did you mean `inject`?",
            Some("inject = { a = \"b\" }"),
        ),
    ] {
        let error = read(table).expect_err(message);
        assert_eq!(error.to_string(), message);
        assert_eq!(error.line.as_deref(), line, "{message}");
    }
}

#[test]
fn shows_the_right_form_of_a_value_of_the_wrong_type() {
    for (table, message, line) in [
        (
            json!({"capabilities": {"network": "api.example.com"}}),
            "`package.metadata.mpp.capabilities.network`: expected a list of strings and tables, found `\"api.example.com\"`",
            "network = [\"api.example.com\"]",
        ),
        (
            json!({"capabilities": {"network": {"host": "a.example", "inject": {"x": "y"}}}}),
            "`package.metadata.mpp.capabilities.network`: expected a list of",
            "network = [{ host = \"a.example\", inject = { x = \"y\" } }]",
        ),
        (
            json!({"capabilities": {"network": [7]}}),
            "`package.metadata.mpp.capabilities.network[0]`: expected a string, or a table with `host`, `inject`, found `7`",
            "network = [\"api.example.com\"]",
        ),
        (
            json!({"capabilities": {"network": [{"host": "a.example"}]}}),
            "`package.metadata.mpp.capabilities.network[0]` has no `inject`",
            "network = [\"a.example\"]",
        ),
        (
            json!({"capabilities": {"filesystem": ["/data"]}}),
            "`package.metadata.mpp.capabilities.filesystem`: expected a table with `read`, `write`, found `[\"/data\"]`",
            "filesystem = { read = [\"/data\"] }",
        ),
        (
            json!({"capabilities": {"filesystem": {"write": "/data"}}}),
            "`package.metadata.mpp.capabilities.filesystem.write`: expected a list of strings",
            "write = [\"/data\"]",
        ),
        (
            json!({"capabilities": {"kv": true}}),
            "`package.metadata.mpp.capabilities.kv`: expected a table with `max_bytes`, found `true`",
            "kv = { max_bytes = 1048576 }",
        ),
        (
            json!({"capabilities": {"kv": {}}}),
            "`package.metadata.mpp.capabilities.kv` has no `max_bytes`",
            "kv = { max_bytes = 1048576 }",
        ),
        (
            json!({"capabilities": {"kv": {"max_bytes": "1MB"}}}),
            "`package.metadata.mpp.capabilities.kv.max_bytes`: expected a whole number, found `\"1MB\"`",
            "max_bytes = 1000000",
        ),
        (
            json!({"capabilities": {"kv": "64 KiB"}}),
            "`package.metadata.mpp.capabilities.kv`: expected a table",
            "kv = { max_bytes = 65536 }",
        ),
        (
            json!({"capabilities": {"env_vars": "KEY"}}),
            "`package.metadata.mpp.capabilities.env_vars`: expected a list of strings, found `\"KEY\"`",
            "env_vars = [\"KEY\"]",
        ),
        (
            json!({"capabilities": {"env_vars": {"KEY": "x"}}}),
            "`package.metadata.mpp.capabilities.env_vars`: expected a list of strings",
            "env_vars = [\"KEY\"]",
        ),
        (
            json!({"capabilities": ["network"]}),
            "`package.metadata.mpp.capabilities`: expected a table with",
            "capabilities = { network = [\"network\"] }",
        ),
        (
            json!({"runtime": {"timeout_ms": "30s"}}),
            "`package.metadata.mpp.runtime.timeout_ms`: expected a whole number, found `\"30s\"`",
            "timeout_ms = 30000",
        ),
        (
            json!({"runtime": {"memory_limit_mb": "64MB"}}),
            "`package.metadata.mpp.runtime.memory_limit_mb`: expected a whole number",
            "memory_limit_mb = 64",
        ),
        (
            json!({"runtime": {"timeout_ms": 2.5}}),
            "`package.metadata.mpp.runtime.timeout_ms`: expected a whole number, found `2.5`",
            "timeout_ms = 30000",
        ),
        (
            json!({"runtime": {"max_output_bytes": -1}}),
            "`package.metadata.mpp.runtime.max_output_bytes`: expected a whole number, found `-1`",
            "max_output_bytes = 8388608",
        ),
        (
            json!({"runtime": "fast"}),
            "`package.metadata.mpp.runtime`: expected a table with",
            "runtime = { timeout_ms = 30000 }",
        ),
        (
            json!({"privacy_filters": false}),
            "`package.metadata.mpp.privacy_filters`: expected a table with",
            "privacy_filters = { enabled = false }",
        ),
        (
            json!({"privacy_filters": ["email"]}),
            "`package.metadata.mpp.privacy_filters`: expected a table with",
            "privacy_filters = { patterns = [\"email\"] }",
        ),
        (
            json!({"privacy_filters": {"exempt": ["/id"]}}),
            "`package.metadata.mpp.privacy_filters.exempt[0]`: expected a table with `pointer`, `reason`, found `\"/id\"`",
            "exempt = [{ pointer = \"/id\", reason = \"ids of public records\" }]",
        ),
        (
            json!({"privacy_filters": {"custom_patterns": [{"regex": "x"}]}}),
            "`package.metadata.mpp.privacy_filters.custom_patterns[0]` has no `id`",
            "custom_patterns = [{ id = \"customer_id\", regex = \"x\" }]",
        ),
        (
            json!({"publisher": "Ada"}),
            "`package.metadata.mpp.publisher`: expected a table with `name`, `url`, `key_id`, found `\"Ada\"`",
            "publisher = { name = \"Ada\" }",
        ),
        (
            json!({"assets": "data"}),
            "`package.metadata.mpp.assets`: expected a list of strings, found `\"data\"`",
            "assets = [\"data\"]",
        ),
        (
            json!({"features": [1]}),
            "`package.metadata.mpp.features[0]`: expected a string, found `1`",
            "features = [\"extra\"]",
        ),
        (json!({"bin": ["a"]}), "`package.metadata.mpp.bin`: expected a string, found `[\"a\"]`", "bin = \"a\""),
        (
            json!({"dev": {"dirs": ["/data=sample"]}}),
            "`package.metadata.mpp.dev.dirs`: expected a table of strings",
            "dirs = { \"/data\" = \"sample\" }",
        ),
        (
            json!({"dev": {"dirs": {"/data": 1}}}),
            "`package.metadata.mpp.dev.dirs.\"/data\"`: expected a string, found `1`",
            "\"/data\" = \"1\"",
        ),
        (json!([]), "`package.metadata.mpp`: expected a table with", "mpp = {"),
    ] {
        let error = read(table.clone()).expect_err(message);
        assert!(error.message.starts_with(message), "{error}\n{message}");
        let proposed = error.line.as_deref().expect("a line");
        assert!(proposed.starts_with(line), "{table}: {proposed}");
        assert!(error.help.contains(proposed), "{}", error.help);
    }
}

#[test]
fn the_size_of_the_stack_is_no_part_of_the_manifest() {
    let metadata = read(json!({"runtime": {"stack_bytes": 2_097_152, "timeout_ms": 5}})).expect("valid");
    assert_eq!(metadata.stack_bytes, Some(2_097_152));
    assert!(!metadata.runtime.contains_key("stack_bytes"));
    for (bytes, line) in
        [(100_u64, "stack_bytes = 65536"), (1_000_001, "stack_bytes = 1000016"), (1 << 40, "stack_bytes = 66060288")]
    {
        let error = read(json!({"runtime": {"stack_bytes": bytes}})).expect_err("refused");
        assert_eq!(error.line.as_deref(), Some(line), "{error}");
    }
}
