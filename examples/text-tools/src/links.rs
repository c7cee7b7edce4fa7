//! Finds links in Markdown and HTML, and bare URLs.

/// A link, with its text if it has one.
#[mpp::data]
#[derive(Debug, Clone, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Link {
    /// `[text](url)`
    Markdown {
        /// The text of the link.
        text: String,
        /// The target of the link.
        url: String,
    },
    /// `<a href="url">`
    Html {
        /// The target of the link.
        url: String,
    },
    /// A URL on its own.
    Bare {
        /// The target of the link.
        url: String,
    },
}

impl Link {
    fn url(&self) -> &str {
        match self {
            Self::Markdown { url, .. } | Self::Html { url } | Self::Bare { url } => url,
        }
    }

    /// Returns whether the link leads to this host or a subdomain.
    pub(crate) fn is_below(&self, host: &str) -> bool {
        let Some((_, rest)) = self.url().split_once("://") else { return false };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let name = authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
        let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
        name == host || name.strip_suffix(&host).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// Returns all links in the order of their occurrence.
pub(crate) fn extract(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let found = markdown(rest).or_else(|| html(rest)).or_else(|| bare(rest, text[..at].chars().next_back()));
        match found {
            Some((link, len)) => {
                links.push(link);
                at += len;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    links
}

/// Parses `[text](url "title")`.
fn markdown(rest: &str) -> Option<(Link, usize)> {
    let inner = rest.strip_prefix('[')?;
    let close = inner.find("](")?;
    let text = &inner[..close];
    if text.contains(['[', '\n']) {
        return None;
    }
    let target = &inner[close + 2..];
    let end = target.find([')', '\n'])?;
    let url = target[..end].split_whitespace().next()?.trim_matches(['<', '>']);
    let complete = target[end..].starts_with(')') && !url.is_empty();
    let len = rest.len() - target.len() + end + 1;
    complete.then(|| (Link::Markdown { text: text.to_owned(), url: url.to_owned() }, len))
}

/// Parses an `<a … href="url">`.
fn html(rest: &str) -> Option<(Link, usize)> {
    let tag = rest.get(..2).filter(|start| start.eq_ignore_ascii_case("<a"))?;
    let end = rest.find('>')?;
    let attributes = &rest[tag.len()..end];
    let at = attributes.to_ascii_lowercase().find("href=")? + "href=".len();
    let value = &attributes[at..];
    let url = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    (attributes.starts_with(char::is_whitespace) && !url.is_empty())
        .then(|| (Link::Html { url: url.to_owned() }, end + 1))
}

/// Parses `https://…`, without the punctuation of the sentence around it.
fn bare(rest: &str, before: Option<char>) -> Option<(Link, usize)> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| rest.starts_with(scheme))?;
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`')).unwrap_or(rest.len());
    let mut url = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
    // A closing bracket belongs to the sentence unless it was opened within the URL.
    while url.ends_with(')') && url.matches(')').count() > url.matches('(').count() {
        url = url[..url.len() - 1].trim_end_matches(['.', ',']);
    }
    (url.len() > scheme.len()).then(|| (Link::Bare { url: url.to_owned() }, url.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_kind_once() {
        let text = "See [the docs](https://docs.example/a_(b) \"x\"), <a class=x HREF='https://post.example'>mail</a>,\
                    (https://host.example/x?y=1). Not [this] (nor) that: xhttps://no.example";
        let urls: Vec<_> = extract(text).iter().map(|link| link.url().to_owned()).collect();
        assert_eq!(urls, ["https://docs.example/a_(b", "https://post.example", "https://host.example/x?y=1"]);
        assert_eq!(extract("https://a.example/w_(x)."), [Link::Bare { url: "https://a.example/w_(x)".to_owned() }]);
        assert!(extract("https:// [x]() <a> <abbr href=x>").is_empty());
    }

    #[test]
    fn compares_hosts() {
        let bare = |url: &str| Link::Bare { url: url.to_owned() };
        assert!(bare("https://docs.example/x").is_below("docs.example"));
        assert!(bare("https://u@api.docs.example:8443").is_below("DOCS.example"));
        assert!(!bare("https://mydocs.example").is_below("docs.example"));
        assert!(!bare("/local").is_below("docs.example"));
    }
}
