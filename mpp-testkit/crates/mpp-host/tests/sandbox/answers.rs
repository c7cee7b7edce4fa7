//! Requests and responses: arguments and results are validated, and every output is filtered.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mpp_host::clock::Clock;
use mpp_host::sandbox::Randomness;
use mpp_sdk::wire::{Content, ErrorKind};
use serde_json::{Value, json};

use crate::fixture::{Run, answers, assert_fails, content, echoes, failure, host, module, result, sample, writes};

#[test]
fn the_tool_receives_the_request_on_one_line_with_every_digit() {
    let tool = sample(echoes()).runnable(&host());
    let output = tool.call("run", "{\n \"n\": 12345678901234567890.10,\r\n \"s\": \"a\\nb\" }");
    let text = output.outcome().unwrap().structured.as_ref().unwrap().get().to_owned();
    assert!(text.contains("12345678901234567890.10"), "{text}");
    let request: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(request["method"], "tools/call");
    assert_eq!(request["id"], 1);
    assert_eq!(request["params"]["name"], "run");
    assert_eq!(request["params"]["arguments"]["s"], "a\nb");
}

#[test]
fn results_keep_every_digit_and_the_order_of_their_keys() {
    let json = "{\"z\":0.10000000000000000001,\"a\":[1e300,-0,100000000000000000000000]}";
    let output = sample(answers(json)).call();
    assert_eq!(output.outcome().unwrap().structured.as_ref().unwrap().get(), json);
}

#[test]
fn an_unknown_tool_is_reported_with_the_nearest_name() {
    let tool = sample(answers("1")).runnable(&host());
    let output = tool.call("rum", "{}");
    assert_fails(&output, ErrorKind::UnknownTool, &["`rum`", "did you mean `run`?"]);
    assert_eq!(failure(&output).1.data["nearest"], json!("run"));
}

#[test]
fn arguments_are_checked_before_the_tool_runs() {
    let schema = json!({
        "type": "object",
        "properties": { "query": { "type": "string" }, "limit": { "type": "integer" } },
        "required": ["query"],
        "additionalProperties": false,
    });
    // The module would crash if it ran.
    let package = sample(module("", "unreachable")).set("/tool_definitions/0/parameters", schema);
    let tool = package.runnable(&host());
    for (arguments, words) in [
        ("", ["not JSON", "fit `run`"]),
        ("{", ["not JSON", "fit `run`"]),
        ("{} {}", ["not JSON", "fit `run`"]),
        ("[]", ["expected an object", "found an array"]),
        ("null", ["expected an object", "found null"]),
        ("{\"query\":\"a\",\"query\":\"b\"}", ["`/query`", "is given twice"]),
        ("{}", ["`/query`", "is missing"]),
        ("{\"query\":1}", ["`/query`", "expected a string, found a number"]),
        ("{\"qurey\":\"a\"}", ["`/qurey`", "did you mean `query`?"]),
        ("{\"query\":\"a\",\"limit\":1.5}", ["`/limit`", "expected an integer"]),
    ] {
        let output = tool.call("run", arguments);
        assert_fails(&output, ErrorKind::InvalidArguments, &words);
        assert_eq!(output.report().memory_peak, 0);
    }
    let both = tool.call("run", "{\"qurey\":\"a\",\"limit\":\"b\"}");
    assert_eq!(failure(&both).1.data["mistakes"].as_array().unwrap().len(), 3);
}

#[test]
fn a_result_that_does_not_match_its_schema_is_invalid() {
    let promise = json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
    let package = |json: &str| sample(answers(json)).set("/tool_definitions/0/returns", promise.clone());
    assert_eq!(content(&package("{\"name\":\"Ada\"}").call()), json!({ "name": "Ada" }));
    assert_fails(
        &package("{\"name\":7}").call(),
        ErrorKind::InvalidResponse,
        &["`/name`: expected a string, found a number"],
    );
    assert_fails(&package("{}").call(), ErrorKind::InvalidResponse, &["`/name`: is missing"]);
    let text = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"Ada\"}]}}";
    let text = sample(writes(text.as_bytes())).set("/tool_definitions/0/returns", promise.clone());
    assert_fails(&text.call(), ErrorKind::InvalidResponse, &["requires `structuredContent`"]);
}

#[test]
fn null_is_a_result() {
    assert_eq!(content(&sample(answers("null")).call()), Value::Null);
}

