//! The home page, and the page of search results.

use maud::{Markup, html};
use mpp_host::PublicKey;
use mpp_host::keys::KeyRole;

use super::icons::Icon;
use super::layout::{Frame, grouped, search_form};
use super::site::Site;
use super::text::{Shown, characters, decoded, first_line, plain};
use crate::protocol::requests::SearchResult;
use crate::search::{CapabilityFilter, Counts, Found, Query};

/// Packages on the home page.
const LATEST: usize = 12;

/// Renders the home page. `latest` are the packages with the latest versions.
#[must_use]
pub fn home(site: &Site, counts: Counts, latest: &Found) -> Markup {
    let main = html! {
        section.hero {
            h1 { "Tools for agents, with their limits on the label" }
            p.about {
                "Every package here is signed by its publisher, says what it can touch, and runs in a sandbox that allows nothing else."
            }
            (search_form("", true))
            ul.counts {
                li { strong { (grouped(counts.packages)) } " " (plural(counts.packages, "package", "packages")) }
                li { strong { (grouped(counts.versions)) } " " (plural(counts.versions, "version", "versions")) }
                li { strong { (grouped(counts.publishers)) } " " (plural(counts.publishers, "publisher", "publishers")) }
                li { strong { (grouped(site.tree_size)) } " log entries" }
            }
        }
        div.page {
            section aria-labelledby="latest" {
                h2 #latest { "Recently published" }
                @if latest.page.results.is_empty() { p.muted { "Nothing has been published yet." } }
                (results(latest, LATEST))
            }
            section.card.use aria-labelledby="use" {
                h2 #use { "Use this registry" }
                p { "Add it once. Your client pins its root key, and from then on notices if the log is ever rewritten." }
                pre.command tabindex="0" { code { (site.add_registry()) } }
                dl.list {
                    dt { "Origin" } dd { code { (site.origin) } }
                    dt { "Root key" } dd { code.hash { (site.root_key) } }
                }
                p.muted.small { "Compare the root key with one that you got in another way, for example from a colleague." }
            }
        }
    };
    let description = "A registry of packages for agents: signed, sandboxed, and recorded in a public log.";
    Frame { title: "Packages for agents", description, search: None, listed: true }.around(site, &main)
}

/// Renders the results of a search.
#[must_use]
pub fn results_page(site: &Site, query: &Query, found: &Found) -> Markup {
    let text = query.text.trim();
    let title = if text.is_empty() { "Packages".to_owned() } else { format!("Search: {}", first_line(text, 60)) };
    let main = html! {
        div.page.search-page {
            h1 { @if text.is_empty() { "Packages" } @else { "Results for “" (characters(&first_line(text, 60))) "”" } }
            div.columns.narrow-first {
                (filters(query))
                div.rest {
                    h2.total {
                        (grouped(found.total)) " " (plural(found.total, "package", "packages"))
                    }
                    (results(found, usize::MAX))
                    @if found.page.results.is_empty() {
                        p.muted { "Try fewer words or other filters. The last word may be the beginning of one." }
                    }
                    (pager(query, found))
                }
            }
        }
    };
    Frame { title: &title, description: "Search the packages of this registry.", search: None, listed: text.is_empty() }
        .around(site, &main)
}

/// Renders the page that is shown when a filter of the address has no meaning.
#[must_use]
pub fn bad_search(site: &Site, reason: &str) -> Markup {
    let main = html! {
        div.page.message {
            h1 { "This search cannot be made" }
            p.about { (Shown(reason)) }
            p { a href="/search" { "All packages" } }
        }
    };
    Frame { title: "Search", description: "Search the packages of this registry.", search: Some(""), listed: false }
        .around(site, &main)
}

/// Renders at most `max` packages as a list of cards.
pub(super) fn results(found: &Found, max: usize) -> Markup {
    html! {
        @if !found.page.results.is_empty() {
            ul.results {
                @for (result, touches) in found.page.results.iter().zip(&found.touches).take(max) { (card(result, touches)) }
            }
        }
    }
}

