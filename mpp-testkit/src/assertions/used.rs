//! Assertions about what a call used.

use std::collections::BTreeSet;
use std::time::Duration;

use mpp_host::host::CallReport;

use crate::answer::Answer;

impl Answer {
    /// What the call used is as the closure says.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!("../examples/notes").load();
    /// tool.call("list", json!({})).assert_used(|used| used.touched.kv && used.output_bytes < 10_000);
    /// ```
    ///
    /// # Panics
    /// Where it is not, with all that the call used.
    #[track_caller]
    pub fn assert_used(&self, fits: impl FnOnce(&CallReport) -> bool) -> &Self {
        if !fits(self.report()) {
            self.fail(&format!("the call used something else than expected: {}", self.usage()));
        }
        self
    }

    /// The call took less than this, from the request to the filtered answer. It depends on the machine: choose a limit
    /// that only a mistake reaches.
    ///
    /// # Panics
    /// Where it took longer.
    #[track_caller]
    pub fn assert_time_under(&self, limit: Duration) -> &Self {
        let took = self.report().duration;
        if took >= limit {
            self.fail(&format!("the call took {took:.1?}, expected less than {limit:.1?}"));
        }
        self
    }

    /// The call had less memory than this in use at any time, in bytes.
    ///
    /// # Panics
    /// Where it had more.
    #[track_caller]
    pub fn assert_memory_under(&self, bytes: u64) -> &Self {
        let peak = self.report().memory_peak;
        if peak >= bytes {
            self.fail(&format!("the call had {peak} bytes of memory in use, expected less than {bytes}"));
        }
        self
    }

    /// Requests were sent to exactly these hosts, as the manifest declares them; `[]` says that none was sent.
    ///
    /// # Panics
    /// Where others were contacted, or one was not.
    #[track_caller]
    pub fn assert_hosts<'a>(&self, expected: impl IntoIterator<Item = &'a str>) -> &Self {
        let expected: BTreeSet<&str> = expected.into_iter().collect();
        let found: BTreeSet<&str> = self.report().touched.hosts.iter().map(String::as_str).collect();
        if expected != found {
            let listed = |hosts: BTreeSet<&str>| match hosts.is_empty() {
                true => "none".to_owned(),
                false => hosts.into_iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", "),
            };
            let (expected, found) = (listed(expected), listed(found));
            self.fail(&format!("requests went to other hosts than expected\nexpected: {expected}\n   found: {found}"));
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
        if used.touched.kv {
            parts.push("its state".to_owned());
        }
        parts.extend(used.touched.hosts.iter().map(|host| format!("the host `{host}`")));
        parts.extend(used.touched.refused_hosts.iter().map(|host| format!("the host `{host}`, which was refused")));
        parts.join(", ")
    }
}