#[test]
fn every_output_is_filtered() {
    let item = |text: &str| format!("{{\"type\":\"text\",\"text\":\"{text}\"}}");
    let svg = "PHN2Zz5hZGFAcG9zdC5leGFtcGxlPC9zdmc+"; // <svg>ada@post.example</svg>
    let response = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"structuredContent\":{{\"mail\":\"ada@post.example\"}},\"content\":[{},\
         {{\"type\":\"image\",\"data\":\"{svg}\",\"mimeType\":\"image/svg+xml\"}},\
         {{\"type\":\"image\",\"data\":\"AAAA\",\"mimeType\":\"image/png\"}},\
         {{\"type\":\"resource\",\"resource\":{{\"uri\":\"mailto:ada@post.example\",\"text\":\"x\"}}}}]}}}}\n",
        item("write to ada@post.example")
    );
    let more = "(data (i32.const 9000) \"log: ada@post.example\")";
    let data: String = response.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let more = format!("{more} (data (i32.const 4096) \"{data}\")");
    let body = format!(
        "(call $err (i32.const 9000) (i32.const 21)) (call $out (i32.const 4096) (i32.const {}))",
        response.len()
    );
    let output = sample(module(&more, &body)).call();
    let json = output.json();
    assert!(!json.contains("ada@"), "{json}");
    assert_eq!(content(&output), json!({ "mail": "[REDACTED:email]" }));
    let items = &output.outcome().unwrap().content;
    assert_eq!(items[0], Content::text("write to [REDACTED:email]"));
    let Content::Image(image) = &items[1] else { panic!("{items:?}") };
    assert_eq!(image.data, "PHN2Zz5bUkVEQUNURUQ6ZW1haWxdPC9zdmc+");
    assert_eq!(output.log(), "log: [REDACTED:email]");
    let report = output.report();
    assert_eq!(report.redactions.counts["email"], 4);
    assert_eq!(report.log_redactions.counts["email"], 1);
    assert_eq!(report.unfiltered_media.len(), 1);
    assert_eq!(
        (report.unfiltered_media[0].pointer.as_str(), report.unfiltered_media[0].mime_type.as_str()),
        ("/content/2", "image/png")
    );
    assert!(!serde_json::to_string(&output).unwrap().contains("ada@"));
}

#[test]
fn every_member_of_an_item_is_filtered_and_kept() {
    let mail = "ada@post.example";
    let annotations = json!({ "audience": ["user", mail], "priority": 0.5, "lastModified": "2026-01-12T15:00:58Z",
        "x-note": mail });
    let written = json!([
        { "type": "resource_link", "uri": format!("mailto:{mail}"), "name": "a", "title": mail,
          "description": mail, "mimeType": "text/csv", "size": 2048, "annotations": annotations, "_meta": { mail: [mail] },
          "icons": [{ "src": "https://a.example/i.png", "sizes": ["48x48"], "x": mail }], "x-owner": { "mail": mail } },
        { "type": "video", "uri": format!("mailto:{mail}"), "data": "AAAA", "mimeType": "video/mp4",
          "annotations": annotations, "frames": 25 },
        { "type": "note", "data": "YWRhQHBvc3QuZXhhbXBsZQ==", "mimeType": "text/plain", "_meta": { "k": 1 } },
        { "type": "resource", "_meta": { "k": mail },
          "resource": { "uri": "file:///a", "mimeType": "application/zip", "blob": "AAAA", "_meta": { "k": mail }, "x": mail } },
    ]);
    let result = json!({ "content": written, "_meta": { "trace": mail } });
    let response = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{result}}}\n");
    let output = sample(writes(response.as_bytes())).call();
    let expected = written.to_string().replace(mail, "[REDACTED:email]");
    let expected = expected.replace("YWRhQHBvc3QuZXhhbXBsZQ==", "W1JFREFDVEVEOmVtYWlsXQ==");
    let found: Value = serde_json::from_str(&output.json()).unwrap();
    assert_eq!(found["content"], serde_json::from_str::<Value>(&expected).unwrap());
    assert_eq!(found["_meta"], json!({ "trace": "[REDACTED:email]" }));
    assert_eq!(output.report().redactions.counts["email"], 17);
    let unfiltered: Vec<_> = output
        .report()
        .unfiltered_media
        .iter()
        .map(|media| (media.pointer.as_str(), media.mime_type.as_str()))
        .collect();
    assert_eq!(unfiltered, [("/content/1", "video/mp4"), ("/content/3/resource", "application/zip")]);
}

#[test]
fn a_number_that_matches_a_pattern_is_removed_from_an_item() {
    let item = json!({ "type": "resource_link", "uri": "file:///a", "name": "a", "size": 4_111_111_111_111_111_u64 });
    let response = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"content\":[{item}]}}}}\n");
    let output = sample(writes(response.as_bytes())).call();
    let Content::ResourceLink(link) = &output.outcome().unwrap().content[0] else { panic!("{output:?}") };
    assert_eq!(link.size, None);
    assert_eq!(output.report().redactions.counts["credit_card"], 1);
}

