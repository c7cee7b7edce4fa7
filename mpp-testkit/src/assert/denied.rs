//! Assertions about capabilities that were denied to a tool.

use mpp_sdk::wire::ErrorKind;
use serde_json::Value;

use crate::answer::Answer;

/// What a tool was denied: the capability, what it is called in the error's data, and the word for one of it.
const DENIED: [(&str, &str, &str); 3] =
    [("network", "host", "host"), ("filesystem", "path", "path"), ("env_vars", "variable", "variable")];

impl Answer {
    /// Asserts that the host denied the tool something that its manifest does not declare: a host (`network`), a path
    /// (`filesystem`) or an environment variable (`env_vars`). A denied host or path is found even if the tool ignored the denial; a
    /// denied variable is found if the tool passes the denial on.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("fetch", json!({ "url": "https://other.example/" })).assert_denied("network", "other.example");
    /// tool.call("import", json!({ "file": "/etc/passwd" })).assert_denied("filesystem", "/etc/passwd");
    /// ```
    ///
    /// # Panics
    /// Panics if it was not denied. The message lists what was denied.
    #[track_caller]
    pub fn assert_denied(&self, capability: &str, name: &str) -> &Self {
        let Some((_, _, word)) = DENIED.iter().find(|(known, ..)| *known == capability) else {
            self.fail(&format!("`assert_denied` knows `network`, `filesystem` and `env_vars`, not `{capability}`"))
        };
        let touched = &self.report().accesses;
        let is_refused = match capability {
            "network" => touched.refused_hosts.contains(name),
            "filesystem" => touched.refused_paths.contains_key(name),
            _ => false,
        };
        let denial = self.denial();
        if is_refused || denial.as_ref().is_some_and(|denial| denial.capability == capability && denial.name == name) {
            return self;
        }
        let found = match self.refused() {
            refused if !refused.is_empty() => format!("denied were {}", refused.join(", ")),
            _ if capability != "network" => "nothing was denied".to_owned(),
            _ if touched.hosts.is_empty() => "the tool sent no requests".to_owned(),
            _ => {
                let hosts: Vec<String> = touched.hosts.iter().map(|host| format!("`{host}`")).collect();
                format!("its requests went to {}, which the manifest declares", hosts.join(", "))
            }
        };
        let line = denial.map(|denial| denial.line).unwrap_or_default();
        let line = if line.is_empty() { line } else { format!("\nthis line of the manifest would allow them: {line}") };
        self.fail(&format!("expected a denial of the {word} `{name}`; {found}{line}"))
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
        let (refused, denial) = (self.refused(), self.denial());
        if refused.is_empty() && denial.is_none() {
            return self;
        }
        let line = denial.map(|denial| denial.line).filter(|line| !line.is_empty());
        let line = line.map(|line| format!("\nthis line of the manifest would allow it: {line}")).unwrap_or_default();
        self.fail(&format!("expected no denials; denied were {}{line}", refused.join(", ")))
    }

    /// Returns what was denied, in backticks.
    fn refused(&self) -> Vec<String> {
        let touched = &self.report().accesses;
        let hosts = touched.refused_hosts.iter().map(|host| format!("`{host}`"));
        let paths = touched.refused_paths.iter().map(|(path, access)| format!("`{path}` (to {access})"));
        let mut refused: Vec<String> = hosts.chain(paths).collect();
        if let Some(denial) = self.denial()
            && denial.capability == "env_vars"
        {
            refused.push(format!("`{}`", denial.name));
        }
        refused
    }

    /// Returns what the error is about, if it is a denial.
    fn denial(&self) -> Option<Denied> {
        if self.is_success() {
            return None;
        }
        let error = self.error();
        if error.kind() != Some(ErrorKind::CapabilityDenied) {
            return None;
        }
        let text = |member: &str| error.data.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (capability, member, _) =
            DENIED.iter().find(|(known, ..)| *known == text("capability")).unwrap_or(&DENIED[0]);
        Some(Denied { capability, name: text(member), line: text("manifest") })
    }
}

/// A denial that a call returned.
struct Denied {
    capability: &'static str,
    name: String,
    /// The line of the manifest that would allow it; empty if it is not one line.
    line: String,
}
