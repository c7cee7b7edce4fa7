//! Filters any text: nothing panics, JSON stays JSON, filtering again changes nothing, and no secret remains.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use mpp_host::package::manifest::{CustomPattern, PrivacyFilters};
use mpp_host::privacy::{PrivacyFilter, Secrets};

const SECRET: &str = "s3cret/v&lue";

static FILTER: LazyLock<Arc<PrivacyFilter>> = LazyLock::new(|| {
    let mut config = PrivacyFilters::default();
    config.patterns = vec!["*".to_owned()];
    let custom = [("customer_id", r"CUST-\d{8}"), ("word", r"\bzz\w+"), ("edge", "^@.")];
    config.custom_patterns = custom.map(|(id, regex)| CustomPattern::new(id, regex)).to_vec();
    PrivacyFilter::compile(&config, &[]).expect("a valid configuration")
});

static SECRETS: LazyLock<Secrets> = LazyLock::new(|| Secrets::new([("KEY", SECRET)]));

fuzz_target!(|text: &str| {
    let once = FILTER.filter_text(text, &SECRETS);
    assert!(!once.value.contains(SECRET), "a secret came back");
    let twice = FILTER.filter_text(&once.value, &SECRETS);
    assert_eq!(twice.value, once.value, "filtering again changed the text");
    assert!(twice.report.is_empty());

    let once = FILTER.filter_json(text, &SECRETS, "");
    assert!(serde_json::from_str::<serde::de::IgnoredAny>(&once.value).is_ok() || nested_too_deeply(text));
    let twice = FILTER.filter_json(&once.value, &SECRETS, "");
    assert_eq!(twice.value, once.value, "filtering again changed the JSON");
});

/// serde_json refuses more than 128 levels; the filter does not.
fn nested_too_deeply(text: &str) -> bool {
    text.bytes().filter(|b| matches!(b, b'[' | b'{')).count() >= 128
}
