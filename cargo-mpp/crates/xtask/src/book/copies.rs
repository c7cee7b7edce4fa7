//! Copies of code in Markdown files.
//!
//! A comment before a block names its source: a file, or a region of it. The code stands in the Markdown file itself, so that it
//! can be read wherever the file is shown, and the check keeps it equal to the source, which is compiled and tested.
//!
//! ````text
//! <!-- copied from examples/notes/src/main.rs:tools -->
//! ```rust
//! …
//! ```
//! ````
//!
//! A region lies between the lines `ANCHOR: tools` and `ANCHOR_END: tools`, in comments. `fn add` and `struct Note` are the item of
//! this name with its attributes, and `[table]` in a TOML file is everything from the header of a table to the next header. Several
//! sources, separated by commas, are joined with an empty line.
//!
//! `@@2` is the second hunk of a patch. Where it removes many lines, only the first and the last of them are copied. A page that copies a
//! hunk copies all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Page;

const OPENS: &str = "<!-- copied from ";
const CLOSES: &str = " -->";
/// The number of removed lines of a patch that are copied one by one.
const FEW: usize = 12;

/// The result for one page.
pub(super) struct Checked {
    /// The number of copies.
    pub(super) copies: usize,
    pub(super) problems: Vec<String>,
    /// The page with all copies up to date, if it is to be rewritten.
    pub(super) rewritten: Option<String>,
}

/// Compares each copy with its source. If `is_blessing`, a copy that differs is replaced instead of reported.
pub(super) fn check(page: &Page, root: &Path, is_blessing: bool) -> Checked {
    let mut checked = Checked { copies: 0, problems: Vec::new(), rewritten: None };
    let mut text = String::new();
    let mut lines = page.text.lines().enumerate().peekable();
    let mut sources: Option<&str> = None;
    while let Some((index, line)) = lines.next() {
        text.push_str(line);
        text.push('\n');
        let mut problem = |what: String| checked.problems.push(format!("{}:{}: {what}", page.name, index + 1));
        let Some(language) = line.strip_prefix("```") else {
            sources = line.strip_prefix(OPENS).and_then(|rest| rest.strip_suffix(CLOSES));
            if sources.is_some() && !lines.peek().is_some_and(|(_, next)| next.starts_with("```")) {
                problem("a block of code must follow this comment at once".to_owned());
            }
            if line.contains("{{#") {
                problem("an include cannot be read where the file itself is shown: copy the code".to_owned());
            }
            continue;
        };
        let mut block = String::new();
        let mut is_closed = false;
        for (_, line) in lines.by_ref() {
            is_closed = line == "```";
            if is_closed {
                break;
            }
            block.push_str(line);
            block.push('\n');
        }
        if !is_closed {
            problem("this block has no end".to_owned());
        }
        let expected = match sources.take() {
            Some(sources) => {
                checked.copies += 1;
                joined(sources, root).map_err(&mut problem).ok()
            }
            None => {
                if language.starts_with("rust") {
                    problem(format!(
                        "nothing tests this code: copy it from a test or an example, with `{OPENS}FILE{CLOSES}`"
                    ));
                }
                None
            }
        };
        if let Some(expected) = expected.filter(|expected| *expected != block) {
            if !is_blessing {
                problem("the code differs from its source: run `cargo xtask book --bless`".to_owned());
            }
            block = expected;
        }
        text.push_str(&block);
        text.push_str("```\n");
    }
    let missing = missing_hunks(&page.text, root);
    checked.problems.extend(missing.into_iter().map(|hunk| format!("{}: `{hunk}` is not copied", page.name)));
    checked.rewritten = Some(text).filter(|text| is_blessing && *text != page.text && checked.problems.is_empty());
    checked
}

/// Returns the sources, separated by empty lines.
fn joined(sources: &str, root: &Path) -> Result<String, String> {
    let sources: Result<Vec<String>, String> = sources.split(", ").map(|source| read(source, root)).collect();
    Ok(sources?.join("\n"))
}

/// Reads `FILE` or `FILE:REGION`.
fn read(source: &str, root: &Path) -> Result<String, String> {
    let (file, region) = source.split_once(':').map_or((source, None), |(file, region)| (file, Some(region)));
    let text = fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
    let lines: Vec<&str> = match region {
        None => text.lines().collect(),
        Some(hunk) if hunk.starts_with("@@") => {
            return hunk_of(&text, hunk).ok_or(format!("{file} has no hunk `{hunk}`"));
        }
        Some(table) if table.starts_with('[') => table_of(&text, table),
        Some(item) if item.contains(' ') => item_of(&text, item),
        Some(region) => region_of(&text, region),
    };
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.contains("ANCHOR")).collect();
    if lines.is_empty() {
        return Err(format!("{file} has no region `{}`", region.unwrap_or_default()));
    }
    if lines.iter().any(|line| line.trim_start().starts_with("```")) {
        return Err(format!("{source} has a line that ends the block"));
    }
    let indented = |line: &&&str| !line.trim().is_empty();
    let indent = lines.iter().filter(indented).map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    Ok(lines.iter().map(|line| format!("{}\n", line.get(indent..).unwrap_or(""))).collect())
}

