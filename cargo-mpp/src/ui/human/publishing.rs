//! Renders the results of the commands that change a registry.

use mpp_host::policy::size;

use super::Human;
use super::built::list;
use crate::reports::publishing::{
    ApprovedByOperator, Delegated, DomainClaim, KeyRevoked, OwnerAction, OwnerChanged, ProfileErased, PublishResult,
    Registered, Rotated, TakenDown, Transferred, Yanked,
};
use crate::ui::text::{BOLD, GOOD, Text};

fn in_log(text: &mut Text, registry: &str, leaf_index: u64) {
    text.field("registry", format!("{registry}, leaf {leaf_index}"));
}

impl Human for Registered {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "registered").add(" ").styled(BOLD, self.key_id.as_str()).end();
        in_log(text, &self.registry, self.leaf_index);
    }
}

impl Human for PublishResult {
    fn human(&self, text: &mut Text, verbose: bool) {
        let verb = match (&self.url, self.existed) {
            (None, _) => "would publish",
            (Some(_), true) => "already published",
            (Some(_), false) => "published",
        };
        text.styled(GOOD, verb).add(" ").styled(BOLD, &self.package_id).add(" ").line(&self.version);
        if let Some(url) = &self.url {
            text.field("page", url);
        }
        match self.leaf_index {
            Some(leaf) => in_log(text, &self.registry, leaf),
            None => drop(text.field("registry", &self.registry)),
        }
        text.field("publisher", self.key_id.as_str());
        text.field("size", size(self.package_bytes));
        if let Some(before) = &self.previous_version {
            text.field("after", before);
        }
        if !self.new.is_empty() {
            list(text, "new", &self.new.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        if verbose {
            text.field("content", self.content_hash.to_string());
            text.field("archive", &self.archive_hash);
        }
    }
}

impl Human for TakenDown {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "taken down").add(" ").styled(BOLD, &self.package_id).add(" ").line(&self.version);
        text.field("reason", &self.reason);
        in_log(text, &self.registry, self.leaf_index);
    }
}

impl Human for ProfileErased {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "erased").add(" the profile of ").styled(BOLD, self.key_id.as_str()).end();
        text.field("reason", &self.reason);
        in_log(text, &self.registry, self.leaf_index);
    }
}

impl Human for Transferred {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "transferred").add(" ").styled(BOLD, &self.package_id).add(" to ").line(self.key_id.as_str());
        in_log(text, &self.registry, self.leaf_index);
    }
}

impl Human for ApprovedByOperator {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "approved").add(" ");
        if let Some(key) = &self.key_id {
            text.add("the publisher ").styled(BOLD, key.as_str()).end();
        }
        if let Some(package) = &self.package_id {
            text.add("the package id ").styled(BOLD, package).end();
        }
        in_log(text, &self.registry, self.leaf_index);
    }
}

impl Human for DomainClaim {
    fn human(&self, text: &mut Text, _verbose: bool) {
        if let (Some(registry), Some(leaf_index)) = (&self.registry, self.leaf_index) {
            text.styled(GOOD, "claimed").add(" ").styled(BOLD, &self.domain).add(" for ").line(self.key_id.as_str());
            in_log(text, registry, leaf_index);
            return;
        }
        text.add("To claim ").styled(BOLD, &self.domain).add(" with ").add(self.key_id.as_str());
        text.line(", publish one of these:").end();
        text.field("TXT record", &self.txt_record);
        text.field("or at", &self.document_url).field("document", &self.document);
    }
}

impl Human for Yanked {
    fn human(&self, text: &mut Text, _verbose: bool) {
        let verb = if self.yanked { "yanked" } else { "unyanked" };
        text.styled(GOOD, verb).add(" ").styled(BOLD, &self.package_id).add(" ").line(&self.version);
        in_log(text, &self.registry, self.leaf_index);
    }
}

impl Human for OwnerChanged {
    fn human(&self, text: &mut Text, verbose: bool) {
        let (verb, what) = match self.action {
            OwnerAction::Added => ("added", "as an owner of"),
            OwnerAction::Removed => ("removed", "from the owners of"),
        };
        text.styled(GOOD, verb).add(" ").styled(BOLD, self.key_id.as_str());
        text.add(format!(" {what} ")).line(&self.package_id);
        in_log(text, &self.registry, self.leaf_index);
        if verbose {
            text.field("public key", self.public_key.to_base64());
        }
    }
}

impl Human for Delegated {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(GOOD, "delegated").add(" publishing to ").styled(BOLD, self.key_id.as_str()).end();
        text.field("packages", self.package_ids.join(", "));
        text.field("until", &self.expires_at);
        if let Some(path) = &self.private_key_path {
            text.field("private key", path);
        }
        in_log(text, &self.registry, self.leaf_index);
        if verbose {
            text.field("public key", self.public_key.to_base64());
        }
    }
}

impl Human for Rotated {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "replaced").add(" ").add(self.from_key_id.as_str()).add(" by ");
        text.styled(BOLD, self.to_key_id.as_str()).end();
        in_log(text, &self.registry, self.leaf_index);
    }
}

impl Human for KeyRevoked {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "revoked").add(" ").styled(BOLD, self.key_id.as_str());
        text.line(format!(" from leaf {} on", self.from_leaf));
        in_log(text, &self.registry, self.leaf_index);
    }
}
