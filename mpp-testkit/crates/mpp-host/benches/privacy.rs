//! Goal 7: the privacy filter, compared with six regular expressions that run one after the other on the same text. It
//! should be at least three times as fast on clean text and 1.9 times on dense text, and take at most 1.2 times as long
//! on accented text as on plain text.
#![allow(missing_docs, reason = "criterion's macros write items without docs")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::hint::black_box;

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

const CLEAN: &[&str] = &[
    "The quarterly report describes how the warehouse was moved, and why the second shelf is empty since then.",
    "Please restart the service after the update; the configuration is read once, when the process begins.",
    "Version 2.14.3 was released on 2024-11-05 and closes 17 issues, among them the one about sorting.",
    "A row has the fields name, colour, weight and price, in this order, and is terminated by a line feed.",
    "status=ok latency=12ms region=north queue=7 retries=0 worker=blue",
];
const ACCENTED: &[&str] = &[
    "Le rapport trimestriel décrit comment l'entrepôt a été déplacé, et pourquoi l'étagère est vide depuis.",
    "Bitte den Dienst nach der Änderung neu starten; die Einstellungen werden nur beim Anlaufen gelesen, später nicht.",
    "La versión 2.14.3 se publicó el 2024-11-05 y cierra 17 incidencias, entre ellas la de la ordenación española.",
    "Um registro tem os campos nome, côr, peso e preço, nesta ordem, e é terminado por uma quebra de linha.",
    "état=prêt délai=12ms région=nord file=7 essais=0 ouvrière=bleue",
];
const DENSE: &[&str] = &[
    "Ada Lovelace <ada.lovelace@post.example>, +44 20 7946 0958, card 4111 1111 1111 1111, from 192.0.2.17",
    "bob@mail.example called (212) 555-0147 about CUST-12345678; ssn 123-45-6789; paid with 5555555555554444",
    "eve+news@host.example 203.0.113.9 212-555-0199 CUST-87654321 carol@post.example 378282246310005",
    "reach me at dave@post.example or 212-555-0123, backup 198.51.100.4, id CUST-00000001, 234-56-7890",
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
    for (name, lines) in [("clean", CLEAN), ("accented", ACCENTED), ("dense", DENSE)] {
        let (json, leaves) = corpus(lines, 256 * 1024);
        let mut group = c.benchmark_group(format!("privacy/{name}"));
        group.throughput(Throughput::Bytes(leaves.iter().map(|leaf| leaf.len() as u64).sum()));
        group.bench_function("filter_json", |b| b.iter(|| filter.filter_json(black_box(&json), &secrets, "")));
        group.bench_function("filter_text", |b| {
            b.iter(|| leaves.iter().map(|leaf| filter.filter_text(leaf, &secrets).value.len()).sum::<usize>());
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
