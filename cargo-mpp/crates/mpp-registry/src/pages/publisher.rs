//! The page of a publisher: the key, what its holder claims, and the packages that it owns.

use maud::{Markup, html};

use super::home::results;
use super::layout::{Frame, grouped};
use super::package::{key, outside};
use super::site::Site;
use super::text::{Shown, characters};
use super::view::{KeyView, PublisherView};

/// Renders the page.
#[must_use]
pub fn publisher(site: &Site, view: &PublisherView) -> Markup {
    let file = &view.file;
    let name = view.profile.as_ref().map_or(file.key_id.as_str(), |profile| profile.name.as_str());
    let owned = file.packages.len();
    let main = html! {
        div.page {
            header.title {
                p.path { "Publisher " code { (file.key_id) } }
                h1 { (characters(name)) }
                @if let Some(from) = file.revoked_from {
                    p.notice.bad role="note" {
                        strong { "This key is revoked" } " from log entry " (grouped(from)) " on. Versions that it signed before are still valid."
                    }
                }
                @if let Some(rotation) = &file.rotated_to {
                    p.notice role="note" {
                        "Replaced by " (key(&KeyView::new(rotation.to, None))) " in log entry " (grouped(rotation.leaf_index)) "."
                    }
                }
            }
            div.columns {
                div.rest {
                    section aria-labelledby="packages" {
                        h2 #packages { "Packages " span.count { (owned) } }
                        @if owned == 0 { p.muted { "This key owns no packages." } }
                        (results(&view.packages, usize::MAX))
                        @if view.packages.page.next.is_some() {
                            p { a href={ "/search?key=" (hex::encode(file.key.as_bytes())) } { "All packages of this key" } }
                        }
                    }
                }
                aside.facts aria-label="About this publisher" {
                    section.card aria-labelledby="proved" {
                        h2 #proved { "Proved" }
                        dl.list {
                            dt { "Key" } dd { code.hash { (file.key.to_base64()) } }
                            dt { "Registered" } dd { "log entry " (grouped(file.leaf_index)) }
                            dt { "Record" }
                            dd { a href={ "/publishers/" (hex::encode(file.key.as_bytes())) ".json" } { "signed publisher file" } }
                        }
                    }
                    @if let Some(profile) = &view.profile {
                        section.card aria-labelledby="claimed" {
                            h2 #claimed { "Claimed" }
                            p.muted.small { "Stated by the holder of the key, checked by nobody." }
                            dl.list {
                                dt { "Name" } dd { (Shown(&profile.name)) }
                                @if let Some(url) = &profile.url { dt { "Website" } dd { (outside(url)) } }
                                @if let Some(contact) = &profile.contact { dt { "Contact" } dd { (Shown(contact)) } }
                            }
                        }
                    }
                }
            }
        }
    };
    Frame { title: name, description: "A publisher and the packages of this key.", search: Some(""), listed: true }
        .around(site, &main)
}
