//! Tests of the filter as a whole. The tests of each pattern are in the module of the pattern.

use super::context::Keys;
use super::patterns::{Builtin, PatternSet};
use super::{PrivacyFilter, Secrets, scan};
use crate::causes::with_causes;
use crate::package::manifest::{CustomPattern, Exemption, PrivacyFilters};

/// Asserts that the first match of the pattern in each text is the expected one.
pub(super) fn assert_finds(pattern: Builtin, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let found = matches(pattern, text);
        assert_eq!(found.first().map(String::as_str), Some(*expected), "in {text:?}: {found:?}");
    }
}

/// Asserts that no text contains a match of the pattern.
pub(super) fn assert_leaves(pattern: Builtin, cases: &[&str]) {
    for text in cases {
        let found = matches(pattern, text);
        assert!(found.is_empty(), "in {text:?}: {found:?}");
    }
}

fn matches(pattern: Builtin, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    scan::scan(text, Keys::default(), PatternSet::NONE.with(pattern), &mut found);
    super::span::unite(&mut found);
    found.iter().map(|span| text[span.start..span.end].to_owned()).collect()
}

fn all() -> PrivacyFilters {
    PrivacyFilters { patterns: vec!["*".to_owned()], ..PrivacyFilters::default() }
}

fn filter(config: &PrivacyFilters) -> std::sync::Arc<PrivacyFilter> {
    PrivacyFilter::compile(config, &[]).expect("a valid configuration")
}

fn json(config: &PrivacyFilters, text: &str) -> String {
    let filter = filter(config);
    let once = filter.filter_json(text, &Secrets::none(), "").value;
    let twice = filter.filter_json(&once, &Secrets::none(), "");
    assert_eq!(twice.value, once, "not idempotent for {text}");
    assert!(twice.report.is_empty());
    once
}