#[test]
fn a_malformed_item_is_an_invalid_response() {
    let response = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\"}]}}";
    assert_fails(&sample(writes(response.as_bytes())).call(), ErrorKind::InvalidResponse, &["missing field `text`"]);
}

#[test]
fn errors_of_the_tool_are_filtered_and_keep_their_code() {
    let error = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-31000,\"message\":\"no ada@post.example\",\
                 \"data\":{\"kind\":\"tool_error\",\"code\":\"not_found\",\"retryable\":true,\"who\":\"ada@post.example\"}}}";
    let output = sample(writes(error.as_bytes())).call();
    assert_fails(&output, ErrorKind::ToolError, &["no [REDACTED:email]"]);
    let (_, error) = failure(&output);
    assert_eq!(error.data["code"], "not_found");
    assert_eq!(error.data["who"], "[REDACTED:email]");
    assert!(error.is_retryable());
}

#[test]
fn a_quoted_line_is_filtered_before_it_is_truncated() {
    // The truncation would fall inside the address.
    let line = format!("{} ada@post.example is here\n", "x".repeat(115));
    let output = sample(writes(line.as_bytes())).call();
    assert_fails(&output, ErrorKind::InvalidResponse, &["[RE"]);
    assert!(!output.json().contains("ada@"), "{}", output.json());
}

#[test]
fn a_tool_cannot_return_errors_of_the_host() {
    for (code, kind) in [(-31002, "timeout"), (-31008, "approval_required"), (-31007, "verification_failed")] {
        let error = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{{\"code\":{code},\"message\":\"m\",\"data\":{{\"kind\":\"{kind}\"}}}}}}"
        );
        let output = sample(writes(error.as_bytes())).call();
        assert_fails(&output, ErrorKind::InvalidResponse, &[kind, "only the host"]);
    }
}

#[test]
fn an_error_of_an_unknown_kind_is_a_tool_error() {
    let error = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":7,\"message\":\"seven\"}}";
    assert_fails(&sample(writes(error.as_bytes())).call(), ErrorKind::ToolError, &["seven"]);
}

#[test]
fn a_forced_pattern_applies_even_if_the_filter_is_disabled() {
    let package = sample(answers("\"ada@post.example\"")).set("/privacy_filters", json!({ "enabled": false }));
    assert_eq!(content(&package.call()), "ada@post.example");
    let strict = mpp_host::Host::builder().forced_patterns(["email"]).build().unwrap();
    assert_eq!(content(&package.runnable(&strict).call("run", "{}")), "[REDACTED:email]");
}

/// A clock that always shows the same time on 2001-09-09.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(5)
    }
}

#[test]
fn clocks_and_randomness_are_those_of_the_grant() {
    let clock = "
      (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 4096)))
      (call $answer_number (i32.wrap_i64 (i64.div_u (i64.load (i32.const 4096)) (i64.const 10000000000000000))))";
    let package = sample(module("", clock));
    let host = host();
    let still = package.granted(&host, |grant| grant.guest_clock(Arc::new(Still))).call("run", "{}");
    assert_eq!(content(&still), "100");
    assert_ne!(content(&package.runnable(&host).call("run", "{}")), "100");

    let random = "
      (drop (call $random (i32.const 4096) (i32.const 8)))
      (call $answer_number (i32.rem_u (i32.load (i32.const 4096)) (i32.const 1000)))";
    let package = sample(module("", random));
    let seeded =
        |seed| content(&package.granted(&host, |g| g.guest_randomness(Randomness::Seeded(seed))).call("run", "{}"));
    assert_eq!(seeded(1), seeded(1));
    assert_ne!(seeded(1), seeded(2));
    let drawn: std::collections::BTreeSet<String> =
        (0..8).map(|_| content(&package.runnable(&host).call("run", "{}")).to_string()).collect();
    assert!(drawn.len() > 1, "{drawn:?}");
}

#[test]
fn a_call_reports_what_it_used() {
    let output = sample(answers("1")).call();
    assert_eq!(output.report().memory_peak, 4 * 65536);
    assert_eq!(output.report().output_bytes, result("1").len() as u64);
    let value = serde_json::to_value(&output).unwrap();
    assert_eq!(value["result"]["structuredContent"], 1);
    assert!(value["report"]["duration_us"].is_u64(), "{value}");
}
