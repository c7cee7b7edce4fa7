//! Renders the results of `mpp doctor`.

use mpp_host::policy::size;

use super::Human;
use crate::reports::doctor::{Health, LanguageHealth, Part, PartState};
use crate::ui::text::{BAD, BOLD, GOOD, Text, WARN};

const WIDTH: usize = 96;

impl Human for Health {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.field("mpp", self.program_version);
        let state = if self.home_is_writable { "" } else { " (cannot be written)" };
        text.field("home", format!("{}{state}", self.home));
        text.field("compiled code", size(self.cache_bytes));
        for language in &self.languages {
            show(text, language, verbose);
        }
    }
}

fn show(text: &mut Text, language: &LanguageHealth, verbose: bool) {
    text.end().styled(BOLD, language.title).add(": ");
    match language.is_usable {
        true => text.styled(GOOD, "usable").end(),
        false => text.styled(WARN, "not usable").end(),
    };
    for part in &language.parts {
        show_part(text, part, verbose);
    }
}

fn show_part(text: &mut Text, part: &Part, verbose: bool) {
    text.add("  ");
    match part.state {
        PartState::Usable => text.add(&part.part),
        PartState::TooOld => text.styled(BAD, "too old: ").add(&part.part),
        PartState::Missing => text.styled(BAD, "missing: ").add(&part.part),
    };
    if let Some(version) = &part.installed {
        text.add(", ").add(version);
    }
    if let (Some(path), true) = (&part.path, verbose) {
        text.add(", ").add(path);
    }
    text.end();
    if let Some(install) = &part.install {
        text.paragraph("    ", WIDTH, &format!("install: {install}"));
    }
}