#[test]
fn replaces_strings_keys_and_numbers_and_leaves_the_rest_byte_for_byte() {
    let cases = [
        (
            r#"{"a":"x ada@post.example y","b":[1.50,1e3,-0.0,12345678901234567890123]}"#,
            r#"{"a":"x [REDACTED:email] y","b":[1.50,1e3,-0.0,12345678901234567890123]}"#,
        ),
        (r#" [ 4111111111111111 , "\u00e9\/" ] "#, r#" [ "[REDACTED:credit_card]" , "\u00e9\/" ] "#),
        (
            r#"{"ada@post.example":1,"eve@post.example":2,"bob@post.example":3}"#,
            r#"{"[REDACTED:email]":1,"[REDACTED:email]:2":2,"[REDACTED:email]:3":3}"#,
        ),
        (r#"{"a@b.example":1,"[REDACTED:email]":2}"#, r#"{"[REDACTED:email]":1,"[REDACTED:email]:2":2}"#),
        (r#"{"[REDACTED:email]":1,"a@b.example":2}"#, r#"{"[REDACTED:email]":1,"[REDACTED:email]:2":2}"#),
        (r#"{"ada\u0040post.example":"ada\u0040post.example"}"#, r#"{"[REDACTED:email]":"[REDACTED:email]"}"#),
        (r#"{"phone":5551234567,"order":5551234567}"#, r#"{"phone":"[REDACTED:phone]","order":5551234567}"#),
        (r#"{"phones":["5551234567",5551234567]}"#, r#"{"phones":["[REDACTED:phone]","[REDACTED:phone]"]}"#),
        (
            r#"{"phone":{"type":"home","number":"5551234567"}}"#,
            r#"{"phone":{"type":"home","number":"[REDACTED:phone]"}}"#,
        ),
        (
            r#"{"mobile":{"users":104857600,"number":5551234567},"cell":1048576,"phone_id":5551234567}"#,
            r#"{"mobile":{"users":104857600,"number":"[REDACTED:phone]"},"cell":1048576,"phone_id":5551234567}"#,
        ),
        (
            r#"{"version":"1.27.3.0","dependencies":{"acme":"1.2.3.4"},"host":"1.2.3.4"}"#,
            r#"{"version":"1.27.3.0","dependencies":{"acme":"1.2.3.4"},"host":"[REDACTED:ip_address]"}"#,
        ),
        (r#"{"ssn":123456789,"n":123456789}"#, r#"{"ssn":"[REDACTED:ssn]","n":123456789}"#),
        (r#"{"dob":"1985-12-10","at":"1985-12-10"}"#, r#"{"dob":"[REDACTED:date_of_birth]","at":"1985-12-10"}"#),
        (
            r#"[4.111111111111111e15,4111111111111111.0,0.4111111111111111]"#,
            r#"["[REDACTED:credit_card]","[REDACTED:credit_card]",0.4111111111111111]"#,
        ),
        ("\"\"", "\"\""),
        ("{}", "{}"),
        ("[[],{},[{}]]", "[[],{},[{}]]"),
        ("null", "null"),
    ];
    for (text, expected) in cases {
        assert_eq!(json(&all(), text), expected);
    }
}

#[test]
fn filters_json_text_within_strings() {
    let inner = r#"{"mail":"ada\u0040post.example","card":4111111111111111,"n":1.0}"#;
    let outer = serde_json::to_string(&serde_json::json!({ "body": inner })).expect("serialises");
    let out: serde_json::Value = serde_json::from_str(&json(&all(), &outer)).expect("still JSON");
    let body = out["body"].as_str().expect("a string");
    assert_eq!(body, r#"{"mail":"[REDACTED:email]","card":"[REDACTED:credit_card]","n":1.0}"#);
}

#[test]
fn filters_several_layers_of_json_text() {
    let mut text = r#"{"mail":"ada@post.example"}"#.to_owned();
    for _ in 0..6 {
        text = serde_json::to_string(&[text]).expect("serialises");
    }
    let out = json(&all(), &text);
    assert!(!out.contains("ada"), "{out}");
    let out: Vec<String> = serde_json::from_str(&out).expect("still JSON");
    assert_eq!(out.len(), 1);
}

#[test]
fn unreadable_text_is_replaced_entirely() {
    let broken = [
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "nul",
        "01",
        "1.",
        "\"ada@post.example",
        "ada@post.example",
        "[1] x",
        "\"\u{1}\"",
        "\"\\x\"",
        "\"\\u12\"",
        "1 ada@post.example",
        "{\"a\":1}}",
        "[}",
        "{]",
        "-",
        "+1",
        "\u{feff}1",
    ];
    for text in broken {
        let out = filter(&all()).filter_json(text, &Secrets::none(), "");
        assert_eq!(out.value, "\"[REDACTED:unreadable]\"", "{text}");
        assert_eq!(out.report.total(), 1);
    }
    // JSON text nested in strings of JSON text.
    let mut text = "ada@post.example".to_owned();
    for _ in 0..12 {
        text = serde_json::to_string(&text).expect("serialises");
    }
    assert!(!json(&all(), &text).contains("post"));
}

#[test]
fn deep_nesting_does_not_use_the_stack_of_the_thread() {
    let depth = 200_000;
    let text = format!("{}\"ada@post.example\"{}", "[".repeat(depth), "]".repeat(depth));
    let out = filter(&all()).filter_json(&text, &Secrets::none(), "");
    assert!(out.value.contains("[REDACTED:email]"));
}

#[test]
fn evasions_are_redacted() {
    let texts = [
        "4111\u{200b}1111\u{200b}1111\u{200b}1111",
        "４１１１１１１１１１１１１１１１",
        "4111–1111–1111–1111",
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
        "٤١١١ ١١١١ ١١١١ ١١١١",
        "4111\u{ad}111111111111",
        "𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏",
        "ａｄａ＠ｐｏｓｔ．ｅｘａｍｐｌｅ",
        "ada\u{200d}@post\u{feff}.example",
        "ada%40post.example",
        "ada&#64;post.example",
        "ada&#x40;post&period;example",
        r"ada\u0040post.example",
        r"ada\\u0040post.example",
        "4\u{fe0f}\u{20e3}1\u{fe0f}\u{20e3}1\u{fe0f}\u{20e3}1\u{fe0f}\u{20e3}11111111\u{2060}1111",
        "+1\u{2011}212\u{2011}555\u{2011}0147",
        "\u{202e}ada@post.example\u{202c}",
        "212·555·0147",
        "ⓐⓓⓐ@post.example",
    ];
    for text in texts {
        let out = filter(&PrivacyFilters::default()).filter_text(text, &Secrets::none());
        assert!(out.value.contains("[REDACTED:"), "{text:?} → {:?}", out.value);
        assert!(!out.value.contains("1111") && !out.value.contains("post"), "{text:?} → {:?}", out.value);
        let quoted = serde_json::to_string(text).expect("serialises");
        assert!(!json(&all(), &quoted).contains("post"));
    }
}

#[test]
fn secrets_are_always_redacted() {
    let off = PrivacyFilters {
        enabled: false,
        exempt: vec![Exemption { pointer: String::new(), reason: "all of it".to_owned() }],
        ..PrivacyFilters::default()
    };
    let filter = filter(&off);
    let secrets = Secrets::new([("API_KEY", "s3cr3t-value/1"), ("SHORT", "1234567"), ("PIN", "12345678")]);
    let text = r#"{"s3cr3t-value/1":"a s3cr3t-value\/1 b","n":12345678,"short":"1234567","q":"s3cr3t-value%2F1","m":"ada@post.example"}"#;
    let out = filter.filter_json(text, &secrets, "");
    assert_eq!(
        out.value,
        r#"{"[REDACTED:env:API_KEY]":"a [REDACTED:env:API_KEY] b","n":"[REDACTED:env:PIN]","short":"1234567","q":"[REDACTED:env:API_KEY]","m":"ada@post.example"}"#
    );
    assert_eq!(out.report.counts["env:API_KEY"], 3);
    assert_eq!(filter.filter_json(&out.value, &secrets, "").value, out.value);
    let split = filter.filter_text("s3cr3t\u{200b}-val\u{200b}ue/1", &secrets);
    assert_eq!(split.value, "[REDACTED:env:API_KEY]");
}

#[test]
fn escapes_in_json_strings_hide_neither_secrets_nor_custom_matches() {
    let filter = filter(&custom(&[("customer_id", r"CUST-\d{8}")]));
    let secrets = Secrets::new([("API_KEY", "correct-horse-battery")]);
    let cases = [
        (r#"{"a":"\u0063orrect-horse-battery"}"#, r#"{"a":"[REDACTED:env:API_KEY]"}"#),
        (r#"["x \u0043UST-12345678"]"#, r#"["x [REDACTED:customer_id]"]"#),
        (r#"{"\u0063orrect-horse-battery":1}"#, r#"{"[REDACTED:env:API_KEY]":1}"#),
        (r#"{"\u0043UST-12345678":1}"#, r#"{"[REDACTED:customer_id]":1}"#),
    ];
    for (text, expected) in cases {
        assert_eq!(filter.filter_json(text, &secrets, "").value, expected, "{text}");
    }
}

fn custom(patterns: &[(&str, &str)]) -> PrivacyFilters {
    let custom_patterns = patterns
        .iter()
        .map(|(id, regex)| CustomPattern { id: (*id).to_owned(), regex: (*regex).to_owned(), description: None })
        .collect();
    PrivacyFilters { custom_patterns, ..PrivacyFilters::default() }
}

#[test]
fn custom_patterns_take_precedence_over_built_in_ones() {
    let config = custom(&[
        ("customer_id", r"CUST-\d{8}"),
        ("word", r"\bfoo\w*"),
        ("mail", "ada@"),
        ("left", "abc"),
        ("right", "cde"),
    ]);
    let cases = [
        ("CUST-12345678 ok", "[REDACTED:customer_id] ok"),
        ("CUST-1234567", "CUST-1234567"),
        ("ada@post.example", "[REDACTED:mail]"),
        ("abcde", "[REDACTED:left]"),
        ("a foobar b", "a [REDACTED:word] b"),
        ("CUST–１２３４５６７８", "[REDACTED:customer_id]"),
    ];
    for (text, expected) in cases {
        assert_eq!(filter(&config).filter_text(text, &Secrets::none()).value, expected);
    }
    assert_eq!(json(&config, r#"["CUST-12345678"]"#), r#"["[REDACTED:customer_id]"]"#);
    // Patterns that could match the marker or the text next to it.
    let greedy = custom(&[("all", r"\w+"), ("bracket", r"\[.*"), ("start", "^x")]);
    for text in ["[\"one two [REDACTED:all] x\"]", "[\"[REDACTED:other]\"]", "[\"x[REDACTED:all]x[x\"]"] {
        json(&greedy, text);
    }
}

#[test]
fn a_tool_cannot_hide_a_value_in_a_marker() {
    for text in ["[REDACTED:4111111111111111]", "[REDACTED:ada@post.example]", "[REDACTED:env:4111111111111111]"] {
        let out = filter(&all()).filter_text(text, &Secrets::none()).value;
        assert!(!out.contains("4111") && !out.contains("ada"), "{out}");
    }
}

#[test]
fn exempt_places_are_filtered_for_secrets_only() {
    let config = PrivacyFilters {
        exempt: vec![
            Exemption { pointer: "/items/*/mail".to_owned(), reason: "public".to_owned() },
            Exemption { pointer: "/office".to_owned(), reason: "public".to_owned() },
        ],
        ..PrivacyFilters::default()
    };
    let filter = PrivacyFilter::compile(&config, &["credit_card"]).expect("valid");
    let text =
        r#"{"items":[{"mail":"a@b.example","to":"a@b.example"}],"office":{"deep":["a@b.example","4111111111111111"]}}"#;
    let out = filter.filter_json(text, &Secrets::none(), "");
    assert_eq!(
        out.value,
        r#"{"items":[{"mail":"a@b.example","to":"[REDACTED:email]"}],"office":{"deep":["a@b.example","[REDACTED:credit_card]"]}}"#
    );
    let pointers: Vec<&str> = out.report.places.iter().map(|place| place.pointer).collect();
    assert_eq!(pointers, ["/items/0/to", "/office/deep/1"]);
    // The same value as a part of the result.
    let part = filter.filter_json(r#"["a@b.example"]"#, &Secrets::none(), "/office/deep");
    assert_eq!(part.value, r#"["a@b.example"]"#);
    let part = filter.filter_json(r#""a@b.example""#, &Secrets::none(), "/items/3/mail");
    assert_eq!(part.value, r#""a@b.example""#);
}

#[test]
fn the_report_contains_counts_and_no_text() {
    let out = filter(&all()).filter_json(
        r#"{"ada@post.example":{"x":["a@b.example and c@d.example",1]}}"#,
        &Secrets::none(),
        "/structuredContent",
    );
    assert_eq!(out.report.counts["email"], 3);
    let report = serde_json::to_string(&out.report).expect("serialises");
    assert_eq!(
        report,
        r#"{"counts":{"email":3},"places":[{"pointer":"/structuredContent/[REDACTED:email]","id":"email","count":1},{"pointer":"/structuredContent/[REDACTED:email]/x/0","id":"email","count":2}]}"#
    );
}

#[test]
fn an_invalid_configuration_is_reported_with_its_mistake() {
    let patterns = |name: &str| PrivacyFilters {
        patterns: vec!["email".to_owned(), name.to_owned()],
        ..PrivacyFilters::default()
    };
    let exempt = |pointer: &str, reason: &str| PrivacyFilters {
        exempt: vec![Exemption { pointer: pointer.to_owned(), reason: reason.to_owned() }],
        ..PrivacyFilters::default()
    };
    let cases = [
        (
            patterns("e-mail"),
            "/privacy_filters/patterns/1",
            "unknown privacy pattern `e-mail`, expected one of the built-in patterns or `*`",
            "`email`",
        ),
        (patterns("creditcard"), "/privacy_filters/patterns/1", "unknown", "`credit_card`"),
        (patterns("shoe_size"), "/privacy_filters/patterns/1", "unknown", "`drivers_license`"),
        (custom(&[("Bad", "x")]), "/privacy_filters/custom_patterns/0/id", "custom pattern id `Bad`", "customer_id"),
        (custom(&[("email", "x")]), "/privacy_filters/custom_patterns/0/id", "built-in", "customer_id"),
        (custom(&[("a", "x"), ("a", "y")]), "/privacy_filters/custom_patterns/1/id", "already used", "unique"),
        (
            custom(&[("a", "(")]),
            "/privacy_filters/custom_patterns/0/regex",
            "custom pattern `a` is not a valid regular expression: unclosed group",
            "regex",
        ),
        (custom(&[("a", "(?=x)")]), "/privacy_filters/custom_patterns/0/regex", "look-around", "look-around"),
        (custom(&[("a", "x*")]), "/privacy_filters/custom_patterns/0/regex", "the empty string", "`+`"),
        (custom(&[("a", r"\b")]), "/privacy_filters/custom_patterns/0/regex", "the empty string", "`+`"),
        (custom(&[("a", r"\w{1000}{1000}")]), "/privacy_filters/custom_patterns/0/regex", "more than", "smaller"),
        (exempt("items", "x"), "/privacy_filters/exempt/0/pointer", "`items`", "/items/*/id"),
        (exempt("/items", " "), "/privacy_filters/exempt/0/reason", "no reason", "reason"),
    ];
    for (config, pointer, message, help) in cases {
        let error = super::check(&config).expect_err(message);
        assert_eq!(error.pointer(), pointer);
        let shown = with_causes(&error);
        assert!(shown.contains(message), "{shown}");
        assert!(error.help().contains(help), "{}", error.help());
        assert!(!shown.contains('\n'), "{shown}");
    }
    assert!(PrivacyFilter::compile(&PrivacyFilters::default(), &["nonsense"]).is_err());
    super::check(&PrivacyFilters::default()).expect("the default is valid");
}
