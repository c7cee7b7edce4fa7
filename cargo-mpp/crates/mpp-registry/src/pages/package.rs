//! The page of a package: what it can touch first, then its tools, versions, publisher, log entry and README.

mod facts;
mod tools;
mod versions;

use maud::{Markup, html};

pub(super) use facts::{key, outside};

use super::layout::Frame;
use super::readme;
use super::site::Site;
use super::text::{Shown, characters, decoded, first_line};
use super::touch::touch;
use super::view::PackageView;

/// Renders the page.
#[must_use]
pub fn package(site: &Site, view: &PackageView) -> Markup {
    let record = &view.shown;
    let id = view.package_id.as_str();
    let name = if record.name.is_empty() { id } else { record.name.as_str() };
    let description = first_line(&record.description, 300);
    let main = html! {
        div.page {
            header.title {
                p.path { code { (id) } }
                @if let Some(decoded) = decoded(id) {
                    p.notice { "Some letters of this id are of other scripts: it reads " strong { (characters(&decoded)) } "." }
                }
                h1 { (characters(name)) " " span.version { (record.version) } }
                @if !record.description.is_empty() { p.about { (Shown(&record.description)) } }
                (state(view))
            }
            div.columns {
                (touch(view.manifest.as_ref()))
                aside.facts aria-label="About this version" { (facts::install(site, view)) (facts::facts(view)) }
                div.rest {
                    (tools::tools(view))
                    (versions::versions(view))
                    @if let Some(markdown) = &view.readme {
                        section.card aria-labelledby="readme" {
                            h2 #readme { "README" }
                            (readme::render(markdown))
                        }
                    }
                }
            }
        }
    };
    let title = format!("{name} {}", record.version);
    Frame { title: &title, description: &description, search: Some(""), listed: view.is_latest() }.around(site, &main)
}

/// Renders what a visitor has to know before anything else about this version.
fn state(view: &PackageView) -> Markup {
    let record = &view.shown;
    let page = format!("/packages/{}", view.package_id);
    html! {
        @if let Some(takedown) = &record.taken_down {
            p.notice.bad role="note" {
                strong { "Taken down by the registry" } " (" (takedown.reason.name().replace('-', " ")) ", log entry "
                (takedown.leaf_index) "). Its bytes and texts were erased, and the version number is not used again."
            }
        } @else if record.yanked {
            p.notice.warn role="note" {
                strong { "Yanked by its owner." } " It is not chosen any more; lock files that name it still install it."
            }
        }
        @match &view.latest {
            Some(latest) if !view.is_latest() => p.notice role="note" {
                "This is not the version that is installed by default: " a href=(page) { (view.package_id) " " (latest) } "."
            },
            None => p.notice role="note" { "This registry has no version of the package that would be installed by default." },
            Some(_) => {},
        }
    }
}
