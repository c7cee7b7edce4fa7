//! The table of the API, from which both the routes and the OpenAPI document are made.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post, put};
use serde_json::{Map, Value, json};

use super::app::{self, App};
use super::{changes, publish, reads};
use crate::protocol::PROBLEM_JSON;
use crate::protocol::requests::{DSSE_JSON, PACKAGE, STATEMENT_HEADER};

/// One operation of the API.
pub(super) struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    /// Actions of the statements that it accepts.
    statements: &'static [&'static str],
    /// Query parameters with their descriptions.
    query: &'static [(&'static str, &'static str)],
    answer: Answer,
    route: fn() -> MethodRouter<Arc<App>>,
}

/// What an operation answers.
#[derive(Clone, Copy)]
enum Answer {
    Published,
    Changed,
    Index,
    Bytes,
    Search,
    OpenApi,
}

/// Every operation below `/v1`.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "put",
        path: "/v1/packages/{id}/{version}",
        summary: "Publish a version. The same contents again are a success, other contents a conflict.",
        statements: &["publish"],
        query: &[],
        answer: Answer::Published,
        route: || put(publish::put),
    },
    Operation {
        method: "get",
        path: "/v1/packages/{id}",
        summary: "Read the index record of a package. Clients read the signed file `/index/{id}.json` instead.",
        statements: &[],
        query: &[],
        answer: Answer::Index,
        route: || get(reads::package),
    },
    Operation {
        method: "get",
        path: "/v1/packages/{id}/{version}/download",
        summary: "Download a version.",
        statements: &[],
        query: &[],
        answer: Answer::Bytes,
        route: || get(reads::download),
    },
    Operation {
        method: "post",
        path: "/v1/packages/{id}/owners",
        summary: "Add or remove an owner of a package.",
        statements: &["add-owner", "remove-owner"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::owners),
    },
    Operation {
        method: "post",
        path: "/v1/packages/{id}/transfer",
        summary: "Give a package to another owner, as an operator.",
        statements: &["transfer"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::transfer),
    },
    Operation {
        method: "post",
        path: "/v1/packages/{id}/approve",
        summary: "Approve an id that resembles another one, as an operator.",
        statements: &["approve-package"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::approve_package),
    },
    Operation {
        method: "post",
        path: "/v1/packages/{id}/{version}/yank",
        summary: "Hide a version from the resolution of requirements, or show it again.",
        statements: &["yank", "unyank"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::yank),
    },
    Operation {
        method: "post",
        path: "/v1/packages/{id}/{version}/takedown",
        summary: "Erase a version, as an operator.",
        statements: &["takedown"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::takedown),
    },
    Operation {
        method: "post",
        path: "/v1/publishers",
        summary: "Register a key, or replace the profile of a registered one.",
        statements: &["register"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::register),
    },
    Operation {
        method: "post",
        path: "/v1/publishers/{key}/erase-profile",
        summary: "Erase the name and addresses of a publisher, as an operator. `key` is the publisher's key as 64 hex digits.",
        statements: &["erase-profile"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::erase_profile),
    },
    Operation {
        method: "post",
        path: "/v1/publishers/{key}/rotate",
        summary: "Replace a key by another one in all that it owns. `key` is the old key as 64 hex digits.",
        statements: &["rotate"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::rotate),
    },
    Operation {
        method: "post",
        path: "/v1/publishers/{key}/revoke",
        summary: "Revoke a key, given as 64 hex digits.",
        statements: &["revoke"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::revoke),
    },
    Operation {
        method: "post",
        path: "/v1/publishers/{key}/delegate",
        summary: "Let a key, given as 64 hex digits, publish versions of some packages for a time.",
        statements: &["delegate"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::delegate),
    },
    Operation {
        method: "post",
        path: "/v1/publishers/{key}/approve",
        summary: "Approve a key that waits, given as 64 hex digits, as an operator.",
        statements: &["approve-key"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::approve_key),
    },
    Operation {
        method: "post",
        path: "/v1/domains",
        summary: "Claim a domain, whose proof the registry then looks for.",
        statements: &["claim-domain"],
        query: &[],
        answer: Answer::Changed,
        route: || post(changes::domain),
    },
    Operation {
        method: "get",
        path: "/v1/search",
        summary: "Search packages.",
        statements: &[],
        query: &[
            ("q", "Words to look for."),
            ("capability", "Only packages with this capability: `network`, `filesystem`, `env_vars`, `kv` or `none`."),
            ("verified", "`true`: only packages whose owner has proved to control the domain of the id."),
            ("key", "Only packages of this key, as 64 hex digits or Base64."),
            ("page", "Number of the page, from 1."),
        ],
        answer: Answer::Search,
        route: || get(reads::search),
    },
    Operation {
        method: "get",
        path: "/v1/openapi.json",
        summary: "Read this document.",
        statements: &[],
        query: &[],
        answer: Answer::OpenApi,
        route: || get(own),
    },
];

impl Operation {
    pub(super) fn path(&self) -> &'static str {
        self.path
    }

    pub(super) fn route(&self) -> MethodRouter<Arc<App>> {
        (self.route)()
    }
}

