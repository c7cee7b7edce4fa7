//! Pages for addresses that lead nowhere, and for failures of the server.

use maud::{Markup, html};

use super::layout::{Frame, search_form};
use super::site::Site;
use super::text::{Shown, characters};

/// Renders the page for an address without a page. `wanted` is what was looked for, for example a package id.
#[must_use]
pub fn not_found(site: &Site, wanted: Option<&str>) -> Markup {
    let main = html! {
        div.page.message {
            p.path { "404" }
            h1 { "There is nothing here" }
            p.about {
                @match wanted {
                    Some(wanted) => { "This registry has no " strong { (characters(wanted)) } "." },
                    None => "This registry has no page at this address.",
                }
            }
            (search_form("", true))
            p.muted { "A package that was published stays: nothing is unpublished here. Check the spelling of the address." }
        }
    };
    Frame { title: "Not found", description: "This page does not exist.", search: None, listed: false }
        .around(site, &main)
}

/// Renders the page for a failure of the server. `code` is that of the error, `reason` its message.
#[must_use]
pub fn failed(site: &Site, code: &str, reason: &str) -> Markup {
    let main = html! {
        div.page.message {
            p.path { (code) }
            h1 { "This page cannot be shown now" }
            p.about { (Shown(reason)) }
            p.muted { "Clients are not affected by a failure of the pages. Try again in a minute." }
        }
    };
    Frame { title: "Not available", description: "This page cannot be shown now.", search: None, listed: false }
        .around(site, &main)
}
