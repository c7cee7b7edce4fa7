//! Counts what the filter redacts in the texts on which it is measured.

#[path = "../../benches/support/corpora.rs"]
mod texts;

use std::collections::BTreeMap;

use super::{PrivacyFilter, Secrets};
use crate::package::manifest::{CustomPattern, PrivacyFilters};

/// Technical text with numbers and signs that look like personal data and are none.
const TECHNICAL: &[&str] = &[
    "clone git+ssh://git@code.example/acme/kit.git or ssh://git@code.example:2222/acme/kit.git, then run ssh -T git@code.example",
    "\"acme-kit\": \"git+https://git@code.example/acme/kit.git#v1.27.3.0\"",
    "System.Acme, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
    "{\"name\":\"acme\",\"version\":\"1.27.3.0\",\"dependencies\":{\"kit\":\"4.0.0.1\"}}",
    "acme==1.2.3.4 --hash=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "## [1.27.3.0] - 2024-11-05",
    "Bump acme from 1.2.3.3 to 1.2.3.4, see https://code.example/acme/releases/tag/1.2.3.4",
    "eth0 has the address 00-50-56-12-34-56, eth1 08-00-27-12-34-56",
    "the API call returned 1048576 bytes in 2500000 ns",
    "ring buffer size 16777216, dial timeout 3000000000, signal mask 4294967295",
    "the cell count is 1048576, and mobile traffic 33554432 bytes",
    "portable pixmap 16777216 pixels; call stack depth 1048576; cell tower 12345678",
    "{\"mobile\":1048576,\"desktop\":2097152,\"phone_number_id\":123456789012345,\"phone\":{\"model\":12345678}}",
    "boosted by @ada@social.example and !rust@forum.example",
    "systemd started getty@tty1.service and user@1000.slice",
    "checksum +4294967296, offset +1048576, balance +20 000 000, longitude +40.712776",
    "Nature 521 (2015) 436-444, section 7.1.2.3 of ISBN 978-3-16-148410-0",
    "commit da39a3ee5e6b4b0d3255bfef95601890afd80709 by build 2024.11.05.1030 at 1700000000",
];

/// Returns the number of redactions of each pattern in the lines, with all patterns on.
fn counts(lines: &[&str]) -> BTreeMap<String, u64> {
    let customer = CustomPattern { id: "customer_id".to_owned(), regex: r"CUST-\d{8}".to_owned(), description: None };
    let config =
        PrivacyFilters { patterns: vec!["*".to_owned()], custom_patterns: vec![customer], ..PrivacyFilters::default() };
    let filter = PrivacyFilter::compile(&config, &[]).expect("a valid configuration");
    let mut counts = BTreeMap::new();
    for line in lines {
        for (id, count) in filter.filter_text(line, &Secrets::none()).report.counts {
            *counts.entry(id).or_default() += count;
        }
    }
    counts
}

#[test]
fn everything_personal_is_redacted_in_dense_text() {
    let expected = [("credit_card", 3), ("customer_id", 3), ("email", 5), ("ip_address", 3), ("phone", 4), ("ssn", 2)];
    assert_eq!(counts(texts::DENSE), BTreeMap::from(expected.map(|(id, count)| (id.to_owned(), count))));
}

#[test]
fn nothing_is_redacted_in_text_without_personal_data() {
    for lines in [texts::CLEAN, texts::ACCENTED] {
        assert_eq!(counts(lines), BTreeMap::new());
    }
    for line in TECHNICAL {
        assert_eq!(counts(&[line]), BTreeMap::new(), "{line}");
    }
}
