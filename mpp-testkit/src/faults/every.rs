//! Every fault that a call can meet, one after the other, each in a world of its own.

use std::collections::BTreeSet;

use mpp_host::package::manifest::RuntimeKind;
use serde_json::Value;

use super::Fault;
use super::report::{FaultReport, Met, Outcome, Row};
use crate::builder::ToolBuilder;
use crate::failure::fail;
use crate::files::Files;
use crate::kv::Seed;
use crate::mode::Mode;
use crate::tool::Tool;

/// A page of WebAssembly memory, by which it grows.
const PAGE: u64 = 64 * 1024;

impl ToolBuilder {
    /// Something goes wrong: see [`Fault`].
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

/// Makes a call under every fault that it can meet, and reports what it answered to each:
/// [`Tool::under_every_fault`], by another name.
///
/// ```no_run
/// use mpp_testkit::faults;
/// use serde_json::json;
///
/// let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([{ "name": "Ada" }])).load();
/// let report = faults::all(&tool, "lookup", json!({ "query": "ada" }));
/// println!("{report}");
/// report.assert_clean();
/// ```
///
/// # Panics
/// As [`Tool::under_every_fault`].
#[track_caller]
pub fn all(tool: &Tool, name: &str, arguments: impl Into<Value>) -> FaultReport {
    tool.under_every_fault(name, arguments)
}

/// A tool as it is now, to be made again as often as a fault is to be tried.
struct Rehearsal<'a> {
    tool: &'a Tool,
    faults: Vec<Fault>,
    left_out: Vec<Fault>,
}

impl Tool {
    /// Makes a call once without any fault and then once under each that it can meet: for every host that it sends requests
    /// to, for its state, for its writable directories, for its memory and time.
    ///
    /// Each call finds the state and the temporary files that the tool has now, in copies of its own, and mocks that start
    /// anew; this tool is as it was. What the test itself brought is the same one in each: a closure that counts for itself
    /// goes on counting, and a directory that [`ToolBuilder::dir`] maps is written by every call.
    ///
    /// Natively the faults are left out that only the sandbox can bring about; the report says which.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([])).load();
    /// tool.under_every_fault("lookup", json!({ "query": "ada" })).assert_clean();
    /// ```
    ///
    /// # Panics
    /// Where the call fails without any fault: then nothing is learnt.
    #[track_caller]
    pub fn under_every_fault(&self, tool: &str, arguments: impl Into<Value>) -> FaultReport {
        let arguments = arguments.into();
        let (answer, alone) = self.again(None, tool, &arguments);
        if let Some((message, help)) = alone.world.network.take_failure() {
            fail(message, &help);
        }
        if !answer.is_success() {
            // says what it answered
            answer.success();
        }
        let is_here = |fault: &Fault| self.mode() == Mode::Sandboxed || fault.sandbox_only().is_none();
        let (faults, left_out) = self.faults_of(&answer, &alone).into_iter().partition(is_here);
        let rehearsal = Rehearsal { tool: self, faults, left_out };
        rehearsal.report(tool, &arguments)
    }

    /// The same under these faults.
    #[track_caller]
    pub fn under_faults(
        &self,
        faults: impl IntoIterator<Item = Fault>,
        tool: &str,
        arguments: impl Into<Value>,
    ) -> FaultReport {
        let rehearsal = Rehearsal { tool: self, faults: faults.into_iter().collect(), left_out: Vec::new() };
        rehearsal.report(tool, &arguments.into())
    }

    /// Every fault that this answer's call can meet.
    fn faults_of(&self, answer: &crate::Answer, alone: &Tool) -> Vec<Fault> {
        let mut faults = Vec::new();
        let sent = alone.requests();
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
        let can = &self.manifest().capabilities;
        if answer.report().touched.kv {
            faults.extend([Fault::kv_full(), Fault::kv_busy(), Fault::kv_disk_full()]);
        }
        if !can.filesystem.write.is_empty() && self.manifest().runtime.kind == RuntimeKind::Wasip1 {
            faults.push(Fault::disk_full());
        }
        let least = usize::try_from(answer.report().memory_peak.saturating_sub(PAGE)).unwrap_or(usize::MAX);
        faults.extend([Fault::memory_limit(least), Fault::time_limit()]);
        faults
    }

    /// Makes the tool anew as it is now, with one more fault, and calls it.
    #[track_caller]
    fn again(&self, fault: Option<Fault>, tool: &str, arguments: &Value) -> (crate::Answer, Tool) {
        let mut builder = self.world.builder.clone();
        builder.faults.extend(fault);
        if let Some(state) = self.runnable.state() {
            let now = state.now();
            let snapshot = self.kv();
            builder.state_dir = None;
            builder.kv = snapshot
                .iter()
                .map(|(key, entry)| Seed {
                    key: key.to_vec(),
                    value: entry.value.bytes().to_vec(),
                    time: entry.time_left(now),
                })
                .collect();
        }
        let mut files = Vec::new();
        let mut dirs = Vec::new();
        for (guest, host) in &self.world.temp.mappings {
            if host.is_file() {
                files.push((guest.clone(), self.read(guest)));
                continue;
            }
            dirs.push(guest.clone());
            let found = Files::under(host).unwrap_or_default();
            files.extend(found.iter().map(|(path, bytes)| (format!("{guest}/{path}"), bytes.to_vec())));
        }
        builder.files = builder.files.with(dirs, files);
        let made = builder.grant(&self.world.package);
        let answer = made.attempt(tool, &arguments.to_string());
        (answer, made)
    }
}

impl Rehearsal<'_> {
    #[track_caller]
    fn report(self, tool: &str, arguments: &Value) -> FaultReport {
        let mut rows = Vec::with_capacity(self.faults.len());
        for fault in self.faults {
            let (answer, made) = self.tool.again(Some(fault.clone()), tool, arguments);
            let unanswered = made.world.network.take_failure();
            let outcome = Outcome::of(&fault, &answer, unanswered.as_ref().map(|(message, _)| message.as_str()));
            let is_met = made.world.faults.last().is_some_and(|armed| armed.was_met(&answer));
            let met = if is_met { Met::Yes } else { Met::No };
            rows.push(Row { fault, met, outcome, answer });
        }
        FaultReport { call: format!("`{tool}` with {arguments}"), rows, left_out: self.left_out }
    }
}
