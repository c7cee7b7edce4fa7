//! Renders the results of `mpp registry monitor` and `mpp registry witness`.

use mpp_host::keys::{KeyRole, PublicKey};

use super::Human;
use crate::reports::following::{MonitorReport, ServedMirror, StartedWitness};
use crate::ui::text::{BAD, BOLD, DIM, GOOD, Text};

impl Human for MonitorReport {
    fn human(&self, text: &mut Text, _: bool) {
        for event in &self.events {
            let subject = [event.package_id.as_deref(), event.version.as_deref()].into_iter().flatten();
            let subject = subject.chain(event.other.as_deref()).collect::<Vec<_>>().join(" ");
            text.styled(DIM, event.time.as_str())
                .add("  ")
                .styled(BOLD, event.action.as_str())
                .line(format!(" {subject}"));
            text.field("log entry", event.leaf_index.to_string());
            if let Some(key) = &event.key {
                let id = PublicKey::from_base64(key).map(|key| key.id(KeyRole::Publisher).to_string());
                text.field("signed by", id.unwrap_or_else(|_| key.clone()));
            }
        }
        for fault in &self.contradictions {
            let place = fault.leaf_index.map(|index| format!(", log entry {index}")).unwrap_or_default();
            text.styled(BAD, fault.package_id.as_str()).line(format!("{place}: {}", fault.problem));
        }
        let (style, verdict) = if self.contradictions.is_empty() { (GOOD, "verified") } else { (BAD, "contradicted") };
        let watched = match self.packages.len() {
            1 => "1 watched package".to_owned(),
            count => format!("{count} watched packages"),
        };
        text.styled(style, verdict).line(format!(
            " {}: {} log entries, {} of them new; {watched}",
            self.registry,
            self.size,
            self.size - self.from_size
        ));
    }
}

impl Human for StartedWitness {
    fn human(&self, text: &mut Text, _: bool) {
        text.styled(BOLD, "witness").line(format!(" of {}", self.logs.join(", ")));
        text.field("key", format!("{}{}", self.key, if self.created { "  (new)" } else { "" }));
        text.field("address", &self.url);
    }
}

impl Human for ServedMirror {
    fn human(&self, text: &mut Text, _: bool) {
        text.styled(BOLD, "mirror").line(format!(" of {} at {}", self.origin, self.upstream));
        text.field("log entries", self.leaves.to_string());
        text.field("address", &self.address);
    }
}