fn region_of<'t>(text: &'t str, region: &str) -> Vec<&'t str> {
    let (start, end) = (format!("ANCHOR: {region}"), format!("ANCHOR_END: {region}"));
    let mut rest = text.lines().skip_while(|line| !line.ends_with(&start));
    let first = rest.next();
    let lines: Vec<&str> = rest.by_ref().take_while(|line| !line.ends_with(&end)).collect();
    let is_whole = first.is_some() && text.lines().any(|line| line.ends_with(&end));
    if is_whole { lines } else { Vec::new() }
}

/// Returns an item whose last line is a closing brace, with what stands directly above it.
fn item_of<'t>(text: &'t str, item: &str) -> Vec<&'t str> {
    let lines: Vec<&str> = text.lines().collect();
    let is_named = |line: &str| {
        let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        line.strip_prefix(item).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let Some(at) = lines.iter().position(|line| is_named(line)) else { return Vec::new() };
    let indent = lines[at].len() - lines[at].trim_start().len();
    let start = lines[..at].iter().rposition(|line| line.is_empty()).map_or(0, |empty| empty + 1);
    let closes = |line: &&str| line.trim_end() == format!("{}}}", " ".repeat(indent));
    lines[at..].iter().position(closes).map_or_else(Vec::new, |length| lines[start..=at + length].to_vec())
}

fn table_of<'t>(text: &'t str, table: &str) -> Vec<&'t str> {
    let mut rest = text.lines().skip_while(|line| *line != table);
    let header = rest.next();
    let mut lines: Vec<&str> = header.into_iter().chain(rest.take_while(|line| !line.starts_with('['))).collect();
    // Comments before the next header belong to the next table.
    while lines.last().is_some_and(|line| line.is_empty() || line.starts_with('#')) {
        lines.pop();
    }
    lines
}

fn hunk_of(text: &str, hunk: &str) -> Option<String> {
    let number: usize = hunk.strip_prefix("@@")?.parse().ok()?;
    let mut lines = text.lines().filter(|line| !line.starts_with("--- ") && !line.starts_with("+++ ")).peekable();
    let mut header = None;
    for _ in 0..number {
        header = Some(lines.find(|line| line.starts_with("@@ "))?);
    }
    let mut copied = format!("{}\n", header?);
    let mut removed: Vec<&str> = Vec::new();
    while let Some(line) = lines.next_if(|line| !line.starts_with("@@ ")) {
        if line.starts_with('-') {
            removed.push(line);
            continue;
        }
        push_removed(&mut copied, &mut removed);
        copied.push_str(line);
        copied.push('\n');
    }
    push_removed(&mut copied, &mut removed);
    Some(copied)
}

/// Copies removed lines, or the first two and the last of many.
fn push_removed(copied: &mut String, removed: &mut Vec<&str>) {
    let more = if removed.len() > FEW { removed.len() - 3 } else { 0 };
    for (index, line) in removed.drain(..).enumerate() {
        match index {
            2 if more > 0 => copied.push_str(&format!("[… {more} more removed lines]\n")),
            index if more > 0 && (2..2 + more).contains(&index) => {}
            _ => {
                copied.push_str(line);
                copied.push('\n');
            }
        }
    }
}