fn card(result: &SearchResult, touches: &[CapabilityFilter]) -> Markup {
    let id = result.package_id.as_str();
    let more = result.tools.len().saturating_sub(4);
    html! {
        li.card.result {
            div.row {
                h3 { a href={ "/packages/" (id) } { (characters(&result.name)) } }
                span.version { (result.version) }
                @if result.domain_verified { span.badge.good title="The publisher has proved to control the domain of this id" { "domain proved" } }
            }
            p.path { code { (id) } @if let Some(decoded) = decoded(id) { " " span.muted { "(" (characters(&decoded)) ")" } } }
            p.text { (Shown(&first_line(&result.description, 200))) }
            ul.tags aria-label="Tools" {
                @for tool in result.tools.iter().take(4) { li { code { (characters(tool)) } } }
                @if more > 0 { li.muted { "+" (more) } }
            }
            ul.touches.small aria-label="Touches" {
                @if touches.is_empty() { li.calm { (Icon::SHIELD) "only its arguments" } }
                @for capability in touches { li { (icon(*capability)) (words(*capability)) } }
            }
            p.by.small.muted {
                @if let Some(name) = &result.publisher { "by " (Shown(name)) " · " }
                code { (result.key.id(KeyRole::Publisher)) }
            }
        }
    }
}

fn filters(query: &Query) -> Markup {
    html! {
        form.filters.card action="/search" method="get" aria-label="Filters" {
            label for="words" { "Words" }
            input #words type="search" name="q" value=(plain(&query.text)) maxlength="256" autocomplete="off" spellcheck="false";
            label for="capability" { "Declares" }
            select #capability name="capability" {
                option value="" selected[query.capability.is_none()] { "anything" }
                @for filter in CapabilityFilter::ALL {
                    option value=(filter.name()) selected[query.capability == Some(filter)] { (words(filter)) }
                }
            }
            label.check {
                input type="checkbox" name="verified" value="true" checked[query.verified];
                span { "Domain proved" }
            }
            @if let Some(key) = &query.key {
                label.check {
                    input type="checkbox" name="key" value=(hex_of(key)) checked;
                    span { "Key " code { (key.id(KeyRole::Publisher)) } }
                }
            }
            button type="submit" { (Icon::FILTER) "Apply" }
        }
    }
}

fn icon(filter: CapabilityFilter) -> Icon {
    match filter {
        CapabilityFilter::Network => Icon::GLOBE,
        CapabilityFilter::Filesystem => Icon::FILE,
        CapabilityFilter::EnvVars => Icon::KEY,
        CapabilityFilter::Kv => Icon::STORE,
        CapabilityFilter::None => Icon::SHIELD,
    }
}

fn words(filter: CapabilityFilter) -> &'static str {
    match filter {
        CapabilityFilter::Network => "network",
        CapabilityFilter::Filesystem => "files",
        CapabilityFilter::EnvVars => "variables",
        CapabilityFilter::Kv => "own data",
        CapabilityFilter::None => "nothing at all",
    }
}

fn pager(query: &Query, found: &Found) -> Markup {
    let page = query.page.max(1);
    html! {
        @if page > 1 || found.page.next.is_some() {
            nav.pager aria-label="Pages of results" {
                @if page > 1 { a rel="prev" href=(address(query, page - 1)) { "Previous" } } @else { span {} }
                span.muted { "Page " (page) }
                @match found.page.next {
                    Some(next) => a rel="next" href=(address(query, next)) { "Next" },
                    None => span {},
                }
            }
        }
    }
}

/// Returns the address of a page of the same search.
fn address(query: &Query, page: u32) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    if !query.text.trim().is_empty() {
        pairs.append_pair("q", query.text.trim());
    }
    if let Some(capability) = query.capability {
        pairs.append_pair("capability", capability.name());
    }
    if query.verified {
        pairs.append_pair("verified", "true");
    }
    if let Some(key) = &query.key {
        pairs.append_pair("key", &hex_of(key));
    }
    pairs.append_pair("page", &page.to_string());
    format!("/search?{}", pairs.finish())
}

fn hex_of(key: &PublicKey) -> String {
    hex::encode(key.as_bytes())
}

fn plural(number: u64, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}
