//! Packages for step 6 and for the capabilities of step 7, with contradictory signed data or invalid manifests.

use serde_json::{Value, json};

use super::{Mutation, PLAIN, WORDS, list, signed, stated, without};
use crate::keys::{KeyRole, SigningKey};
use crate::package::tamper::RawEntry;

pub(super) fn mutations() -> Vec<Mutation> {
    let mut mutations = contradictions();
    mutations.extend(manifests());
    mutations
}

fn contradictions() -> Vec<Mutation> {
    vec![
        signed("MPP-G602", "an invalid Deflate stream", |archive| archive.entry(WORDS).data.fill(0xff)),
        signed("MPP-G602", "a Deflate stream that is cut off", |archive| {
            let entry = archive.entry(WORDS);
            entry.data.pop();
            entry.both(|header| header.stored -= 1);
        }),
        signed("MPP-G602", "a byte after the Deflate stream", |archive| {
            let entry = archive.entry(WORDS);
            entry.data.push(0);
            entry.both(|header| header.stored += 1);
        }),
        signed("MPP-G602", "more content than the header states", |archive| {
            archive.entry(WORDS).both(|header| header.unpacked -= 1);
        }),
        signed("MPP-G602", "less content than the header states", |archive| {
            archive.entry(WORDS).both(|header| header.unpacked += 1);
        }),
        signed("MPP-G603", "a wrong CRC of a deflated entry", |archive| {
            archive.entry(WORDS).both(|header| header.crc ^= 1);
        }),
        signed("MPP-G603", "a wrong CRC of a stored entry", |archive| {
            archive.entry(PLAIN).both(|header| header.crc ^= 1);
        }),
        stated("MPP-G604", "another digest of a subject", |statement| {
            statement["subject"][1]["digest"]["sha256"] = "0".repeat(64).into();
        }),
        stated("MPP-G605", "a subject missing", |statement| {
            list(&mut statement["subject"], |subjects| drop(subjects.pop()));
        }),
        stated("MPP-G605", "a subject renamed", |statement| statement["subject"][1]["name"] = "other".into()),
        stated("MPP-G605", "another stored size", |statement| {
            statement["predicate"]["entries"][1]["stored_size"] = u32::MAX.into();
        }),
        Mutation::new("MPP-G606", "signed by another key than the manifest names", |kit| {
            let mut archive = kit.base.clone();
            archive.sign(&SigningKey::from_seed(&[9; 32], KeyRole::Publisher), |_| {});
            archive.to_bytes()
        }),
        Mutation::new("MPP-G606", "signed under the key's other role", |kit| {
            let other = match kit.key.role() {
                KeyRole::Development => KeyRole::Publisher,
                _ => KeyRole::Development,
            };
            let mut archive = kit.base.clone();
            archive.sign(&kit.key.clone().with_role(other), |_| {});
            archive.to_bytes()
        }),
        manifest("MPP-G606", "no key named", |manifest| {
            without(&mut manifest["publisher"], "verified_key_id");
        }),
        stated("MPP-G607", "another package id stated", |statement| {
            statement["predicate"]["package_id"] = "com.example.other".into();
        }),
        stated("MPP-G607", "another version stated", |statement| statement["predicate"]["version"] = "999.9.9".into()),
    ]
}

