//! Renders the README of a package: Markdown to HTML without scripts, styles, forms, images and links into the registry.
//!
//! The Markdown is parsed by `pulldown-cmark`, and the HTML, which may contain HTML of the author, is cleaned by `ammonia`.
//! The page's Content-Security-Policy would stop what either of them overlooked.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use maud::{Markup, PreEscaped, html};
use mpp_host::VerifiedPackage;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::text::in_html;

/// Largest README that is shown, in bytes.
pub const MAX_README: usize = 256 * 1024;
/// Ids of headings begin with this, so that they differ from those of the page.
const ID_PREFIX: &str = "readme-";
/// Depth at which block quotes and lists stop being nested: what is deeper is shown at this depth.
const MAX_DEPTH: usize = 16;

/// Returns the text of a package's `README.md`. Returns `None` if it has none, or one that is not text or too large.
#[must_use]
pub fn of(package: &VerifiedPackage) -> Option<String> {
    let bytes = package.entry("README.md").filter(|bytes| bytes.len() <= MAX_README)?;
    let text = std::str::from_utf8(mpp_host::text::without_byte_order_mark(bytes)).ok()?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// Renders Markdown of an author.
pub(super) fn render(markdown: &str) -> Markup {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let mut html = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut html, adapted(Parser::new_ext(markdown, options)));
    let PreEscaped(html) = in_html(CLEANER.clean(&html).to_string());
    html! { div.prose { (PreEscaped(html)) } }
}

/// Adapts the events to a page that has headings of its own and shows no images.
fn adapted<'a>(parser: Parser<'a>) -> impl Iterator<Item = Event<'a>> {
    let mut depth = 0_usize;
    let mut ids = HashSet::new();
    let events: Vec<Event<'a>> = parser.collect();
    let headings = heading_ids(&events, &mut ids);
    let mut headings = headings.into_iter();
    events.into_iter().filter_map(move |event| match event {
        Event::Start(Tag::Heading { level, classes: _, attrs: _, id: _ }) => Some(Event::Start(Tag::Heading {
            level: lowered(level),
            id: headings.next().map(CowStr::from),
            classes: Vec::new(),
            attrs: Vec::new(),
        })),
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lowered(level)))),
        // The alternative text of an image stays, as text.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Some(Event::Start(Tag::Link { link_type, dest_url: anchor(dest_url), title, id }))
        }
        Event::TaskListMarker(done) => Some(Event::Text(if done { "☑ ".into() } else { "☐ ".into() })),
        Event::Start(tag @ (Tag::BlockQuote(_) | Tag::List(_) | Tag::Item)) => {
            depth += 1;
            (depth <= MAX_DEPTH).then_some(Event::Start(tag))
        }
        Event::End(tag @ (TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item)) => {
            depth = depth.saturating_sub(1);
            (depth < MAX_DEPTH).then_some(Event::End(tag))
        }
        other => Some(other),
    })
}

/// Returns an id for each heading, made from its text.
fn heading_ids(events: &[Event<'_>], ids: &mut HashSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut text: Option<String> = None;
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => text = Some(String::new()),
            Event::Text(more) | Event::Code(more) => {
                if let Some(text) = &mut text {
                    text.push_str(more);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&text.take().unwrap_or_default());
                let numbered = (1..).map(|n| format!("{ID_PREFIX}{slug}-{n}"));
                let id = std::iter::once(format!("{ID_PREFIX}{slug}")).chain(numbered).find(|id| !ids.contains(id));
                let id = id.unwrap_or_default();
                ids.insert(id.clone());
                found.push(id);
            }
            _ => {}
        }
    }
    found
}

