//! Small drawings beside text. They repeat what the text says, and screen readers skip them.

use maud::{Markup, PreEscaped, html};

/// An icon: the paths of a drawing of 24 × 24.
#[derive(Debug, Clone, Copy)]
pub(super) struct Icon(&'static str);

impl Icon {
    pub(super) const GLOBE: Self = Self(
        r#"<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c2.6 2.5 3.9 5.5 3.9 9s-1.3 6.5-3.9 9c-2.6-2.5-3.9-5.5-3.9-9S9.4 5.5 12 3z"/>"#,
    );
    pub(super) const FILE: Self = Self(r#"<path d="M6 3h8l4 4v14H6z"/><path d="M14 3v4h4M9 12h6M9 16h6"/>"#);
    pub(super) const PENCIL: Self = Self(r#"<path d="M4 20l1-4L16 5l3 3L8 19z"/><path d="M14 7l3 3"/>"#);
    pub(super) const KEY: Self = Self(r#"<circle cx="8" cy="15" r="4"/><path d="M11 12l8-8M16 7l3 3M13.5 9.5l2 2"/>"#);
    pub(super) const LOCK: Self =
        Self(r#"<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3M12 15v2"/>"#);
    pub(super) const SEND: Self = Self(r#"<path d="M4 12h13M12 6l6 6-6 6"/>"#);
    pub(super) const STORE: Self = Self(
        r#"<ellipse cx="12" cy="6" rx="7" ry="3"/><path d="M5 6v12c0 1.7 3.1 3 7 3s7-1.3 7-3V6M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3"/>"#,
    );
    pub(super) const SHIELD: Self =
        Self(r#"<path d="M12 3l8 3v6c0 4.5-3.2 7.7-8 9-4.8-1.3-8-4.5-8-9V6z"/><path d="M8.5 12l2.5 2.5 4.5-5"/>"#);
    pub(super) const WARNING: Self = Self(r#"<path d="M12 4l9 16H3z"/><path d="M12 10v4M12 17v.01"/>"#);
    pub(super) const FILTER: Self = Self(r#"<path d="M4 5h16l-6 7v6l-4 2v-8z"/>"#);
    pub(super) const SEARCH: Self = Self(r#"<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>"#);
}

impl maud::Render for Icon {
    fn render(&self) -> Markup {
        html! {
            svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75"
                stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
                (PreEscaped(self.0))
            }
        }
    }
}
