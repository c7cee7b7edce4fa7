//! Beside a package: how to install it, who published it, what is proved about that, and what is only claimed.

use maud::{Markup, html};
use mpp_host::policy::size;

use super::super::layout::grouped;
use super::super::site::Site;
use super::super::text::{Shown, characters, plain};
use super::super::time::{date, day};
use super::super::view::{KeyView, PackageView};
use crate::protocol::DomainState;

/// Renders the line that installs the shown version.
pub(super) fn install(site: &Site, view: &PackageView) -> Markup {
    let version = view.shown.version.to_string();
    let version = (!view.is_latest()).then_some(version.as_str());
    html! {
        @if view.shown.taken_down.is_none() {
            section.card.install aria-labelledby="install" {
                h2 #install { "Install" }
                pre.command tabindex="0" { code { (site.install(&view.package_id, version)) } }
                p.muted.small { "The client checks the log entry and the publisher's signature, then asks you." }
            }
        }
    }
}

/// Renders the facts.
pub(super) fn facts(view: &PackageView) -> Markup {
    let record = &view.shown;
    let signer = view.owners.iter().find(|owner| owner.key == record.key).cloned();
    let is_owner = signer.is_some();
    let signer = signer.unwrap_or(KeyView { key: record.key, name: None });
    html! {
        section.card aria-labelledby="proved" {
            h2 #proved { "Proved" }
            dl.list {
                dt { "Signed by" }
                dd {
                    @if is_owner { (key(&signer)) } @else { code { (signer.id()) } }
                    @if !is_owner {
                        @match &view.delegation {
                            Some(delegation) => p.small.muted {
                                "publishes for " (key(&owner(view, delegation.owner))) " until "
                                (day(delegation.expires.as_secs().saturating_mul(1000)))
                            },
                            None => p.small.muted { "not an owner's key today" },
                        }
                    }
                }
                dt { "Domain" }
                dd { (domain(view)) }
                dt { "Log entry" }
                dd { (grouped(record.leaf_index)) " of " (grouped(view.tree_size)) }
                dt { "Published" }
                dd { (date(record.time)) }
                dt { "Package" }
                dd { (size(record.archive_size)) }
                dt { "Content hash" }
                dd { code.hash { (record.content_hash) } }
                dt { "Record" }
                dd { a href={ "/index/" (view.package_id) ".json" } { "signed index file" } }
            }
        }
        section.card aria-labelledby="owners" {
            h2 #owners { @if view.owners.len() == 1 { "Owner" } @else { "Owners" } }
            ul.plain {
                @for owner in &view.owners { li { (key(owner)) } }
            }
        }
        (claims(view))
    }
}

fn owner(view: &PackageView, key: mpp_host::PublicKey) -> KeyView {
    view.owners.iter().find(|owner| owner.key == key).cloned().unwrap_or(KeyView { key, name: None })
}

/// Renders a registered key with a link to its page. A name is only claimed, so the key id is always beside it.
pub(in crate::pages) fn key(view: &KeyView) -> Markup {
    html! {
        a.key href={ "/publisher/" (hex::encode(view.key.as_bytes())) } {
            @if let Some(name) = &view.name { span.name { (Shown(name)) } " " }
            code { (view.id()) }
        }
    }
}

fn domain(view: &PackageView) -> Markup {
    html! {
        @match &view.domain {
            None => span.muted { "not proved" },
            Some(proof) => {
                @match proof.state {
                    DomainState::Proved => span.badge.good { "proved" },
                    DomainState::Failing => span.badge.warn { "last check failed" },
                    _ => span.badge.bad { "lapsed" },
                }
                " " code { (characters(&proof.domain)) }
                p.small.muted { "log entry " (grouped(proof.leaf_index)) }
            },
        }
    }
}

/// Renders what only the publisher says.
fn claims(view: &PackageView) -> Markup {
    let publisher = view.manifest.as_ref().map(|manifest| &manifest.publisher);
    let url = publisher.and_then(|publisher| publisher.url.as_deref());
    let license = view.shown.license.as_deref();
    html! {
        @if publisher.is_some() || license.is_some() {
            section.card aria-labelledby="claimed" {
                h2 #claimed { "Claimed" }
                p.muted.small { "Stated by the publisher, checked by nobody." }
                dl.list {
                    @if let Some(publisher) = publisher { dt { "Publisher" } dd { (Shown(&publisher.name)) } }
                    @if let Some(url) = url { dt { "Website" } dd { (outside(url)) } }
                    @if let Some(license) = license { dt { "Licence" } dd { (Shown(license)) } }
                }
            }
        }
    }
}

/// Renders a link to a page of others. Only web addresses become links.
pub(in crate::pages) fn outside(url: &str) -> Markup {
    let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    match parsed {
        Some(parsed) => html! {
            a href=(parsed.as_str()) rel="nofollow noopener noreferrer ugc" { (characters(&plain(url))) }
        },
        None => html! { (Shown(url)) },
    }
}

#[cfg(test)]
mod tests {
    use super::outside;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(outside("https://example.com/a").into_string().contains("href=\"https://example.com/a\""));
        for bad in ["javascript:alert(1)", "data:text/html,x", "//example.com", "file:///etc/passwd", "text"] {
            assert!(!outside(bad).into_string().contains("href"), "{bad}");
        }
    }
}
