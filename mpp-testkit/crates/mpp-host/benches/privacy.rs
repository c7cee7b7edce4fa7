//! Goal 7: the privacy filter, compared with six regular expressions that run one after the other on the same text. It
//! should be at least three times as fast on clean text and 1.9 times on dense text, and take at most 1.2 times as long
//! on accented text as on plain text.
#![allow(missing_docs, reason = "criterion's macros write items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

#[path = "support/corpora.rs"]
mod corpora;

use std::hint::black_box;

use corpora::{ACCENTED, CLEAN, DENSE};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpp_host::package::manifest::{CustomPattern, PrivacyFilters};
use mpp_host::privacy::{PrivacyFilter, Secrets};
use regex::Regex;

/// A straightforward implementation: one expression for each pattern, with Rust's default Unicode word boundaries.
const SIX: [(&str, &str); 6] = [
    ("email", r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b"),
    ("phone", r"\+?\b(?:1[-. ]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]?\d{4}\b"),
    ("credit_card", r"\b(?:\d[ -]?){13,19}\b"),
    ("ssn", r"\b\d{3}-\d{2}-\d{4}\b"),
    ("ip_address", r"\b(?:\d{1,3}\.){3}\d{1,3}\b"),
    ("customer_id", r"CUST-\d{8}"),
];

fn corpus(lines: &[&str], bytes: usize) -> (String, Vec<String>) {
    let mut leaves = Vec::new();
    let mut size = 0;
    for (i, line) in lines.iter().cycle().enumerate() {
        if size >= bytes {
            break;
        }
        leaves.push(format!("{line} ({})", ["first", "second", "third"][i % 3]));
        size += line.len();
    }
    (serde_json::to_string(&leaves).unwrap(), leaves)
}

fn config() -> PrivacyFilters {
    let mut config = PrivacyFilters::default();
    config.patterns = ["email", "phone", "credit_card", "ssn", "ip_address"].map(str::to_owned).to_vec();
    config.custom_patterns = vec![CustomPattern::new("customer_id", r"CUST-\d{8}")];
    config
}

fn sequential(regexes: &[(String, Regex)], leaf: &str) -> Option<String> {
    let mut text: Option<String> = None;
    for (marker, regex) in regexes {
        let current = text.as_deref().unwrap_or(leaf);
        if let std::borrow::Cow::Owned(new) = regex.replace_all(current, marker.as_str()) {
            text = Some(new);
        }
    }
    text
}

fn throughput(c: &mut Criterion) {
    let filter = PrivacyFilter::compile(&config(), &[]).unwrap();
    let secrets = Secrets::new([("API_KEY", "correct-horse-battery-staple")]);
    let regexes = SIX.map(|(id, regex)| (format!("[REDACTED:{id}]"), Regex::new(regex).unwrap()));
    let ascii = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
    let together =
        regex_automata::meta::Regex::builder().syntax(ascii).build_many(&SIX.map(|(_, regex)| regex)).unwrap();
    for (name, lines) in [("clean", CLEAN), ("accented", ACCENTED), ("dense", DENSE)] {
        let (json, leaves) = corpus(lines, 256 * 1024);
        let mut group = c.benchmark_group(format!("privacy/{name}"));
        group.throughput(Throughput::Bytes(leaves.iter().map(|leaf| leaf.len() as u64).sum()));
        group.bench_function("filter_json", |b| b.iter(|| filter.filter_json(black_box(&json), &secrets, "")));
        group.bench_function("filter_text", |b| {
            b.iter(|| leaves.iter().map(|leaf| filter.filter_text(leaf, &secrets).value.len()).sum::<usize>());
        });
        // The floor: one pass that only counts the matches of all six expressions.
        group.bench_function("one_pass", |b| {
            b.iter(|| leaves.iter().map(|leaf| together.find_iter(leaf.as_bytes()).count()).sum::<usize>());
        });
        group.bench_function("six_regexes", |b| {
            b.iter(|| {
                leaves.iter().map(|leaf| sequential(&regexes, leaf).map_or(leaf.len(), |t| t.len())).sum::<usize>()
            });
        });
        group.finish();
    }
}

fn once(c: &mut Criterion) {
    let config = config();
    c.bench_function("privacy/compile", |b| b.iter(|| PrivacyFilter::compile(black_box(&config), &[]).unwrap()));
    let filter = PrivacyFilter::compile(&config, &[]).unwrap();
    let small = r#"{"name":"Ada Lovelace","company":"Analytical Engines","status":"active","orders":[12,7,31]}"#;
    c.bench_function("privacy/small_answer", |b| b.iter(|| filter.filter_json(black_box(small), &Secrets::none(), "")));
}

criterion_group!(benches, throughput, once);
criterion_main!(benches);
