//! Several tools in one package: they count, slugify, compare, extract links, and rewrite text.

mod compare;
mod links;
mod steps;

use std::collections::BTreeMap;

use compare::Change;
use links::Link;
use steps::Step;

/// A text that a tool cannot process.
#[derive(Debug, mpp::ToolError)]
enum TextError {
    #[error(
        code = "too_long",
        message = "`{which}` has {lines} lines, expected at most {limit}; compare smaller parts"
    )]
    TooLong { which: &'static str, lines: usize, limit: usize },
    #[error(code = "nothing_left", message = "the text has no letters or digits")]
    NothingLeft,
}

/// The size of a text.
#[mpp::data]
#[derive(Debug)]
struct Size {
    /// The number of characters, including white space.
    characters: usize,
    /// The number of words.
    words: usize,
    /// The number of lines.
    lines: usize,
    /// The most frequent words in lower case, and how often each occurs.
    frequent: BTreeMap<String, usize>,
}

/// The separator between the words of a slug.
#[mpp::data]
#[derive(Debug, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Separator {
    /// `-`
    Dash,
    /// `_`
    Underscore,
}

/// Count characters, words and lines, and list the most frequent words.
#[mpp::tool(read_only, idempotent)]
fn word_count(
    /// The text.
    text: &str,
    /// The number of frequent words to list.
    #[arg(default = 5, range = 0..=100)]
    top: usize,
    /// Words to exclude from the list.
    #[arg(default)]
    ignore: Vec<String>,
) -> Size {
    let ignored: Vec<String> = ignore.iter().map(|word| word.to_lowercase()).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in words(text).map(str::to_lowercase).filter(|word| !ignored.contains(word)) {
        *counts.entry(word).or_default() += 1;
    }
    let mut ranked: Vec<(String, usize)> = counts.into_iter().collect();
    // The sort is stable, so equally frequent words stay in alphabetical order.
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Size {
        characters: text.chars().count(),
        words: words(text).count(),
        lines: text.lines().count(),
        frequent: ranked.into_iter().take(top).collect(),
    }
}

/// Convert a title to a name for URLs and files: lower-case letters, digits and separators.
#[mpp::tool(read_only, idempotent)]
fn slugify(
    /// The title.
    #[arg(min_len = 1, example = "Crème brûlée, step by step")]
    text: &str,
    /// The separator between words.
    #[arg(default = Separator::Dash)]
    separator: Separator,
    /// The maximum number of characters; the slug ends with a whole word.
    #[arg(range = 8..=200)]
    max_len: Option<usize>,
) -> Result<String, TextError> {
    let separator = match separator {
        Separator::Dash => '-',
        Separator::Underscore => '_',
    };
    let mut slug = String::new();
    for word in words(text) {
        let plain: String = word.chars().flat_map(char::to_lowercase).filter_map(steps::without_accent).collect();
        let len = slug.len() + usize::from(!slug.is_empty()) + plain.len();
        if !slug.is_empty() && max_len.is_some_and(|max| len > max) {
            break;
        }
        if !slug.is_empty() && !plain.is_empty() {
            slug.push(separator);
        }
        slug.push_str(&plain);
    }
    if let Some(max) = max_len {
        slug.truncate(max);
    }
    if slug.is_empty() { Err(TextError::NothingLeft) } else { Ok(slug) }
}

/// Compare two texts line by line.
#[mpp::tool(read_only, idempotent)]
fn diff(
    /// The text before the change.
    before: &str,
    /// The text after the change.
    after: &str,
    /// The number of equal lines to show around each change.
    #[arg(default = 3, range = 0..=100)]
    context: usize,
) -> Result<Vec<Change>, TextError> {
    for (which, text) in [("before", before), ("after", after)] {
        let lines = text.lines().count();
        if lines > compare::MAX_LINES {
            return Err(TextError::TooLong { which, lines, limit: compare::MAX_LINES });
        }
    }
    Ok(compare::changes(before, after, context))
}

/// List the links in a text: Markdown, HTML, and bare URLs.
#[mpp::tool(read_only, idempotent)]
fn extract_links(
    /// The text.
    text: &str,
    /// List only links to this host and its subdomains.
    #[arg(min_len = 1, example = "docs.example")]
    host: Option<&str>,
) -> Vec<Link> {
    let mut links = links::extract(text);
    if let Some(host) = host {
        links.retain(|link| link.is_below(host));
    }
    links
}

/// Rewrite a text in steps.
#[mpp::tool(read_only, idempotent)]
fn rewrite(
    /// The text.
    text: &str,
    /// The steps, in order.
    #[arg(min_len = 1, max_len = 20)]
    steps: &[Step],
) -> String {
    steps.iter().fold(text.to_owned(), |text, step| step.apply(&text))
}

/// Returns the words: letters and digits, with apostrophes and hyphens inside.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-');
    text.split(move |c| !inner(c)).map(|word| word.trim_matches(['\'', '’', '-'])).filter(|word| !word.is_empty())
}

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
