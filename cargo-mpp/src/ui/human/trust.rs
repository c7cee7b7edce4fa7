//! Publishers, as `mpp trust` prints them.

use super::Human;
use crate::commands::trust::{Changed, Publisher, TrustList};
use crate::ui::text::{BOLD, GOOD, Text};

impl Human for Publisher {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(BOLD, self.key_id.as_str()).add("  ").line(&self.publisher.name);
        text.field("packages", self.publisher.prefixes.join(", "));
        if verbose {
            text.field("key", self.publisher.key.to_base64());
        }
    }
}

impl Human for Changed {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(GOOD, self.action).add(" ");
        self.publisher.human(text, verbose);
    }
}

impl Human for TrustList {
    fn human(&self, text: &mut Text, verbose: bool) {
        if self.publishers.is_empty() {
            text.line("no publisher is trusted");
        }
        self.publishers.iter().for_each(|publisher| publisher.human(text, verbose));
        text.line(format!("{} of your own keys", self.own_keys));
    }
}
