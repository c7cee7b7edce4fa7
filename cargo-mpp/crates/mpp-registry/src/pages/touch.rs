//! The first thing on a package page: what the package can touch, in the words in which a person is asked to approve it.

use maud::{Markup, html};
use mpp_host::package::Manifest;
use mpp_host::policy::Ability;
use mpp_host::policy::plain_words::{NO_PERMISSIONS, permissions, privacy};
use mpp_host::wire::SecurityLevel;

use super::icons::Icon;
use super::text::characters;

/// Renders the section.
pub(super) fn touch(manifest: Option<&Manifest>) -> Markup {
    html! {
        section.card.touch aria-labelledby="touch" {
            h2 #touch { "What it can touch" }
            @match manifest {
                Some(manifest) => (known(manifest)),
                None => p { "The manifest of this version was erased, so nothing is known about it." },
            }
        }
    }
}

fn known(manifest: &Manifest) -> Markup {
    let permissions = permissions(manifest);
    let level = manifest.tool_definitions.iter().map(|tool| tool.security_level).max().unwrap_or_default();
    html! {
        p.lead { "This is the complete list. Whatever is not in it does not exist for the package, and you are asked before it runs." }
        ul.abilities {
            @if permissions.is_empty() {
                li.calm { span.icon { (Icon::SHIELD) } span { (NO_PERMISSIONS) } }
            }
            @for ability in &permissions {
                li { span.icon { (icon(ability)) } span { (sentence(ability)) } }
            }
            @if level > SecurityLevel::Low {
                @let ability = Ability::Level(level);
                li.warn[level > SecurityLevel::Medium] { span.icon { (Icon::WARNING) } span { (sentence(&ability)) } }
            }
        }
        h3 { "What leaves it" }
        ul.abilities.privacy {
            @for line in privacy(manifest) {
                @let open = !manifest.privacy_filters.enabled || line.starts_with("not redacted");
                li.warn[open] {
                    span.icon { @if open { (Icon::WARNING) } @else { (Icon::FILTER) } }
                    span { (characters(&line)) }
                }
            }
        }
    }
}

/// Returns the sentence of the approval prompt, with the host, path or name set apart.
pub(super) fn sentence(ability: &Ability) -> Markup {
    let sentence = ability.to_string();
    let (before, value) = match ability {
        Ability::Read(value)
        | Ability::Write(value)
        | Ability::Connect(value)
        | Ability::Variable(value)
        | Ability::Leaves(value)
        | Ability::Exempt(value) => (None, value.as_str()),
        Ability::Withheld(value) => (Some("variable "), value.as_str()),
        Ability::Inject { header, .. } => (Some("header "), header.as_str()),
        _ => (None, ""),
    };
    let at = match before {
        _ if value.is_empty() => None,
        Some(word) => sentence.find(word).map(|at| at + word.len()),
        None => sentence.strip_suffix(value).map(str::len),
    };
    html! {
        @match at {
            // The scheme in front of a host belongs to it.
            Some(at) => {
                @let start = sentence[..at].rfind(' ').map_or(0, |space| space + 1);
                (sentence[..start]) code { (characters(&sentence[start..at + value.len()])) } (characters(&sentence[at + value.len()..]))
            },
            None => (characters(&sentence)),
        }
    }
}

fn icon(ability: &Ability) -> Icon {
    match ability {
        Ability::Read(_) => Icon::FILE,
        Ability::Write(_) => Icon::PENCIL,
        Ability::Connect(_) => Icon::GLOBE,
        Ability::Inject { .. } => Icon::SEND,
        Ability::Variable(_) => Icon::KEY,
        Ability::Withheld(_) => Icon::LOCK,
        Ability::Keep(_) => Icon::STORE,
        _ => Icon::WARNING,
    }
}

#[cfg(test)]
mod tests {
    use mpp_host::policy::Ability;

    use super::sentence;

    #[test]
    fn the_value_of_a_sentence_is_set_apart() {
        for (ability, html) in [
            (Ability::Read("/data".into()), "may read <code>/data</code>"),
            (Ability::Connect("api.example.com".into()), "may connect to <code>https://api.example.com</code>"),
            (Ability::Connect("http://x.example".into()), "may connect to <code>http://x.example</code>"),
            (
                Ability::Withheld("KEY".into()),
                "uses the variable <code>KEY</code> in headers; the host adds them, and the tool never sees it",
            ),
            (Ability::Keep(1024), "may store up to 1.0 KiB of its own data"),
            (
                Ability::Read("/<b>\u{202e}".into()),
                "may read <code>/&lt;b&gt;<span class=\"hidden-mark\" title=\"a hidden character\">U+202E</span></code>",
            ),
        ] {
            assert_eq!(sentence(&ability).into_string(), html);
        }
    }
}
