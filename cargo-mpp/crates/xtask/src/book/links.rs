//! Links in Markdown files: the file must exist, and a page must have the heading that a link names.

use std::path::{Component, Path, PathBuf};

use super::Page;

/// Returns the links of a page that lead nowhere.
pub(super) fn check(page: &Page, pages: &[Page]) -> Vec<String> {
    let mut problems = Vec::new();
    for (line, link) in links(&page.text) {
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let target = match file {
            "" => page.path.clone(),
            _ => lexical(&page.path.parent().unwrap_or(Path::new("")).join(file)),
        };
        let mut problem = |what: String| problems.push(format!("{}:{line}: {what}", page.name));
        if !target.exists() {
            problem(format!("there is no `{file}`"));
        } else if page.name.starts_with("book/") && !pages.iter().any(|page| page.path == target) {
            problem(format!("`{file}` is not a page of the book, which is also published without the repository"));
        } else if !heading.is_empty() {
            let known = pages.iter().find(|page| page.path == target).map(|page| headings(&page.text));
            if !known.is_some_and(|known| known.iter().any(|known| known == heading)) {
                problem(format!("`{file}` has no heading `#{heading}`"));
            }
        }
    }
    problems
}

/// Returns the targets of all links within the repository, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (index, line) in prose(text) {
        for (at, _) in line.match_indices("](") {
            let link = line[at + 2..].split(')').next().unwrap_or_default();
            if !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") {
                found.push((index, link));
            }
        }
    }
    found
}

/// Returns the names by which links refer to the headings of a page.
fn headings(text: &str) -> Vec<String> {
    prose(text).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| slug(line.trim_start_matches('#'))).collect()
}

fn slug(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    heading.trim().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// Returns the lines outside of code, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((index + 1, line))
    })
}

/// Removes `..` from a path without asking the file system.
fn lexical(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Page, check};

    fn page(name: &str, text: &str) -> Page {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
        Page { path, name: format!("book/{name}"), text: text.to_owned() }
    }

    #[test]
    fn a_link_needs_a_file_a_page_and_a_heading() {
        let pages =
            [page("src/main.rs", "# The `first` Part\n"), page("page.md", "## Here\n```text\n](absent)\n```\n")];
        let of = |text: &str| check(&page("page.md", text), &pages);
        let right = "[a](src/main.rs#the-first-part) [b](https://absent.example/x) [c](src/../src/main.rs)";
        assert_eq!(of(right), [""; 0]);
        assert_eq!(of("\n[a](absent.md)"), ["book/page.md:2: there is no `absent.md`"]);
        assert_eq!(of("[a](src/main.rs#second)"), ["book/page.md:1: `src/main.rs` has no heading `#second`"]);
        assert!(of("[a](Cargo.toml)")[0].contains("is not a page of the book"));
    }
}
