//! Assertions about what a tool asked for and was refused.

use mpp_sdk::wire::ErrorKind;
use serde_json::Value;

use crate::answer::Answer;

impl Answer {
    /// The host refused the tool something that its manifest does not declare, whether or not the tool made an error of
    /// it: `assert_denied("network", "api.other.example")`.
    ///
    /// # Panics
    /// Where it was not refused; the message says what was, and shows the line of the manifest that would allow it.
    #[track_caller]
    pub fn assert_denied(&self, capability: &str, what: &str) -> &Self {
        if capability != "network" {
            self.fail(&format!(
                "`{capability}` is not refused by name: `network` is, by its host; an undeclared file or variable is not \
                 there for the tool, which shows in its answer"
            ));
        }
        let touched = &self.report().touched;
        if touched.refused_hosts.contains(what) || self.denial().is_some_and(|(host, _)| host == what) {
            return self;
        }
        let listed = |hosts: &std::collections::BTreeSet<String>| {
            hosts.iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", ")
        };
        let found = match (touched.refused_hosts.is_empty(), touched.hosts.is_empty()) {
            (true, true) => "it sent no request anywhere".to_owned(),
            (true, false) => format!("its requests went to {}, which the manifest declares", listed(&touched.hosts)),
            (false, _) => format!("it was refused {}", listed(&touched.refused_hosts)),
        };
        let line = self.denial().map(|(_, line)| line).unwrap_or_default();
        let line = if line.is_empty() { line } else { format!("\nThe line that would allow that: {line}") };
        self.fail(&format!("expected that the tool is refused the host `{what}`; {found}{line}"))
    }

    /// The host refused the tool nothing.
    ///
    /// # Panics
    /// Where it did, with the line of the manifest that would allow it.
    #[track_caller]
    pub fn assert_nothing_denied(&self) -> &Self {
        let refused = &self.report().touched.refused_hosts;
        if refused.is_empty() && self.denial().is_none() {
            return self;
        }
        let line = self.denial().map(|(_, line)| format!("\nThe line that would allow it: {line}")).unwrap_or_default();
        let hosts: Vec<String> = refused.iter().map(|host| format!("`{host}`")).collect();
        self.fail(&format!("the tool was refused {}{line}", hosts.join(", ")))
    }

    /// The host that the error is about, and the line of the manifest that would allow it.
    fn denial(&self) -> Option<(String, String)> {
        if self.is_success() {
            return None;
        }
        let error = self.error();
        if error.kind() != Some(ErrorKind::CapabilityDenied) {
            return None;
        }
        let text = |member: &str| error.data.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some((text("host"), text("manifest")))
    }
}
