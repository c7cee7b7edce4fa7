//! Assertions about the resources that a call used.

use std::collections::BTreeSet;
use std::time::Duration;

use mpp_host::host::CallReport;

use crate::answer::Answer;

impl Answer {
    /// Asserts that the report of the call fulfils a condition.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!("../examples/notes").load();
    /// tool.call("list", json!({})).assert_used(|used| used.accesses.kv && used.output_bytes < 10_000);
    /// ```
    ///
    /// # Panics
    /// Panics if the report does not fulfil it. The message lists the resources that the call used.
    #[track_caller]
    pub fn assert_used(&self, fits: impl FnOnce(&CallReport) -> bool) -> &Self {
        if !fits(self.report()) {
            self.fail(&format!("the report of the call does not fulfil the condition; the call used {}", self.usage()));
        }
        self
    }

    /// Asserts that the call took less than `limit`, from the request to the filtered answer. The time depends on the machine:
    /// choose a limit that only a mistake exceeds.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("count", json!({})).assert_time_under(std::time::Duration::from_secs(5));
    /// ```
    ///
    /// # Panics
    /// Panics if it took longer.
    #[track_caller]
    pub fn assert_time_under(&self, limit: Duration) -> &Self {
        let took = self.report().duration;
        if took >= limit {
            self.fail(&format!("expected the call to take less than {limit:.1?}, found {took:.1?}"));
        }
        self
    }

    /// Asserts that the call used less than this many bytes of memory at any time.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("count", json!({})).assert_memory_under(16 << 20);
    /// ```
    ///
    /// # Panics
    /// Panics if it used more.
    #[track_caller]
    pub fn assert_memory_under(&self, bytes: u64) -> &Self {
        let peak = self.report().memory_peak;
        if peak >= bytes {
            self.fail(&format!("expected the call to use less than {bytes} bytes of memory, found {peak}"));
        }
        self
    }

    /// Asserts the hosts that requests were sent to, as the manifest declares them; `[]` asserts that none were sent.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([])).load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_hosts(["api.crm.example"]);
    /// ```
    ///
    /// # Panics
    /// Panics if the hosts are others.
    #[track_caller]
    pub fn assert_hosts<'a>(&self, expected: impl IntoIterator<Item = &'a str>) -> &Self {
        let expected: BTreeSet<&str> = expected.into_iter().collect();
        let found: BTreeSet<&str> = self.report().accesses.hosts.iter().map(String::as_str).collect();
        if expected != found {
            let listed = |hosts: BTreeSet<&str>| match hosts.is_empty() {
                true => "none".to_owned(),
                false => hosts.into_iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", "),
            };
            let (expected, found) = (listed(expected), listed(found));
            self.fail(&format!(
                "the hosts of the requests are not as expected\nexpected: {expected}\n   found: {found}"
            ));
        }
        self
    }

    fn usage(&self) -> String {
        let used = self.report();
        let mut parts = vec![
            format!("{:.1?}", used.duration),
            format!("{} bytes of memory", used.memory_peak),
            format!("{} bytes of output", used.output_bytes),
        ];
        if used.accesses.kv {
            parts.push("its state".to_owned());
        }
        parts.extend(used.accesses.hosts.iter().map(|host| format!("the host `{host}`")));
        parts.extend(used.accesses.refused_hosts.iter().map(|host| format!("the host `{host}`, which was denied")));
        parts.join(", ")
    }
}
