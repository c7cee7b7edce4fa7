//! Renders the results of `mpp trust`, and questions about approvals.

use mpp_host::policy::{Ability, Question, Why};

use super::Human;
use super::built::{self, list};
use crate::reports::trust::{
    Action, Approved, ApprovedPackage, AskedCall, Changed, Publisher, ServerAccepted, Shown, TrustList,
};
use crate::ui::text::{BOLD, GOOD, Text, WARN};

impl Human for Publisher {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(BOLD, self.key_id.as_str()).add("  ").line(&self.name);
        text.field("packages", self.prefixes.join(", "));
        if verbose {
            text.field("public key", self.public_key.to_base64());
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
        let action = match self.action {
            Action::Added => "added",
            Action::Removed => "removed",
        };
        text.styled(GOOD, action).add(" ");
        self.publisher.human(text, verbose);
        if let Some(approved) = &self.approved {
            approval(text, approved);
        }
    }
}

impl Human for Approved {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "approved").add(" ");
        approval(text, &self.approved);
        let new: Vec<String> = self.new.iter().map(ToString::to_string).collect();
        if !new.is_empty() {
            list(text, "new", &new);
        }
    }
}

impl Human for ServerAccepted {
    fn human(&self, text: &mut Text, _verbose: bool) {
        let Self { tools, changed, new, missing, approved, .. } = self;
        text.styled(GOOD, "accepted").add(" ").line(format!("the tools of the MCP server {}", self.server));
        text.field("tools", tools.join(", "));
        for change in changed {
            text.field("changed", format!("{} at {}", change.tool, change.pointer));
            for (sign, value) in [("-", &change.before), ("+", &change.after)] {
                value.lines().for_each(|line| {
                    text.line(format!("  {sign} {line}"));
                });
            }
        }
        for (name, tools) in [("new", new), ("missing", missing), ("approved", approved)] {
            if !tools.is_empty() {
                text.field(name, tools.join(", "));
            }
        }
    }
}

impl Human for TrustList {
    fn human(&self, text: &mut Text, verbose: bool) {
        if self.publishers.is_empty() {
            text.line("no publisher is trusted");
        }
        self.publishers.iter().for_each(|publisher| publisher.human(text, verbose));
        text.line(match self.own_key_ids.len() {
            1 => "1 key of your own".to_owned(),
            keys => format!("{keys} keys of your own"),
        });
    }
}

impl Human for Question {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.wrap(10).styled(WARN, "approval").add(": ").line(self.to_string());
        text.field("package", format!("{} {}", self.package_id, self.version));
        text.field("publisher", format!("{}, {}", self.key_id, self.publisher));
        match &self.why {
            Why::UnknownPublisher { wants } => abilities(text, wants.iter()),
            Why::WantsMore { new, .. } => {
                list(text, "new", &new.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
            Why::MachinePaths { paths } => {
                list(text, "paths", &paths.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
            Why::SensitiveTool { .. } => {}
        }
    }
}

impl Human for AskedCall<'_> {
    fn human(&self, text: &mut Text, verbose: bool) {
        self.question.human(text, verbose);
        if let Some(call) = &self.question.call {
            let mut lines = call.arguments.lines();
            text.field("arguments", lines.next().unwrap_or_default());
            lines.for_each(|line| {
                let own = line.len() - line.trim_start().len();
                text.wrap(18 + own).add(format!("{:16}", "")).line(line);
            });
        }
        list(text, "the tool", self.abilities);
    }
}

fn approval(text: &mut Text, approval: &ApprovedPackage) {
    text.styled(BOLD, &approval.package_id).line(format!("  {}, {}", approval.version, approval.approved_at));
    abilities(text, approval.abilities.iter());
    for path in &approval.paths {
        let access = if path.writable { "read and change" } else { "read" };
        let place = format!("{} (on this machine: {})", path.guest, path.host.display());
        text.field("this version", format!("{} may {access} {place}", path.content_hash));
    }
    for (tool, level) in &approval.tools {
        text.field("pre-approved", format!("calls of {tool}, up to security level {level}"));
    }
}

fn abilities<'a>(text: &mut Text, abilities: impl Iterator<Item = &'a Ability>) {
    let mut sentences: Vec<String> = abilities.map(ToString::to_string).collect();
    if sentences.is_empty() {
        sentences.push("sees only its arguments".to_owned());
    }
    built::abilities(text, &sentences);
}

#[cfg(test)]
mod tests {
    use mpp_host::keys::{KeyRole, SigningKey};
    use mpp_host::package::{Manifest, UnverifiedPackage, pack};
    use mpp_host::policy::{Approval, Decision, Policy, ShownCall, Situation};
    use mpp_host::signature::{Toolchain, sign};
    use mpp_host::trust::Trust;

    use super::{AskedCall, Human, Text};

    #[test]
    fn a_question_about_a_call_shows_the_arguments_and_what_the_call_may_use() {
        let manifest = serde_json::json!({
            "mpp_version": "1.0.0", "package_id": "com.example.a", "version": "1.0.0", "name": "a", "description": "x",
            "publisher": {"name": "p"}, "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm"},
            "tool_definitions": [
                {"name": "pay", "description": "x", "parameters": {"type": "object"}, "security_level": "critical"}
            ]
        });
        let manifest = Manifest::parse(manifest.to_string().as_bytes()).expect("a manifest");
        let module = wat::parse_str("(module (memory (export \"memory\") 1) (func (export \"_start\")))").expect("wat");
        let unsigned = pack(&manifest, vec![("bin/main.wasm".to_owned(), module)]).expect("packs");
        let key = SigningKey::from_seed(&[7; 32], KeyRole::Publisher);
        let signed = sign(unsigned, &key, &Toolchain::default()).expect("signs");
        let package = crate::packages::gatekeeper().verify(UnverifiedPackage::new(signed)).outcome.expect("verifies");
        let known = Approval::of(&Situation::new(&package, Trust::Trusted, None), None, "2026-03-01T12:00:00Z");
        let situation = Situation::new(&package, Trust::Trusted, Some("pay"));
        let Decision::Ask(mut question) = Policy::default().decide(&situation, Some(&known)) else {
            unreachable!("a critical tool is asked about")
        };
        let call = serde_json::json!({ "to": "mallory\u{202e}\u{1b}[2J", "amount": 100 });
        let arguments = serde_json::to_string_pretty(&call).expect("JSON");
        question.call = Some(ShownCall::new(&arguments, Vec::new()));
        let abilities = ["may read /data (on this machine: /srv/data)".to_owned()];
        let mut text = Text::new();
        AskedCall { question: &question, abilities: &abilities }.human(&mut text, false);
        let plain = anstream::adapter::strip_str(text.as_ansi()).to_string();
        for part in ["the tool `pay` of a 1.0.0", "\"amount\": 100", "mallory\\u{202e}", "on this machine: /srv/data"] {
            assert!(plain.contains(part), "{part} is not in {plain}");
        }
        assert!(!plain.contains(['\u{1b}', '\u{202e}']), "{plain}");
    }
}
