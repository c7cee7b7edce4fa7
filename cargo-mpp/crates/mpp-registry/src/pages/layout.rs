//! The frame of every page: head, header with the search, main part and footer.

use maud::{DOCTYPE, Markup, html};

use super::assets::{ICON, STYLE};
use super::icons::Icon;
use super::site::Site;
use super::text::{characters, plain};

/// A page: what differs from the others.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    /// Title of the page without the registry's name.
    pub(super) title: &'a str,
    /// One sentence about the page, for link previews and search engines.
    pub(super) description: &'a str,
    /// What the header's search field contains; `None` leaves the field out, where the page has one of its own.
    pub(super) search: Option<&'a str>,
    /// Whether search engines may list the page.
    pub(super) listed: bool,
}

impl Frame<'_> {
    /// Renders the page around its main part.
    pub(super) fn around(&self, site: &Site, main: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="description" content=(plain(self.description));
                    @if !self.listed { meta name="robots" content="noindex"; }
                    title { (plain(self.title)) " · " (plain(&site.name())) }
                    link rel="stylesheet" href=(STYLE.path);
                    link rel="icon" type="image/svg+xml" href=(ICON.path);
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header.top {
                        div.bar {
                            a.brand href="/" aria-label={ (site.name()) ", home" } { (mark()) span { (characters(&site.name())) } }
                            @if let Some(query) = self.search { (search_form(query, false)) }
                            nav.links aria-label="Registry" {
                                a href="/search" { "Packages" }
                                a href="/#use" { "Set up" }
                            }
                        }
                    }
                    main #main tabindex="-1" { (main) }
                    (footer(site))
                }
            }
        }
    }
}

/// The form that searches packages. `large` is the one of the home page.
pub(super) fn search_form(query: &str, large: bool) -> Markup {
    html! {
        form.search.large[large] role="search" action="/search" method="get" {
            (Icon::SEARCH)
            input type="search" name="q" value=(plain(query)) aria-label="Search packages" maxlength="256"
                placeholder="Search packages"
                autocomplete="off" spellcheck="false";
            button type="submit" { "Search" }
        }
    }
}

fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="8" {}
            path d="M16 6l8.5 4.8v10.4L16 26l-8.5-4.8V10.8z" {}
            path d="M7.5 10.8L16 15.6l8.5-4.8M16 15.6V26" {}
        }
    }
}

fn footer(site: &Site) -> Markup {
    html! {
        footer.bottom {
            div.bar {
                p {
                    "Everything that this registry accepted is in a public log of "
                    strong { (grouped(site.tree_size)) } " entries. "
                    "The registry is not trusted for content: clients verify each package and its publisher's signature again."
                }
                nav aria-label="Records" {
                    ul {
                        li { a href="/log/checkpoint" { "Checkpoint of the log" } }
                        li { a href="/revocations.json" { "Revocations" } }
                        li { a href="/.well-known/mpp-registry.json" { "Keys of the registry" } }
                        li { a href="/v1/openapi.json" { "API" } }
                    }
                }
            }
        }
    }
}

/// Formats a number with commas between groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 8);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
