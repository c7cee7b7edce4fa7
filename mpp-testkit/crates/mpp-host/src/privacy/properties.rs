//! Properties that hold for all inputs: JSON keeps its shape, personal data is removed, and filtering again changes nothing.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::Value;

use super::{PrivacyFilter, Secrets};
use crate::package::manifest::{CustomPattern, PrivacyFilters};

static FILTER: LazyLock<Arc<PrivacyFilter>> = LazyLock::new(|| {
    let custom =
        |id: &str, regex: &str| CustomPattern { id: id.to_owned(), regex: regex.to_owned(), description: None };
    let config = PrivacyFilters {
        patterns: vec!["*".to_owned()],
        custom_patterns: vec![custom("customer_id", r"CUST-\d{8}"), custom("word", r"\bzz\w*"), custom("edge", "^@.")],
        ..PrivacyFilters::default()
    };
    PrivacyFilter::compile(&config, &[]).expect("a valid configuration")
});

/// A filter without custom patterns, which does not scan each short string.
static PLAIN: LazyLock<Arc<PrivacyFilter>> =
    LazyLock::new(|| PrivacyFilter::compile(&PrivacyFilters::default(), &[]).expect("a valid configuration"));

const SECRET: &str = "hunter2-hunter2";

fn secrets() -> Secrets {
    Secrets::new([("PASSWORD", SECRET)])
}

/// Personal data, each with a part that must not be in the output.
const PERSONAL: [(&str, &str); 12] = [
    ("ada.lovelace@post.example", "lovelace"),
    ("+44 20 7946 0958", "7946"),
    ("(212) 555-0147", "0147"),
    ("4111 1111 1111 1111", "1111"),
    ("378282246310005", "378282246310005"),
    ("123-45-6789", "45-6789"),
    ("192.0.2.17", "192.0.2"),
    ("GB29 NWBK 6016 1331 9268 19", "NWBK"),
    ("born 1985-12-10", "1985"),
    ("passport X1234567", "X1234567"),
    ("CUST-12345678", "12345678"),
    (SECRET, "hunter2"),
];

/// Generates pieces of text, which are combined in any order.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(PERSONAL.map(|(text, _)| text.to_owned()).to_vec()),
        2 => prop::sample::select(vec![
            " ", "-", ".", "/", "(", ")", "+", ", ", ":", "\n", "\t", "[", "]", "@", "\\", "\"", "%", "%40", "&#64;", "\\u0040",
            "\u{200b}", "–", "é", "４", "٤", "[REDACTED:email]", "[REDACTED:", "phone ", "dob ", "zz", "1", "12", "555", "2024-11-05",
            "v1.2.3", "{", "}", "[1]", "\"a\"", "日本", "\u{fe0f}", "\u{301}",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
        1 => "[0-9 .()+/-]{0,20}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("a JSON number", |n| n.is_finite()).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner.clone()), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

/// Generates JSON text with what parsers disagree about: keys that occur twice, numbers out of range, lone surrogates, many brackets.
fn odd_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "1",
            "-0.5",
            "1e999",
            "1E-5",
            "\"x\"",
            "\"\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"\\n\"",
            "null",
            "{}",
            "[]",
        ])
        .prop_map(str::to_owned),
        (300_usize..320).prop_map(|digits| "9".repeat(digits)),
        (1_usize..140).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
    ];
    leaf.prop_recursive(3, 24, 20, |inner| {
        let key = prop::sample::select(vec!["a", "b", "\\u0061", "a@b.example", "c/d", "c\\/d", "\\udc00"]);
        let few = prop::collection::vec((key, inner.clone()), 0..4);
        let many = prop::collection::vec(("[a-z]{1,2}", inner.clone()), 0..24);
        let object = |members: Vec<(String, String)>| {
            let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}", members.join(", "))
        };
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            few.prop_map(move |few| object(few.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
            many.prop_map(object),
        ]
    })
}

/// Returns whether two values have the same containers with equal numbers of members. A string must stay a string; a number
/// may become one.
fn same_shape(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len(),
        (Value::String(_), Value::String(_)) => true,
        (Value::Number(_), Value::String(text)) => text.starts_with("[REDACTED:"),
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn filtering_again_changes_nothing(text in text()) {
        let once = FILTER.filter_text(&text, &secrets());
        let twice = FILTER.filter_text(&once.value, &secrets());
        prop_assert_eq!(&twice.value, &once.value);
        prop_assert!(twice.report.is_empty());
        prop_assert_eq!(once.report.is_empty(), once.value == text);
    }

    #[test]
    fn json_stays_json_of_the_same_shape(value in json()) {
        let text = value.to_string();
        let plain = PLAIN.filter_json(&text, &Secrets::none(), "");
        prop_assert_eq!(plain.report.is_empty(), plain.value == text);
        let once = FILTER.filter_json(&text, &secrets(), "");
        let after: Value = serde_json::from_str(&once.value).expect("valid JSON");
        prop_assert!(same_shape(&value, &after), "{} became {}", text, once.value);
        prop_assert_eq!(&FILTER.filter_json(&once.value, &secrets(), "").value, &once.value);
        if once.report.is_empty() {
            prop_assert_eq!(&once.value, &text);
        }
    }

    #[test]
    fn what_is_called_strict_is_what_a_strict_parser_accepts(text in odd_json()) {
        for filter in [&*FILTER, &*PLAIN] {
            if filter.examine(&text, &Secrets::none(), "").value.is_strict {
                let parsed = crate::package::json::parse(text.as_bytes());
                prop_assert!(parsed.is_ok(), "{}: {:?}", text, parsed);
            }
        }
    }

    #[test]
    fn personal_data_never_passes(
        chosen in prop::sample::select(PERSONAL.to_vec()),
        before in "[a-d]{0,8}[ ,;(]",
        after in "[ ,;)][a-z]{0,8}",
        depth in 0_usize..4,
    ) {
        let (personal, part) = chosen;
        let mut text = Value::from(format!("{before}{personal}{after}")).to_string();
        for _ in 0..depth {
            text = serde_json::json!({ "body": text }).to_string();
        }
        let out = FILTER.filter_json(&text, &secrets(), "").value;
        prop_assert!(!out.contains(part), "{} became {}", text, out);
        prop_assert!(serde_json::from_str::<Value>(&out).is_ok());
    }

    #[test]
    fn numbers_keep_every_digit(digits in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?") {
        let out = FILTER.filter_json(&format!("[{digits}]"), &secrets(), "").value;
        prop_assert!(out == format!("[{digits}]") || out.starts_with("[\"[REDACTED:"), "{}", out);
    }

    #[test]
    fn invalid_json_is_an_error(text in "\\PC{0,24}") {
        let out = FILTER.filter_json(&text, &secrets(), "").value;
        prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&out).is_ok(), "{}", out);
    }
}