/// Returns the hunks of patches of which the page copies others.
fn missing_hunks(page: &str, root: &Path) -> Vec<String> {
    let sources = page.lines().filter_map(|line| line.strip_prefix(OPENS)?.strip_suffix(CLOSES));
    let copied: BTreeSet<&str> = sources.flat_map(|sources| sources.split(", ")).collect();
    let patches: BTreeSet<&str> = copied.iter().filter_map(|source| Some(source.split_once(":@@")?.0)).collect();
    let hunks = patches.into_iter().flat_map(|patch| {
        let text = fs::read_to_string(root.join(patch)).unwrap_or_default();
        let count = text.lines().filter(|line| line.starts_with("@@ ")).count();
        (1..=count).map(move |number| format!("{patch}:@@{number}"))
    });
    hunks.filter(|hunk| !copied.contains(hunk.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{Checked, Page, check};

    const SOURCE: &str = "one\n  // ANCHOR: part\n  two\n\n    three\n  // ANCHOR_END: part\n\n  /// A function.\n  #[test]\n  fn here() {\n      \
                          if true {\n      }\n  }\n";
    const TOML: &str = "[a]\nx = 1\n# about b\n[b]\ny = 2\n";

    const PATCH: &str = "--- a\n+++ b\n@@ -1,2 +1 @@\n one\n-two\n@@ -9 +8,2 @@\n+nine\n";

    static CHECKS: AtomicU32 = AtomicU32::new(0);

    /// Checks a page beside the two sources.
    fn checked(text: &str, is_blessing: bool) -> Checked {
        // A directory for each check: the tests run at the same time.
        let number = CHECKS.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("mpp-copies-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&root).expect("a directory");
        std::fs::write(root.join("source.rs"), SOURCE).expect("written");
        std::fs::write(root.join("source.toml"), TOML).expect("written");
        let removed: String = (1..=20).map(|number| format!("-{number}\n")).collect();
        std::fs::write(root.join("source.patch"), format!("{PATCH}{removed}")).expect("written");
        let page = Page { path: PathBuf::new(), name: "page.md".to_owned(), text: text.to_owned() };
        let checked = check(&page, Path::new(&root), is_blessing);
        std::fs::remove_dir_all(&root).expect("removed");
        checked
    }

    fn problem(text: &str) -> String {
        checked(text, false).problems.join("\n")
    }

    #[test]
    fn a_hunk_of_a_patch_is_copied_and_many_removed_lines_are_shortened() {
        let page = "<!-- copied from source.patch:@@1 -->\n```diff\n```\n\n<!-- copied from source.patch:@@2 -->\n```diff\n```\n";
        let rewritten = checked(page, true).rewritten.expect("a change");
        assert!(rewritten.contains("```diff\n@@ -1,2 +1 @@\n one\n-two\n```\n"), "{rewritten}");
        let second = "```diff\n@@ -9 +8,2 @@\n+nine\n-1\n-2\n[… 17 more removed lines]\n-20\n```\n";
        assert!(rewritten.contains(second), "{rewritten}");
        assert_eq!(
            problem(page.split_once("\n\n").expect("two").0),
            "page.md:2: the code differs from its source: run `cargo xtask book \
            --bless`\npage.md: `source.patch:@@2` is not copied"
        );
        assert!(
            problem("<!-- copied from source.patch:@@3 -->\n```diff\n```\n").contains("source.patch has no hunk `@@3`")
        );
    }

    #[test]
    fn a_copy_is_compared_with_its_region_without_the_indentation() {
        let page = "<!-- copied from source.rs:part -->\n```rust\ntwo\n\n  three\n```\n";
        let found = checked(page, false);
        assert_eq!((found.copies, found.problems), (1, Vec::new()));
        let stale = page.replace("three", "four");
        assert_eq!(problem(&stale), "page.md:2: the code differs from its source: run `cargo xtask book --bless`");
        assert_eq!(checked(&stale, true).rewritten.as_deref(), Some(page));
    }

    #[test]
    fn a_table_ends_before_the_next_one_and_sources_can_be_joined() {
        let page = "<!-- copied from source.toml:[a], source.toml:[b] -->\n```toml\n[a]\nx = 1\n\n[b]\ny = 2\n```\n";
        assert_eq!(checked(page, false).problems, [""; 0]);
    }

    #[test]
    fn an_item_is_copied_with_what_stands_above_it() {
        let page = "<!-- copied from source.rs:fn here -->\n```rust\n/// A function.\n#[test]\nfn here() {\n    if true {\n    }\n}\n```\n";
        assert_eq!(checked(page, false).problems, [""; 0]);
        assert!(problem(&page.replace("fn here -->", "fn her -->")).ends_with("source.rs has no region `fn her`"));
    }

    #[test]
    fn mistakes_are_reported_with_their_lines() {
        assert!(problem("text\n```rust\nfn f() {}\n```\n").starts_with("page.md:2: nothing tests this code"));
        assert!(problem("```rust\n{{#include x}}\n").contains("page.md:1: this block has no end"));
        assert!(problem("{{#include x}}\n").starts_with("page.md:1: an include cannot be read"));
        assert!(
            problem("<!-- copied from source.rs -->\ntext\n").starts_with("page.md:1: a block of code must follow")
        );
        let missing = "<!-- copied from source.rs:absent -->\n```rust\n```\n";
        assert_eq!(problem(missing), "page.md:2: source.rs has no region `absent`");
        assert!(problem(&missing.replace("source.rs:absent", "absent.rs")).starts_with("page.md:2: absent.rs: "));
    }
}
