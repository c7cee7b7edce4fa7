//! Compares the keys that the parser knows with those that the book documents, both ways.

#![allow(clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::forms::{BUILD, Field, Form, METADATA};
use super::keys::{Syntax, check};

/// Adds the keys of a table and of the tables in it. `network[].host` is a key of the tables in the list `network`.
fn add(fields: &[Field], prefix: &str, found: &mut BTreeMap<String, Form>) {
    for field in fields {
        let key = format!("{prefix}{}", field.name);
        found.insert(key.clone(), field.form);
        match field.form {
            Form::List(item) => add(item.fields(), &format!("{key}[]."), found),
            form => add(form.fields(), &format!("{key}."), found),
        }
    }
}

#[test]
fn the_book_documents_exactly_the_keys_of_the_settings_with_valid_values() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../book/src/settings.md");
    let page = fs::read_to_string(path).expect("the page about settings");
    let mut known = BTreeMap::new();
    add(METADATA.fields(), "", &mut known);
    add(BUILD.fields(), "build.", &mut known);
    let mut documented = Vec::new();
    for row in page.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (key, rest) = row.split_once("` | `").expect("a key and a form");
        let (shown, _) = rest.split_once("` |").expect("a meaning");
        let form = known.get(key).unwrap_or_else(|| panic!("the book documents `{key}`, which is unknown"));
        // `…` leaves out what the rows of the inner keys show.
        if !shown.contains('…') {
            let table: Value = toml::from_str(&format!("value = {shown}")).unwrap_or_else(|e| panic!("{key}: {e}"));
            check(&table["value"], form, &[], Syntax::Toml).unwrap_or_else(|error| panic!("{key}: {error}"));
        }
        documented.push(key.to_owned());
    }
    documented.sort();
    assert_eq!(documented, known.into_keys().collect::<Vec<_>>(), "the keys of {path}");
}

#[test]
fn every_setting_that_the_book_shows_has_the_right_form() {
    let pages = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../book/src")).expect("the book");
    let mut count = 0;
    for page in pages.map(|entry| entry.expect("a page").path()) {
        let text = fs::read_to_string(&page).expect("a page");
        for block in text.split("\n```toml\n").skip(1).filter_map(|rest| rest.split("\n```").next()) {
            let file: Value = toml::from_str(block).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
            let settings = match (file.pointer("/package/metadata/mpp"), file.get("capabilities")) {
                (Some(settings), _) => settings,
                // Lines of the table, without its header.
                (None, Some(_)) => &file,
                (None, None) => continue,
            };
            check(settings, &METADATA, &[], Syntax::Toml).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
            count += 1;
        }
    }
    assert!(count > 5, "{count} blocks");
}
