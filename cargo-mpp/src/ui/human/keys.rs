//! Renders the results of `mpp keygen`.

use super::Human;
use crate::reports::keys::NewKey;
use crate::ui::text::{BOLD, Text};

impl Human for NewKey {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.add("new key ").styled(BOLD, self.key_id.as_str()).end();
        text.field("private key", format!("{}{}", self.private_key, if self.encrypted { "  (encrypted)" } else { "" }));
        text.field("public key", &self.public_key);
        if let Some(recorded) = &self.recorded {
            text.field("recorded", format!("{recorded}  (packages signed by this key are your own)"));
        }
    }
}