fn manifests() -> Vec<Mutation> {
    vec![
        text("MPP-G601", "a manifest that is not JSON", |_| "hello".to_owned()),
        text("MPP-G601", "two documents", |json| format!("{json}{json}")),
        text("MPP-G601", "a byte order mark", |json| format!("\u{feff}{json}")),
        text("MPP-G601", "JSON that is too deep", |json| {
            json.replacen("\"object\"", &format!("{}{}", "[".repeat(500), "]".repeat(500)), 1)
        }),
        text("MPP-G612", "an array", |_| "[]".to_owned()),
        text("MPP-G609", "a duplicate key", |json| json.replacen('{', "{\"name\":\"evil\",", 1)),
        text("MPP-G609", "a duplicate key deep inside", |json| {
            json.replacen("\"type\":\"object\"", "\"type\":\"array\",\"type\":\"object\"", 1)
        }),
        manifest("MPP-G610", "a misspelled field", |manifest| manifest["capabilites"] = json!({})),
        manifest("MPP-G610", "an unknown field in the runtime", |manifest| manifest["runtime"]["fuel"] = 1.into()),
        manifest("MPP-G610", "an unknown hint", |manifest| {
            manifest["tool_definitions"][0]["annotations"] = json!({ "readonlyHint": true });
        }),
        manifest("MPP-G611", "no version", |manifest| without(manifest, "version")),
        manifest("MPP-G612", "a number for a name", |manifest| manifest["name"] = 1.into()),
        manifest("MPP-G612", "null for a description", |manifest| manifest["description"] = Value::Null),
        manifest("MPP-G612", "another runtime", |manifest| manifest["runtime"]["type"] = "native".into()),
        manifest("MPP-G612", "another security level", |manifest| {
            manifest["tool_definitions"][0]["security_level"] = "extreme".into();
        }),
        manifest("MPP-G612", "half a megabyte", |manifest| manifest["runtime"]["memory_limit_mb"] = json!(0.5)),
        manifest("MPP-G613", "no memory", |manifest| manifest["runtime"]["memory_limit_mb"] = 0.into()),
        manifest("MPP-G613", "negative memory", |manifest| manifest["runtime"]["memory_limit_mb"] = json!(-1)),
        manifest("MPP-G613", "too much memory", |manifest| manifest["runtime"]["memory_limit_mb"] = 4097.into()),
        manifest("MPP-G613", "too much time", |manifest| manifest["runtime"]["timeout_ms"] = 600_001.into()),
        manifest("MPP-G613", "no tools", |manifest| manifest["tool_definitions"] = json!([])),
        manifest("MPP-G614", "a later format", |manifest| manifest["mpp_version"] = "1.1.0".into()),
        manifest("MPP-G614", "another format", |manifest| manifest["mpp_version"] = "2.0.0".into()),
        manifest("MPP-G615", "a format version that is not a version", |manifest| {
            manifest["mpp_version"] = "one".into()
        }),
        manifest("MPP-G615", "a package id of one label", |manifest| manifest["package_id"] = "sample".into()),
        manifest("MPP-G615", "a package id in capitals", |manifest| {
            manifest["package_id"] = "com.Example.sample".into()
        }),
        manifest("MPP-G615", "a name with a space", |manifest| manifest["name"] = "my tool".into()),
        manifest("MPP-G615", "a version of two numbers", |manifest| manifest["version"] = "1.0".into()),
        manifest("MPP-G615", "a script for an address", |manifest| {
            manifest["publisher"]["url"] = "javascript:alert(1)".into()
        }),
        manifest("MPP-G615", "an invalid key id", |manifest| manifest["publisher"]["verified_key_id"] = "pub_1".into()),
        manifest("MPP-G608", "an entry point that is missing", |manifest| {
            manifest["runtime"]["entrypoint"] = "bin/other.wasm".into()
        }),
        manifest("MPP-G608", "an entry point outside", |manifest| {
            manifest["runtime"]["entrypoint"] = "../main.wasm".into()
        }),
        manifest("MPP-G608", "the manifest as entry point", |manifest| {
            manifest["runtime"]["entrypoint"] = "manifest.json".into()
        }),
        manifest("MPP-G616", "a tool name with a dot", |manifest| {
            manifest["tool_definitions"][0]["name"] = "a.b".into()
        }),
        manifest("MPP-G616", "the same tool twice", |manifest| {
            let tool = manifest["tool_definitions"][0].clone();
            list(&mut manifest["tool_definitions"], |tools| tools.push(tool));
        }),
        manifest("MPP-G616", "a blank description", |manifest| {
            manifest["tool_definitions"][0]["description"] = " ".into()
        }),
        manifest("MPP-G616", "parameters that are not an object", |manifest| {
            manifest["tool_definitions"][0]["parameters"] = json!({ "type": "string" });
        }),
        manifest("MPP-G617", "an invalid regular expression", |manifest| {
            manifest["privacy_filters"] = json!({ "custom_patterns": [{ "id": "x", "regex": "(" }] });
        }),
        manifest("MPP-G617", "a regular expression that is a bomb", |manifest| {
            manifest["privacy_filters"] =
                json!({ "custom_patterns": [{ "id": "x", "regex": "((a{1000}){1000}){1000}" }] });
        }),
        manifest("MPP-G617", "an exemption that is not a pointer", |manifest| {
            manifest["privacy_filters"] = json!({ "exempt": [{ "pointer": "email", "reason": "public" }] });
        }),
        manifest("MPP-G617", "an exemption with a bad escape", |manifest| {
            manifest["privacy_filters"] = json!({ "exempt": [{ "pointer": "/a~2b", "reason": "public" }] });
        }),
        manifest("MPP-G617", "an exemption without a reason", |manifest| {
            manifest["privacy_filters"] = json!({ "exempt": [{ "pointer": "/email", "reason": " " }] });
        }),
    ]
}

