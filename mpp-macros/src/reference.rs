//! Compares the options that the macros know with those that the book and the documentation list, both ways.

use std::collections::BTreeSet;
use std::fs;

use crate::{data, function, parameter, tool_error};

const BOOK: &str = "../book/src/macros.md";

/// Returns the words in the first column of the tables below a heading, up to the next heading of any level.
fn listed(file: &str, heading: &str) -> Vec<BTreeSet<String>> {
    let text = fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).expect(file);
    // Without blocks of code, in which an attribute looks like a heading.
    let text: String = text.split("```").step_by(2).collect();
    let (_, section) = text.split_once(&format!("\n{heading}\n")).expect(heading);
    let section = section.split("\n#").next().unwrap_or_default();
    let tables = section.split("\n\n").map(str::trim).filter(|part| part.starts_with('|'));
    let cells = |table: &'_ str| -> BTreeSet<String> {
        table.lines().skip(2).filter_map(|row| row.split(" | ").next()).flat_map(words).collect()
    };
    tables.map(cells).collect()
}

/// Returns the names in a cell such as `` `range = 1..=100`, `default` ``.
fn words(cell: &str) -> Vec<String> {
    let code = cell.split('`').skip(1).step_by(2);
    code.map(|code| code.split(' ').next().unwrap_or_default().to_owned()).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn the_book_lists_exactly_the_options_of_the_macros() {
    assert_eq!(listed(BOOK, "## `#[mpp::tool]`"), [set(&function::OPTIONS)]);
    assert_eq!(listed(BOOK, "## `#[arg]`"), [set(&parameter::OPTIONS)]);
    assert_eq!(listed(BOOK, "## `#[mpp::data]`"), [set(&data::OPTIONS)]);
    let fields = set(&["#[from]", "#[source]"]);
    assert_eq!(listed(BOOK, "## `#[derive(mpp::ToolError)]`"), [set(&tool_error::OPTIONS), fields]);
}

#[test]
fn the_documentation_of_the_macro_lists_its_options() {
    let page = "src/pages/tool.md";
    assert_eq!(listed(page, "# Options of the function"), [set(&function::OPTIONS)]);
    assert_eq!(listed(page, "# Options of a parameter: `#[arg(…)]`"), [set(&parameter::OPTIONS)]);
}

#[test]
fn the_book_describes_the_attributes_of_serde_that_change_a_schema() {
    let tables = listed(BOOK, "### serde attributes");
    let missing: Vec<&&str> = data::COPIED.iter().filter(|word| !tables[0].contains(**word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
