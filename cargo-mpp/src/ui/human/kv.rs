//! Renders the results of `mpp kv`.

use mpp_host::policy::size;

use super::Human;
use crate::reports::kv::{Cleared, Exported, Key, KeyBytes, Keys, State, States, entries_in_words};
use crate::ui::text::{BOLD, DIM, GOOD, Text};

impl Human for States {
    fn human(&self, text: &mut Text, verbose: bool) {
        if self.states.is_empty() {
            text.line("no package has stored any state");
        }
        self.states.iter().for_each(|state| state.human(text, verbose));
    }
}

impl Human for State {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(BOLD, &self.package_id).line("");
        text.field("key", self.key_id.as_str());
        text.field("on disk", size(self.database_bytes));
        if verbose {
            text.field("file", &self.path);
        }
    }
}

impl Human for Keys {
    fn human(&self, text: &mut Text, _: bool) {
        self.keys.iter().for_each(|key| key.line(text));
    }

    fn notes(&self, text: &mut Text, _: bool) {
        let count = entries_in_words(self.keys.len() as u64);
        text.styled(BOLD, &self.state.package_id).line(format!(
            ": {count}, {}, in {}",
            size(self.bytes),
            self.state.path
        ));
    }
}

impl Key {
    fn line(&self, text: &mut Text) {
        match &self.key {
            KeyBytes::Key(key) => text.add(key),
            KeyBytes::KeyHex(hex) => text.add(hex).styled(DIM, " (hex)"),
        };
        text.styled(DIM, format!("  {}", size(self.bytes)));
        if let Some(expires) = &self.expires_at {
            text.styled(DIM, format!(", expires {expires}"));
        }
        text.end();
    }
}

impl Human for Exported {
    fn human(&self, text: &mut Text, _: bool) {
        let count = entries_in_words(self.exported);
        text.styled(GOOD, "exported").line(format!(" {count} of {} to {}", self.package_id, self.path));
    }
}

impl Human for Cleared {
    fn human(&self, text: &mut Text, _: bool) {
        text.styled(GOOD, "removed").add(" ");
        match self.removed {
            Some(count) => text.line(format!("{} of {}", entries_in_words(count), self.package_id)),
            None => text.line(format!("the damaged state of {}", self.package_id)),
        };
    }
}
