//! Records calls in the audit log, and checks before each call that it can be recorded.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mpp_sdk::wire::{ErrorKind, RpcError};

use super::Inner;
use super::errors::GrantError;
use super::grant::Resolved;
use super::loaded::Loaded;
use super::output::{Accesses, CallReport, FilteredOutput, Outcome};
use crate::audit::{ArgumentsText, AuditError, AuditSink, Invocation, Started, Subject};
use crate::causes::with_causes;
use crate::clock::Clock;
use crate::codes::Coded as _;
use crate::gatekeeper::VerifiedPackage;
use crate::policy::NotApproved;
use crate::privacy::RedactionReport;
use crate::random;
use crate::sandbox::effects::Announce;
use crate::sandbox::schema::Contract;

/// The audit log, and the data that all calls of one grant share.
pub(super) struct Recorder {
    sink: Arc<dyn AuditSink>,
    subject: Subject,
    /// Random prefix of the ids of this grant's calls, so that ids are unique across processes.
    series: u64,
    calls: AtomicU64,
}

impl Recorder {
    /// Returns a recorder for one grant; `None` if the host has no audit log.
    pub(super) fn new(loaded: &Loaded, resolved: &Resolved) -> Result<Option<Self>, GrantError> {
        let Some(sink) = loaded.host.audit.clone() else { return Ok(None) };
        let mut series = [0; 8];
        random::fill(&mut series).map_err(|source| GrantError::NoRandomness { source })?;
        let variables = resolved.world.env.iter().chain(&resolved.withheld).map(|(name, _)| name.clone()).collect();
        let manifest = &loaded.manifest;
        let subject = Subject::of(
            (&manifest.package_id, &manifest.version),
            loaded.content_hash,
            (loaded.publisher, loaded.key_id.clone()),
            resolved.files.paths(),
            variables,
        );
        Ok(Some(Self { sink, subject, series: u64::from_le_bytes(series), calls: AtomicU64::new(1) }))
    }

    /// Checks that a call can be recorded. Returns the refusal to answer the call with if it cannot.
    #[expect(clippy::result_large_err, reason = "both are the result of the call")]
    pub(super) fn ready(&self) -> Result<(), FilteredOutput> {
        self.sink.ready().map_err(|error| refusal(&error, "nothing was run", CallReport::default()))
    }

    /// Records a call that was not cleared.
    pub(super) fn record_refusal(
        &self,
        loaded: &Loaded,
        tool: &str,
        arguments: &str,
        refused: &NotApproved,
    ) -> Result<(), AuditError> {
        let tool = loaded.contract(tool).map(Contract::name);
        record_not_run(&*self.sink, &*loaded.host.clock, &self.subject, &self.next_id(), (tool, arguments), refused)
    }

    /// Returns the id of the next call.
    fn next_id(&self) -> String {
        format!("{:016x}-{}", self.series, self.calls.fetch_add(1, Ordering::Relaxed))
    }
}

/// The records of one call: *started* before its first effect, and its outcome.
pub(super) struct CallRecord {
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
    id: String,
    /// `None` if the package has no such tool. An unknown name is the caller's own text, which a record must not hold.
    tool: Option<String>,
    started: OnceLock<Result<(), AuditError>>,
}

impl Announce for CallRecord {
    fn announce(&self) -> bool {
        let started = || {
            self.recorder.sink.started(&Started {
                id: &self.id,
                time: self.clock.now(),
                subject: &self.recorder.subject,
                tool: self.tool.as_deref().unwrap_or_default(),
                monotonic: self.clock.monotonic(),
            })
        };
        self.started.get_or_init(started).is_ok()
    }
}

impl CallRecord {
    pub(super) fn new(recorder: &Arc<Recorder>, loaded: &Loaded, tool: &str) -> Self {
        Self {
            id: recorder.next_id(),
            recorder: Arc::clone(recorder),
            clock: Arc::clone(&loaded.host.clock),
            tool: loaded.contract(tool).map(|contract| contract.name().to_owned()),
            started: OnceLock::new(),
        }
    }

    /// Records the outcome of the call and returns its output, or a refusal without the output if the call could not be recorded.
    pub(super) fn record(&self, arguments: &str, mut output: FilteredOutput) -> FilteredOutput {
        if let Some(Err(error)) = self.started.get() {
            output = refusal(error, "it was ended before it had an effect", output.report);
        }
        let outcome = match &output.outcome {
            Outcome::Result(result) if result.is_error => "is_error",
            Outcome::Result(_) => "ok",
            Outcome::Error(error) => error.kind().map_or("tool_error", ErrorKind::as_str),
        };
        let recorded = self.recorder.sink.record(&Invocation {
            id: &self.id,
            time: self.clock.now(),
            subject: &self.recorder.subject,
            tool: self.tool.as_deref(),
            arguments: ArgumentsText(arguments),
            outcome,
            code: output.code(),
            duration: output.report.duration,
            redactions: &output.report.redactions,
            log_redactions: &output.report.log_redactions,
            accesses: &output.report.accesses,
            monotonic: self.clock.monotonic(),
        });
        match recorded {
            Ok(()) => {
                output.report.invocation = Some(self.id.clone());
                output
            }
            Err(error) => refusal(&error, "the tool ran, but its answer is withheld", output.report),
        }
    }
}

/// Records that a package, or `call` (a tool of it and the arguments), was not cleared.
pub(super) fn record_refusal(
    host: &Inner,
    package: &VerifiedPackage,
    call: Option<(&str, &str)>,
    refused: &NotApproved,
) -> Result<(), AuditError> {
    let Some(sink) = &host.audit else { return Ok(()) };
    let manifest = package.manifest();
    let identity = (manifest.package_id.as_str(), manifest.version.as_str());
    let key = (*package.publisher_key(), package.key_id().clone());
    let subject = Subject::of(identity, *package.content_hash(), key, &[], Vec::new());
    // A series with a single call. If no random bytes are available, the time takes their place.
    let mut series = [0; 8];
    if random::fill(&mut series).is_err() {
        series = (host.clock.monotonic().as_nanos() as u64).to_le_bytes();
    }
    let id = format!("{:016x}-1", u64::from_le_bytes(series));
    let (tool, arguments) = call.unzip();
    let known = manifest.tool_definitions.iter().map(|known| known.name.as_str());
    let tool = tool.and_then(|tool| known.into_iter().find(|known| *known == tool));
    record_not_run(&**sink, &*host.clock, &subject, &id, (tool, arguments.unwrap_or_default()), refused)
}

/// Records a call that did not run.
fn record_not_run(
    sink: &dyn AuditSink,
    clock: &dyn Clock,
    subject: &Subject,
    id: &str,
    (tool, arguments): (Option<&str>, &str),
    refused: &NotApproved,
) -> Result<(), AuditError> {
    let (nothing, no_accesses) = (RedactionReport::default(), Accesses::default());
    sink.record(&Invocation {
        id,
        time: clock.now(),
        subject,
        tool,
        arguments: ArgumentsText(arguments),
        outcome: refused.kind().as_str(),
        code: Some(refused.code()),
        duration: Duration::ZERO,
        redactions: &nothing,
        log_redactions: &nothing,
        accesses: &no_accesses,
        monotonic: clock.monotonic(),
    })
}

fn refusal(error: &AuditError, what: &str, report: CallReport) -> FilteredOutput {
    let message = format!("the call cannot be recorded, so {what}: {}", with_causes(error));
    let rpc = RpcError::new(ErrorKind::CapabilityDenied, message);
    FilteredOutput { outcome: Outcome::Error(rpc), log: String::new(), report, code: Some(error.code()) }
}
