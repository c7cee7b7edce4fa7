//! Calls a tool under every fault that the call can meet, each time in surroundings of its own.

pub(crate) mod report;

use std::collections::BTreeSet;

use mpp_host::package::manifest::RuntimeKind;
use mpp_recording::{Fault, Outcome};
use serde_json::Value;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::mock_http::failures;
use crate::mode::Mode;
use crate::tool::Tool;
use crate::world::faults::report::{FaultReport, FaultResult};
use crate::world::files::plan::FilesPlan;
use crate::world::files::snapshot::Files;
use crate::world::state::seed::Seed;
use crate::world::state::snapshot::KvEntry;

/// Size of a page of WebAssembly memory, by which memory grows.
const PAGE: u64 = 64 * 1024;

impl Tool {
    /// Makes a call once without faults, and then once under each fault that it can meet: for every host that it sends
    /// requests to, for its state, its writable directories, its memory and its time.
    ///
    /// Each call starts from a copy of the tool's current state and temporary files, and from fresh mocks; this tool does
    /// not change. Objects that the test has provided are shared: a closure keeps its counters, and a directory that
    /// [`ToolBuilder::dir`](crate::ToolBuilder::dir) maps is written by every call.
    ///
    /// In a native run, faults that work in the sandbox only are skipped; the report lists them.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([])).load();
    /// let report = tool.under_every_fault("lookup", json!({ "query": "ada" }));
    /// println!("{report}");
    /// report.assert_clean();
    /// ```
    ///
    /// # Panics
    /// Panics if the call fails without faults.
    #[track_caller]
    pub fn under_every_fault(&self, tool: &str, arguments: impl Into<Value>) -> FaultReport {
        let arguments = arguments.into();
        let (answer, copy) = self.call_copy(None, tool, &arguments);
        if let Some(failure) = failures::take(&copy.world.network) {
            failure.fail();
        }
        answer.assert_success();
        let works_here = |fault: &Fault| self.mode() == Mode::Sandboxed || fault.sandbox_only().is_none();
        let (faults, skipped) = self.possible_faults(&answer, &copy).into_iter().partition(works_here);
        self.report(faults, skipped, tool, &arguments)
    }

    /// Makes a call once under each of these faults.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// use mpp_testkit::Fault;
    ///
    /// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([])).load();
    /// let faults = [Fault::http_status("api.crm.example", 418), Fault::dns_failure("api.crm.example")];
    /// tool.under_faults(faults, "lookup", json!({ "query": "ada" })).assert_injected().assert_clean();
    /// ```
    #[track_caller]
    pub fn under_faults(
        &self,
        faults: impl IntoIterator<Item = Fault>,
        tool: &str,
        arguments: impl Into<Value>,
    ) -> FaultReport {
        self.report(faults.into_iter().collect(), Vec::new(), tool, &arguments.into())
    }

    /// Returns every fault that a call can meet which was answered like this by `copy`.
    fn possible_faults(&self, answer: &Answer, copy: &Tool) -> Vec<Fault> {
        let mut faults = Vec::new();
        let sent = copy.requests();
        let hosts: BTreeSet<&str> = sent.iter().map(|sent| sent.request.host()).collect();
        for host in hosts {
            faults.extend([
                Fault::http_timeout(host),
                Fault::http_connect_timeout(host),
                Fault::dns_failure(host),
                Fault::connection_refused(host),
                Fault::connection_reset(host),
                Fault::truncated_body(host),
                Fault::oversized_body(host),
                Fault::html_page(host),
                Fault::http_status(host, 401),
                Fault::http_status(host, 404),
                Fault::http_status(host, 429).retry_after(2),
                Fault::http_status(host, 500),
                Fault::http_status(host, 503),
                Fault::redirect_to_undeclared_host(host),
            ]);
        }
        let declared = &self.manifest().capabilities;
        if answer.report().accesses.kv {
            faults.extend([Fault::kv_full(), Fault::kv_busy(), Fault::kv_disk_full()]);
        }
        if !declared.filesystem.write.is_empty() && self.manifest().runtime.kind == RuntimeKind::Wasip1 {
            faults.push(Fault::disk_full());
        }
        let too_little = usize::try_from(answer.report().memory_peak.saturating_sub(PAGE)).unwrap_or(usize::MAX);
        faults.extend([Fault::memory_limit(too_little), Fault::time_limit()]);
        faults
    }

    #[track_caller]
    fn report(&self, faults: Vec<Fault>, skipped: Vec<Fault>, tool: &str, arguments: &Value) -> FaultReport {
        let mut results = Vec::with_capacity(faults.len());
        for fault in faults {
            let (answer, copy) = self.call_copy(Some(fault.clone()), tool, arguments);
            let outcome = match failures::take(&copy.world.network) {
                Some(Failure { message, .. }) => {
                    Outcome::Unclean(message.lines().next().unwrap_or_default().to_owned())
                }
                None => Outcome::of(&fault, answer.result().err()),
            };
            let used_state = answer.report().accesses.kv;
            let injected = copy.world.faults.last().is_some_and(|active| active.had_effect(used_state));
            results.push(FaultResult { fault, injected, outcome, answer });
        }
        FaultReport::new(format!("`{tool}` with {arguments}"), results, skipped)
    }

    /// Makes a copy of the tool as it is now, with one more fault, and calls it.
    #[track_caller]
    fn call_copy(&self, fault: Option<Fault>, tool: &str, arguments: &Value) -> (Answer, Tool) {
        let mut setup = self.world.setup.clone();
        setup.faults.extend(fault);
        if let Some(state) = self.runnable.state() {
            let now = state.now();
            let seed = |(key, entry): (&[u8], &KvEntry)| Seed {
                key: key.to_vec(),
                value: entry.value.bytes().to_vec(),
                ttl: entry.time_left(now),
            };
            setup.state_dir = None;
            setup.kv = self.kv().iter().map(seed).collect();
        }
        let (mut files, mut dirs) = (Vec::new(), Vec::new());
        for (guest, host) in &self.world.temp.mappings {
            if host.is_file() {
                files.push((guest.clone(), self.read(guest)));
                continue;
            }
            dirs.push(guest.clone());
            let found = Files::read(host).unwrap_or_default();
            files.extend(found.iter().map(|(path, bytes)| (format!("{guest}/{path}"), bytes.to_vec())));
        }
        setup.files = FilesPlan::new(dirs, files);
        let copy = Tool::new(setup, &self.world.package);
        let answer = copy.attempt(tool, &arguments.to_string());
        (answer, copy)
    }
}
