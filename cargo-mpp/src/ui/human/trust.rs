//! Renders the results of `mpp trust`, and questions about approvals.

use mpp_host::policy::{Ability, Approval, Question, Why};

use super::Human;
use super::built::list;
use crate::reports::trust::{Approved, Changed, Publisher, Shown, TrustList};
use crate::ui::text::{BOLD, GOOD, Text, WARN};

impl Human for Publisher {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(BOLD, self.key_id.as_str()).add("  ").line(&self.publisher.name);
        text.field("packages", self.publisher.prefixes.join(", "));
        if verbose {
            text.field("key", self.publisher.key.to_base64());
        }
    }
}

impl Human for Shown {
    fn human(&self, text: &mut Text, verbose: bool) {
        self.publisher.human(text, verbose);
        if self.approved.is_empty() {
            text.line("no package of this publisher has been approved yet");
        }
        self.approved.iter().for_each(|known| approval(text, known));
    }
}

impl Human for Changed {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(GOOD, self.action).add(" ");
        self.publisher.human(text, verbose);
        if let Some(approved) = &self.approved {
            approval(text, approved);
        }
    }
}

impl Human for Approved {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "approved").add(" ");
        approval(text, &self.approval);
        let new: Vec<String> = self.new.iter().map(ToString::to_string).collect();
        if !new.is_empty() {
            list(text, "new", &new);
        }
    }
}

impl Human for TrustList {
    fn human(&self, text: &mut Text, verbose: bool) {
        if self.publishers.is_empty() {
            text.line("no publisher is trusted");
        }
        self.publishers.iter().for_each(|publisher| publisher.human(text, verbose));
        text.line(match self.own_keys {
            1 => "1 key of your own".to_owned(),
            keys => format!("{keys} keys of your own"),
        });
    }
}

impl Human for Question {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(WARN, "approval").add(": ").line(self.to_string());
        text.field("package", format!("{} {}", self.package_id, self.version));
        text.field("publisher", format!("{}, {}", self.key_id, self.publisher));
        match &self.why {
            Why::UnknownPublisher { wants } => abilities(text, "may", wants.iter()),
            Why::WantsMore { new, .. } => {
                list(text, "new", &new.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
            Why::SensitiveTool { .. } => {}
        }
    }
}

fn approval(text: &mut Text, approval: &Approval) {
    text.styled(BOLD, &approval.package_id).line(format!("  {}, {}", approval.version, approval.approved));
    abilities(text, "may", approval.wants.abilities.iter());
    for (tool, level) in &approval.tools {
        text.field("pre-approved", format!("calls of {tool}, up to security level {level}"));
    }
}

fn abilities<'a>(text: &mut Text, label: &str, abilities: impl Iterator<Item = &'a Ability>) {
    let sentences: Vec<String> = abilities.map(ToString::to_string).collect();
    match sentences.as_slice() {
        [] => {
            text.field(label, "see only its arguments");
        }
        sentences => list(text, label, sentences),
    }
}
