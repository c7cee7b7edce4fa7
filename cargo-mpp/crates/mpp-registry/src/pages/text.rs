//! Text of packages and publishers, made safe to show: hidden characters become visible, and nothing reorders its surroundings.

use maud::{Markup, PreEscaped, Render, html};
use mpp_host::text::is_dangerous;

/// Returns whether a page shows a character as its number. Joiners stay, because emoji and several scripts need them.
fn is_hidden(c: char) -> bool {
    is_dangerous(c) && !matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}')
}

/// Text of others, isolated from the direction of the text around it. Hidden characters appear as `U+202E`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a>(pub(super) &'a str);

impl Render for Shown<'_> {
    fn render(&self) -> Markup {
        html! { bdi { (characters(self.0)) } }
    }
}

/// Renders text without isolating it.
pub(super) fn characters(text: &str) -> Markup {
    html! {
        @for piece in text.split_inclusive(is_hidden) {
            (piece.trim_end_matches(is_hidden))
            @if let Some(hidden) = piece.chars().next_back().filter(|c| is_hidden(*c)) {
                span.hidden-mark title="a hidden character" { (name_of(hidden)) }
            }
        }
    }
}

/// Returns text for places that hold no elements, such as titles and attributes.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            c if is_hidden(c) => out.push_str(&name_of(c)),
            c => out.push(c),
        }
    }
    out
}

/// Replaces the hidden characters in HTML, where they cannot be part of an element's name.
pub(super) fn in_html(html: String) -> PreEscaped<String> {
    if !html.contains(is_hidden) {
        return PreEscaped(html);
    }
    PreEscaped(html.chars().fold(String::with_capacity(html.len()), |mut out, c| {
        if is_hidden(c) {
            out.push_str(&name_of(c))
        } else {
            out.push(c)
        }
        out
    }))
}

fn name_of(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Returns the first line of `text`, cut to `max` characters.
pub(super) fn first_line(text: &str, max: usize) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(max) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line.to_owned(),
    }
}

/// Returns the id as people read it if one of its labels is Punycode, which spells letters of other scripts.
pub(super) fn decoded(package_id: &str) -> Option<String> {
    if !package_id.split('.').any(|label| label.starts_with("xn--")) {
        return None;
    }
    let decode = |label: &str| match label.starts_with("xn--") {
        true => url::quirks::domain_to_unicode(label),
        false => label.to_owned(),
    };
    let decoded = package_id.split('.').map(decode).collect::<Vec<_>>().join(".");
    (decoded != package_id).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use maud::Render as _;

    use super::{Shown, decoded, first_line, plain};

    #[test]
    fn hidden_characters_are_shown_and_markup_is_escaped() {
        let html = Shown("exe\u{202e}fdp\u{200b}<script>").render().into_string();
        let mark = |number: &str| format!("<span class=\"hidden-mark\" title=\"a hidden character\">{number}</span>");
        assert_eq!(html, format!("<bdi>exe{}fdp{}&lt;script&gt;</bdi>", mark("U+202E"), mark("U+200B")));
        assert_eq!(plain("a\u{202e}b\nc"), "aU+202Eb c");
    }

    #[test]
    fn emoji_and_other_scripts_stay_as_they_are() {
        let text = "⚙️ 👩‍💻 東京 می‌خواهم";
        assert_eq!(Shown(text).render().into_string(), format!("<bdi>{text}</bdi>"));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(first_line("äöü and more\nsecond line", 3), "äöü…");
        assert_eq!(first_line("  short\nsecond line", 100), "short");
    }

    #[test]
    fn punycode_labels_are_decoded() {
        assert_eq!(decoded("de.xn--mnchen-3ya.tool").as_deref(), Some("de.münchen.tool"));
        assert_eq!(decoded("com.example.tool"), None);
    }
}