/// `GET /v1/openapi.json`.
async fn own(State(app): State<Arc<App>>) -> Response {
    app::json(StatusCode::OK, &document(&app.url))
}

/// Returns the OpenAPI document of a registry at an address.
pub(super) fn document(url: &str) -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let entry = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(methods) = entry.as_object_mut() {
            methods.insert(operation.method.to_owned(), described(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Registry of MPP packages",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Changes are signed statements in DSSE envelopes; there are no passwords and no tokens. Clients read the \
                            signed static files of the registry and verify them; this API adds the changes and the search.",
        },
        "servers": [{ "url": url }],
        "paths": paths,
        "components": { "schemas": schemas() },
    })
}

fn described(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    for (name, description) in operation.query {
        let schema = json!({ "type": "string" });
        parameters.push(json!({ "name": name, "in": "query", "description": description, "schema": schema }));
    }
    let is_upload = operation.method == "put";
    if is_upload {
        let description = "The signed statement: its DSSE envelope as URL-safe Base64 without padding.";
        let schema = json!({ "type": "string" });
        parameters.push(json!({
            "name": STATEMENT_HEADER, "in": "header", "required": true, "description": description, "schema": schema,
        }));
    }
    let problem = json!({
        "description": "The request is refused, for the reason in the document.",
        "content": { PROBLEM_JSON: { "schema": reference("Problem") } },
    });
    let mut described = json!({
        "summary": operation.summary,
        "parameters": parameters,
        "responses": { success(operation).0: success(operation).1, "4XX": problem, "5XX": problem },
    });
    let binary = json!({ "schema": { "type": "string", "format": "binary" } });
    let body = match (is_upload, operation.statements) {
        (true, _) => Some(json!({ PACKAGE: binary })),
        (false, []) => None,
        (false, _) => Some(json!({
            DSSE_JSON: { "schema": reference("Envelope") },
            "application/json": { "schema": reference("WithSide") },
        })),
    };
    if let Some(content) = body {
        described["requestBody"] = json!({ "required": true, "content": content });
        described["description"] = json!(format!("Actions of the statement: `{}`.", operation.statements.join("`, `")));
    }
    described
}

fn success(operation: &Operation) -> (&'static str, Value) {
    let json = |schema: &str| json!({ "application/json": { "schema": reference(schema) } });
    let (status, description, content) = match operation.answer {
        Answer::Published => {
            ("201", "The version is in the log and served. `200` for the same contents again.", json("Published"))
        }
        Answer::Changed => ("201", "The statement is in the log, and its effect is visible.", json("Changed")),
        Answer::Index => ("200", "The record.", json!({ "application/json": { "schema": { "type": "object" } } })),
        Answer::Bytes => {
            ("200", "The package.", json!({ PACKAGE: { "schema": { "type": "string", "format": "binary" } } }))
        }
        Answer::Search => ("200", "One page of results.", json("SearchPage")),
        Answer::OpenApi => ("200", "This document.", json!({ "application/json": { "schema": { "type": "object" } } })),
    };
    (status, json!({ "description": description, "content": content }))
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn schemas() -> Value {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    generator.subschema_for::<crate::protocol::Problem>();
    generator.subschema_for::<crate::protocol::requests::SearchPage>();
    generator.subschema_for::<crate::protocol::requests::Published>();
    generator.subschema_for::<crate::protocol::requests::Changed>();
    generator.subschema_for::<crate::protocol::requests::WithSide>();
    let mut schemas = generator.take_definitions(true);
    let signature = json!({
        "type": "object", "required": ["keyid", "sig"],
        "properties": { "keyid": { "type": "string" }, "sig": { "type": "string", "description": "Base64." } },
    });
    schemas.insert(
        "Envelope".to_owned(),
        json!({
            "type": "object",
            "description": "A DSSE envelope with exactly one signature.",
            "required": ["payload", "payloadType", "signatures"],
            "properties": {
                "payload": { "type": "string", "description": "Base64 of the statement." },
                "payloadType": { "const": crate::protocol::STATEMENT_TYPE },
                "signatures": { "type": "array", "minItems": 1, "maxItems": 1, "items": signature },
            },
        }),
    );
    Value::Object(schemas)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{OPERATIONS, document};
    use crate::protocol::Action;

    #[test]
    fn every_action_has_one_operation() {
        let accepted: Vec<&str> = OPERATIONS.iter().flat_map(|operation| operation.statements).copied().collect();
        assert_eq!(accepted.len(), Action::NAMES.len());
        assert_eq!(accepted.into_iter().collect::<BTreeSet<_>>(), Action::NAMES.iter().copied().collect());
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        let document = document("https://tools.example.com");
        let text = document.to_string();
        let references: BTreeSet<&str> = text.split("\"#/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(references.len() >= 6, "{references:?}");
        for reference in references {
            assert!(document.pointer(&format!("/{reference}")).is_some(), "{reference}");
        }
        assert_eq!(document["servers"][0]["url"], "https://tools.example.com");
        assert!(document["paths"]["/v1/packages/{id}/{version}"]["put"]["parameters"].as_array().is_some());
    }
}