/// Returns the text of a heading as other sites use it in links: lower case, words joined by `-`.
fn slug(text: &str) -> String {
    let kept = text.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

/// Leads a link to a heading of the README to the id that the heading has on the page.
fn anchor(url: CowStr<'_>) -> CowStr<'_> {
    match url.strip_prefix('#') {
        Some(name) => format!("#{ID_PREFIX}{name}").into(),
        None => url,
    }
}

/// The page has the first two levels of headings.
fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        // No images, and no headings above those of the README.
        .rm_tags(["img", "map", "area", "h1", "h2", "header", "footer", "nav", "article", "aside", "center", "figure"])
        .rm_tag_attributes("a", ["hreflang"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // A relative link leads to a file of the project, which is not here.
        .url_relative(UrlRelative::Custom(Box::new(only_headings)))
        .link_rel(Some("nofollow noopener noreferrer ugc"))
        .attribute_filter(only_own_ids);
    for heading in ["h3", "h4", "h5", "h6"] {
        cleaner.add_tag_attributes(heading, ["id"]);
    }
    cleaner
});

fn only_headings(url: &str) -> Option<Cow<'_, str>> {
    url.starts_with('#').then_some(Cow::Borrowed(url))
}

fn only_own_ids<'u>(_element: &str, attribute: &str, value: &'u str) -> Option<Cow<'u, str>> {
    (attribute != "id" || value.starts_with(ID_PREFIX)).then_some(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use super::render;

    fn html(markdown: &str) -> String {
        render(markdown).into_string()
    }

    #[test]
    fn scripts_styles_forms_and_handlers_are_removed() {
        let html = html(
            "# Tool\n\n<script>alert(1)</script><style>body{display:none}</style>\n\n<p onclick=\"alert(2)\" style=\"color:red\" class=\"badge\" id=\"touch\">text</p>\n\n\
             <form action=\"https://evil.example\"><input name=password></form><iframe src=\"https://evil.example\"></iframe>\n\n\
             [link](javascript:alert(3)) <a href=\"data:text/html,x\">data</a> <svg onload=alert(4)></svg> <base href=\"https://evil.example\">\n\n\
             <meta http-equiv=refresh content=\"0;url=https://evil.example\"><object data=x></object><link rel=stylesheet href=x>",
        );
        for bad in [
            "script",
            "alert",
            "style",
            "onclick",
            "class=\"badge\"",
            "id=\"touch\"",
            "form",
            "input",
            "iframe",
            "javascript",
            "data:",
            "svg",
            "base",
            "meta",
            "object",
            "<link",
            "evil",
        ] {
            assert!(!html.contains(bad), "{bad}: {html}");
        }
        assert!(html.contains("<h3 id=\"readme-tool\">Tool</h3>") && html.contains("<p>text</p>"), "{html}");
    }

    #[test]
    fn images_become_their_text() {
        let html =
            html("![a chart](https://other.example/chart.png)\n\n<img src=\"https://other.example/x.png\" alt=\"x\">");
        assert!(html.contains("a chart") && !html.contains("img") && !html.contains("other.example"), "{html}");
    }

    #[test]
    fn links_lead_outside_or_to_headings() {
        let html = html(
            "# Set up\n\n[here](#set-up) [file](docs/x.md) [root](/v1/search) [host](//evil.example/) [site](https://example.com/)\n\n# Set up",
        );
        assert!(html.contains("<a href=\"#readme-set-up\""), "{html}");
        assert!(
            html.contains("<a href=\"https://example.com/\" rel=\"nofollow noopener noreferrer ugc\">site</a>"),
            "{html}"
        );
        assert!(html.contains("id=\"readme-set-up-1\""), "{html}");
        for gone in ["docs/x.md", "/v1/search", "evil.example"] {
            assert!(!html.contains(gone), "{gone}: {html}");
        }
    }

    #[test]
    fn tables_lists_and_code_are_kept() {
        let html =
            html("| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n```rust\nfn main() {}\n```\n\n> quote");
        for kept in ["<table>", "<td>1</td>", "☑ done", "☐ open", "<pre><code>fn main() {}", "<blockquote>"] {
            assert!(html.contains(kept), "{kept}: {html}");
        }
    }

    #[test]
    fn hidden_characters_are_shown() {
        let html = html("safe\u{202e}txt.exe <b title=\"\u{2066}x\">b</b>");
        assert!(html.contains("safeU+202Etxt.exe") && html.contains("title=\"U+2066x\""), "{html}");
    }

    #[test]
    fn deep_nesting_is_flattened() {
        let html = html(&format!("{}deep", "> ".repeat(5000)));
        assert_eq!(html.matches("<blockquote>").count(), super::MAX_DEPTH);
        assert_eq!(html.matches("</blockquote>").count(), super::MAX_DEPTH);
        assert!(html.contains("deep"), "the text stays");
    }
}