pub(super) fn capabilities() -> Vec<Mutation> {
    let declared = |code, name, capabilities: Value| {
        manifest(code, name, move |manifest| manifest["capabilities"] = capabilities.clone())
    };
    let injected = |name, header: &str, value: &str| {
        let network = json!([{ "host": "api.example.com", "inject": { header: value } }]);
        declared("MPP-G704", name, json!({ "network": network, "env_vars": ["KEY"] }))
    };
    vec![
        declared("MPP-G701", "an IP address as a host", json!({ "network": ["https://api.example.com"] })),
        declared("MPP-G701", "a decimal IP address", json!({ "network": ["2130706433"] })),
        declared("MPP-G701", "a whole public suffix", json!({ "network": ["*.co.uk"] })),
        declared(
            "MPP-G701",
            "a user in a host",
            json!({ "network": [{ "host": "a@b.example", "inject": { "x": "y" } }] }),
        ),
        declared("MPP-G701", "a host twice", json!({ "network": ["a.example", "a.example"] })),
        declared("MPP-G702", "a path with `..`", json!({ "filesystem": { "read": ["/data/../etc"] } })),
        declared("MPP-G702", "a home directory", json!({ "filesystem": { "write": ["~/notes"] } })),
        declared("MPP-G702", "a path twice", json!({ "filesystem": { "read": ["/data", "/data"] } })),
        declared("MPP-G702", "a NUL in a path", json!({ "filesystem": { "read": ["/data\0"] } })),
        declared("MPP-G703", "a variable with a hyphen", json!({ "env_vars": ["API-KEY"] })),
        declared("MPP-G703", "a variable with an equals sign", json!({ "env_vars": ["A=B"] })),
        declared("MPP-G703", "a variable that is reserved for the host", json!({ "env_vars": ["MPP_HOME"] })),
        declared("MPP-G703", "a variable twice", json!({ "env_vars": ["A", "A"] })),
        injected("a line break in a header", "authorization", "a\r\nb: c"),
        injected("a header that frames the message", "Content-Length", "1"),
        injected("a proxy's header", "proxy-authorization", "x"),
        injected("a header with a space", "x y", "z"),
        injected("an undeclared variable", "authorization", "Bearer ${OTHER}"),
        injected("an open placeholder", "authorization", "Bearer ${KEY"),
        declared("MPP-G613", "no state at all", json!({ "kv": { "max_bytes": 0 } })),
        declared("MPP-G612", "everything", json!({ "network": "*" })),
    ]
}

/// Returns a mutation that changes the manifest; the publisher signs the result.
fn manifest(code: &'static str, name: &'static str, change: impl Fn(&mut Value) + 'static) -> Mutation {
    text(code, name, move |json| {
        let mut manifest: Value = serde_json::from_str(&json).unwrap_or_default();
        change(&mut manifest);
        manifest.to_string()
    })
}

/// Returns a mutation that replaces the text of the manifest; the publisher signs the result.
fn text(code: &'static str, name: &'static str, change: impl Fn(String) -> String + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        let manifest = kit.manifest();
        archive.entries[0] = RawEntry::stored("manifest.json", change(manifest.to_string()).as_bytes());
        // The statement keeps the identity of the valid package, whatever the new manifest says.
        archive.sign(&kit.key, |statement| {
            statement["predicate"]["package_id"] = manifest["package_id"].clone();
            statement["predicate"]["version"] = manifest["version"].clone();
        });
        archive.to_bytes()
    })
}
