//! Renders the results of `mpp keygen` and `mpp key`.

use super::Human;
use crate::reports::keys::{KeyList, KeyMoved, NewKey};
use crate::ui::text::{BOLD, DIM, GOOD, Text};

impl Human for NewKey {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.add("new key ").styled(BOLD, self.key_id.as_str()).end();
        text.field(
            "private key",
            format!("{}{}", self.private_key_path, if self.encrypted { "  (encrypted)" } else { "" }),
        );
        text.field("public key", &self.public_key_path);
        if let Some(recorded) = &self.recorded_path {
            text.field("recorded", format!("{recorded}  (packages signed by this key are your own)"));
        }
    }
}

impl Human for KeyList {
    fn human(&self, text: &mut Text, _verbose: bool) {
        if self.keys.is_empty() {
            text.styled(DIM, "you have no keys yet").end();
        }
        for key in &self.keys {
            text.styled(BOLD, key.key_id.as_str()).add("  ").line(key.in_words());
            for package in &key.states {
                text.field("state", package);
            }
            for package in &key.approvals {
                text.field("approved", package);
            }
        }
    }
}

impl Human for KeyMoved {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "moved").add(" ").add(self.in_words());
        text.add(" from ").add(self.from.as_str()).add(" to ").styled(BOLD, self.to.as_str()).end();
        for package in &self.states {
            text.field("state", package);
        }
        for package in &self.approvals {
            text.field("approved", package);
        }
        for package in &self.approvals_kept {
            text.field("kept", format!("the approval of {package}: the new key has one, too"));
        }
    }
}
