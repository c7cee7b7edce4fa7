//! The versions of a package, each with what it can touch more or less than the one before.

use maud::{Markup, html};
use mpp_host::policy::{New, size};

use super::super::layout::grouped;
use super::super::text::characters;
use super::super::time::date;
use super::super::touch::sentence;
use super::super::view::{CapabilityChange, PackageView, VersionView};

/// Renders the section.
pub(super) fn versions(view: &PackageView) -> Markup {
    html! {
        section.card aria-labelledby="versions" {
            h2 #versions { "Versions " span.count { (view.versions.len() + view.older) } }
            p.lead { "Each version with what it can touch more or less than the version below it." }
            ol.versions reversed {
                @for version in &view.versions { (one(view, version)) }
            }
            @if view.older > 0 {
                p { a href={ "/packages/" (view.package_id) "?versions=all#versions" } { (view.older) " older versions" } }
            }
        }
    }
}

fn one(view: &PackageView, version: &VersionView) -> Markup {
    let record = &version.record;
    let is_shown = record.version == view.shown.version;
    html! {
        li.current[is_shown] {
            div.row {
                a.number href={ "/packages/" (view.package_id) "/" (record.version) }
                    aria-current=[is_shown.then_some("page")] { (record.version) }
                (date(record.time))
                span.muted { (size(record.archive_size)) }
                span.muted { "log entry " (grouped(record.leaf_index)) }
                @if record.taken_down.is_some() { span.badge.bad { "taken down" } }
                @else if record.yanked { span.badge.warn { "yanked" } }
            }
            (change(&version.change))
        }
    }
}

fn change(change: &CapabilityChange) -> Markup {
    match change {
        CapabilityChange::First => html! { p.change.muted { "first version" } },
        CapabilityChange::Unknown => html! { p.change.muted { "not known: a manifest was erased" } },
        CapabilityChange::Known { wider, narrower } if wider.is_empty() && narrower.is_empty() => {
            html! { p.change.muted { "touches the same" } }
        }
        CapabilityChange::Known { wider, narrower } => html! {
            ul.changes {
                @for new in wider { li.added { span.sign { "more" } " " span { (words(new)) } } }
                @for old in narrower { li.removed { span.sign { "less" } " " span { (words(old)) } } }
            }
        },
    }
}

fn words(new: &New) -> Markup {
    match new {
        New::Ability(ability) => sentence(ability),
        other => characters(&other.to_string()),
    }
}
