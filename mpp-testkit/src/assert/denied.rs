//! Assertions about capabilities that were denied to a tool.

use mpp_sdk::wire::ErrorKind;
use serde_json::Value;

use crate::answer::Answer;

impl Answer {
    /// Asserts that the host denied the tool a capability that its manifest does not declare, even if the tool ignored the
    /// denial. The capability is `network`, with the name of the host.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("fetch", json!({ "url": "https://other.example/" })).assert_denied("network", "other.example");
    /// ```
    ///
    /// # Panics
    /// Panics if it was not denied. The message lists what was denied.
    #[track_caller]
    pub fn assert_denied(&self, capability: &str, host: &str) -> &Self {
        if capability != "network" {
            self.fail(&format!(
                "`assert_denied` knows `network` only, not `{capability}`: for the tool, an undeclared file or variable does \
                 not exist, which shows in its answer"
            ));
        }
        let touched = &self.report().accesses;
        if touched.refused_hosts.contains(host) || self.denial().is_some_and(|(denied, _)| denied == host) {
            return self;
        }
        let listed = |hosts: &std::collections::BTreeSet<String>| {
            hosts.iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", ")
        };
        let found = match (touched.refused_hosts.is_empty(), touched.hosts.is_empty()) {
            (true, true) => "the tool sent no requests".to_owned(),
            (true, false) => format!("its requests went to {}, which the manifest declares", listed(&touched.hosts)),
            (false, _) => format!("denied were {}", listed(&touched.refused_hosts)),
        };
        let line = self.denial().map(|(_, line)| line).unwrap_or_default();
        let line = if line.is_empty() { line } else { format!("\nthis line of the manifest would allow them: {line}") };
        self.fail(&format!("expected a denial of the host `{host}`; {found}{line}"))
    }

    /// Asserts that the host denied the tool nothing.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_nothing_denied();
    /// ```
    ///
    /// # Panics
    /// Panics if the host denied something. The message contains the line of the manifest that would allow it.
    #[track_caller]
    pub fn assert_nothing_denied(&self) -> &Self {
        let refused = &self.report().accesses.refused_hosts;
        if refused.is_empty() && self.denial().is_none() {
            return self;
        }
        let line = self
            .denial()
            .map(|(_, line)| format!("\nthis line of the manifest would allow it: {line}"))
            .unwrap_or_default();
        let hosts: Vec<String> = refused.iter().map(|host| format!("`{host}`")).collect();
        self.fail(&format!("expected no denials; denied were {}{line}", hosts.join(", ")))
    }

    /// Returns the host that the error concerns, and the line of the manifest that would allow it.
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
