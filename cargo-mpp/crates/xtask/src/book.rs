//! Checks the prose of the repository: code in the book is a copy of tested code, and every link has a target.

use std::fs;
use std::path::{Path, PathBuf};

mod copies;
mod links;

use super::{Outcome, root};

/// A Markdown file of the repository.
struct Page {
    path: PathBuf,
    /// The path from the root of the repository, as messages show it.
    name: String,
    text: String,
}

/// Checks the pages. `--bless` first brings the copies up to date.
pub(super) fn run(arguments: &[String]) -> Outcome {
    let is_blessing = arguments.iter().any(|argument| argument == "--bless");
    let root = root();
    let mut pages = pages(&root)?;
    let (mut problems, mut copies) = (Vec::new(), 0);
    for page in &mut pages {
        let checked = copies::check(page, &root, is_blessing);
        copies += checked.copies;
        problems.extend(checked.problems);
        if let Some(text) = checked.rewritten {
            fs::write(&page.path, &text).map_err(|error| format!("{}: {error}", page.name))?;
            eprintln!("rewritten: {}", page.name);
            page.text = text;
        }
    }
    for page in &pages {
        problems.extend(links::check(page, &pages));
    }
    if problems.is_empty() {
        eprintln!("{} pages: {copies} copies of code are up to date, and every link has a target", pages.len());
        return Ok(());
    }
    Err(format!("the prose does not agree with the repository\n\n{}", problems.join("\n")))
}

/// The pages of the book, and the Markdown files in the root of the repository.
fn pages(root: &Path) -> Result<Vec<Page>, String> {
    let mut pages = Vec::new();
    for dir in [root.to_owned(), root.join("book/src")] {
        let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
        for entry in fs::read_dir(&dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = fs::read_to_string(&path).map_err(failed)?;
                let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                pages.push(Page { path, name, text });
            }
        }
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

#[cfg(test)]
mod tests {
    #[test]
    fn code_in_the_book_is_a_copy_of_tested_code_and_links_have_targets() {
        assert_eq!(super::run(&[]), Ok(()));
    }
}
