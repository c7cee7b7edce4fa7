//! A package that may run: each call checks the arguments, runs the tool, and checks and filters the result.

use std::fmt;
use std::sync::Arc;

use mpp_sdk::wire::{ErrorKind, RpcError};

use super::call_options::CallOptions;
use super::clearing::CallRules;
use super::errors::{ClearError, GrantError};
use super::exchange;
use super::grant::{Grant, Resolved};
use super::loaded::{Loaded, LoadedPackage};
use super::output::{CallOutcome, FilteredOutput, Outcome};
use super::output_filter::OutputFilter;
use super::recorder::{CallRecord, Recorder};
use crate::clock::Deadline;
use crate::package::ContentHash;
use crate::policy::{Approver, ClearedCall, Question};
use crate::privacy::Secrets;
use crate::sandbox::access_log::AccessLog;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::effects::{Announce, Effects, UNRECORDED};
use crate::sandbox::filesystem::{CallFiles, PathFault, PutBackError};
use crate::sandbox::host_calls::HostCalls;
#[cfg(feature = "in-process")]
use crate::sandbox::in_process;
use crate::sandbox::kv::{KvCall, RollbackReason, State};
use crate::sandbox::network::CallNetwork;
use crate::sandbox::response;
use crate::sandbox::run::RawOutput;
use crate::sandbox::schema::Contract;
use crate::sandbox::symbols::Symbols;
use crate::sandbox::{CallLimits, MappedPath};

/// A package whose tools can be called. Cheap to clone, and can be called from many threads at once.
#[derive(Clone)]
pub struct RunnablePackage {
    inner: Arc<Runnable>,
}

struct Runnable {
    loaded: Arc<Loaded>,
    resolved: Resolved,
    secrets: Secrets,
    symbols: Symbols,
    rules: CallRules,
    /// `None` if the host has no audit log.
    recorder: Option<Arc<Recorder>>,
}

impl LoadedPackage {
    /// Grants the package what it declares, so that its tools can be called.
    ///
    /// ```no_run
    /// use mpp_host::Grant;
    ///
    /// # use mpp_host::{Admission, Clearance, LoadedPackage};
    /// # fn example(
    /// #     loaded: &LoadedPackage,
    /// #     admission: Admission,
    /// #     clearance: Clearance,
    /// # ) -> Result<(), mpp_host::host::GrantError> {
    /// let contacts = loaded.grant(Grant::new(admission, clearance).dir("/contacts", "sample"))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns [`GrantError`] if the admission or the clearance is for another package, if a declared variable or path is
    /// missing from the grant, if the grant holds one that is not declared, or if one cannot be used. Nothing has run by then.
    pub fn grant(&self, grant: Grant) -> Result<RunnablePackage, GrantError> {
        RunnablePackage::new(Arc::clone(self.shared()), self.symbols().clone(), grant)
    }
}

/// Omits the values of variables, which may be secrets.
impl fmt::Debug for RunnablePackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Loaded { manifest, content_hash, .. } = &*self.inner.loaded;
        write!(f, "RunnablePackage({} {} {content_hash})", manifest.package_id, manifest.version)
    }
}

impl RunnablePackage {
    fn new(loaded: Arc<Loaded>, symbols: Symbols, grant: Grant) -> Result<Self, GrantError> {
        let resolved = grant.resolve(&loaded)?;
        let values = resolved.world.env.iter().chain(&resolved.withheld);
        let secrets = Secrets::new(values.map(|(name, value)| (name.as_str(), value.as_str())));
        let recorder = Recorder::new(&loaded, &resolved)?.map(Arc::new);
        let rules = CallRules::new(&loaded, resolved.clearance.clone());
        Ok(Self { inner: Arc::new(Runnable { loaded, resolved, secrets, symbols, rules, recorder }) })
    }

    /// Calls `tool` with `arguments`, a JSON object as text, and blocks until the call ends.
    ///
    /// This is [`call_with`](Self::call_with) without options.
    ///
    /// ```no_run
    /// # fn example(contacts: &mpp_host::RunnablePackage) {
    /// let output = contacts.call("find", r#"{"query":"ada"}"#);
    /// match output.outcome() {
    ///     Ok(result) => println!("{} items", result.content.len()),
    ///     Err(error) => eprintln!("{}", error.message),
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn call(&self, tool: &str, arguments: &str) -> FilteredOutput {
        self.call_with(tool, arguments, CallOptions::new())
    }

    /// Calls `tool` with `arguments`, a JSON object as text, and blocks until the call ends, at most for the call's timeout.
    /// No state of one call remains for the next, except what the tool stores through the key-value functions.
    ///
    /// A call that needs a [`ToolClearance`](crate::ToolClearance) but has none does not run and returns an
    /// `approval_required` error. A call of a tool whose level the policy refuses returns an `approval_refused` error.
    ///
    /// If the host has an audit log, the record of the call is written before this returns, and another one before its first
    /// effect: a request, a change of files or state. A call whose record cannot be written fails. It does not run if the log is known to be unusable beforehand.
    ///
    /// ```no_run
    /// use mpp_host::{CallOptions, CancelHandle};
    ///
    /// # fn example(contacts: &mpp_host::RunnablePackage) {
    /// let handle = CancelHandle::new();
    /// // Another thread can end the call with `handle.cancel()`.
    /// let options = CallOptions::new().cancel(&handle);
    /// let output = contacts.call_with("find", r#"{"query":"ada"}"#, options);
    /// # }
    /// ```
    #[must_use]
    pub fn call_with(&self, tool: &str, arguments: &str, options: CallOptions) -> FilteredOutput {
        let Some(recorder) = &self.inner.recorder else {
            return self.answer(tool, arguments, options, &Effects::default());
        };
        if let Err(refusal) = recorder.ready() {
            return refusal;
        }
        let call = Arc::new(CallRecord::new(recorder, &self.inner.loaded, tool));
        let effects = match self.inner.resolved.can_have_effects() {
            true => Effects::announced_to(Arc::clone(&call) as Arc<dyn Announce>),
            false => Effects::default(),
        };
        let output = self.answer(tool, arguments, options, &effects);
        call.record(arguments, output)
    }

    /// Decides whether `tool` may be called with `arguments`, and asks `approver` if a person must decide. A tool that needs no
    /// approval is cleared without a question. A refusal is recorded in the audit log.
    ///
    /// After [`Answer::Remember`](crate::policy::Answer::Remember), calls of this tool need no clearance for as long as this
    /// value and its clones live; for later processes, the front end stores the approval.
    ///
    /// ```no_run
    /// use mpp_host::{CallOptions, Unattended};
    ///
    /// # fn example(contacts: &mpp_host::RunnablePackage) -> Result<(), mpp_host::host::ClearError> {
    /// let arguments = r#"{"id":1}"#;
    /// let cleared = contacts.clear_call("delete", arguments, &Unattended)?;
    /// let options = CallOptions::new().clearance(cleared.clearance);
    /// let output = contacts.call_with("delete", arguments, options);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns [`ClearError::NotApproved`] if the answer is no, no person could be asked, or the policy refuses, and
    /// [`ClearError::Audit`] if the refusal could not be recorded.
    pub fn clear_call(&self, tool: &str, arguments: &str, approver: &dyn Approver) -> Result<ClearedCall, ClearError> {
        let Runnable { loaded, rules, recorder, secrets, .. } = &*self.inner;
        rules.clear(loaded, (tool, arguments), secrets, approver).map_err(|refused| {
            let recorded = recorder.as_ref().map(|log| log.record_refusal(loaded, tool, arguments, &refused));
            match recorded {
                Some(Err(error)) => error.into(),
                Some(Ok(())) | None => refused.into(),
            }
        })
    }

    /// Returns the question that [`clear_call`](Self::clear_call) would ask a person about this call; `None` if it needs no answer.
    /// Nothing is decided or recorded. A front end whose questions travel, for example to another program, asks in this way, and then
    /// passes the answer to `clear_call`.
    ///
    /// ```no_run
    /// # fn example(contacts: &mpp_host::RunnablePackage) {
    /// if let Some(question) = contacts.question_about("delete", r#"{"id":1}"#) {
    ///     println!("{question}");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn question_about(&self, tool: &str, arguments: &str) -> Option<Question> {
        let Runnable { loaded, rules, secrets, .. } = &*self.inner;
        rules.question(loaded, (tool, arguments), secrets)
    }

    fn answer(&self, tool: &str, arguments: &str, options: CallOptions, effects: &Effects) -> FilteredOutput {
        let Runnable { loaded, secrets, rules, .. } = &*self.inner;
        let clock = &loaded.host.clock;
        let start = clock.monotonic();
        let mut filter = OutputFilter::new(&loaded.filter, secrets);
        let mut code = None;
        let cleared = rules.check(loaded, tool, options.clearance.as_ref()).map_err(|refused| {
            let (error, of_refusal) = *refused;
            code = of_refusal;
            error
        });
        let cancellation = Cancellation::of(options.cancel);
        let (outcome, log) = match cleared.and_then(|()| exchange::prepare(loaded, tool, arguments)) {
            // The error holds only the caller's own text and the published schema; nothing has left the sandbox.
            Err(error) => (Err(error), String::new()),
            Ok((contract, request)) => self.run(contract, request, &cancellation, effects, &mut filter),
        };
        let mut report = filter.report;
        report.duration = clock.monotonic().saturating_sub(start);
        let outcome = outcome.map_or_else(Outcome::Error, Outcome::Result);
        FilteredOutput { outcome, log, report, code }
    }

    /// Returns the content hash of the package.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.inner.loaded.content_hash
    }

    /// Returns the declared paths with the paths on this machine that they are mapped to.
    #[must_use]
    pub fn paths(&self) -> &[MappedPath] {
        self.inner.resolved.files.paths()
    }

    /// Returns the state that the package's calls share; `None` if it has none.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        self.inner.resolved.state.as_ref().map(State::new)
    }

    fn run(
        &self,
        contract: Contract<'_>,
        request: Arc<[u8]>,
        cancellation: &Cancellation,
        effects: &Effects,
        filter: &mut OutputFilter<'_>,
    ) -> (Result<CallOutcome, RpcError>, String) {
        let Runnable { loaded, resolved, .. } = &*self.inner;
        if cancellation.is_requested() {
            return (Err(response::cancelled()), String::new());
        }
        let files = resolved.files.has_view().then(|| resolved.files.for_call()).transpose();
        let files = match files {
            Ok(files) => files,
            Err(fault) => return (Err(unusable(&fault)), String::new()),
        };
        let deadline = Deadline::after(resolved.limits.timeout);
        let attempt = Attempt { files: files.as_ref(), cancellation, effects };
        let mut run = self.attempt(Arc::clone(&request), resolved.limits, attempt, false);
        if run.host_calls.lost_a_race_only() && !resolved.files.any_writable() && !cancellation.is_requested() {
            // The call has had no effect besides its state transaction, which was rolled back, so it can run again. With
            // the lock held from the start, it cannot lose the race a second time.
            let limits = CallLimits { timeout: deadline.remaining(), ..resolved.limits };
            run = self.attempt(request, limits, attempt, true);
        }
        filter.report.memory_peak = run.memory_peak as u64;
        filter.report.output_bytes = run.output.len() as u64;
        filter.report.log_dropped = run.log.dropped;
        if let Some(network) = &run.host_calls.network {
            // The tool chooses the text of a host name, so it is filtered too.
            filter.report.accesses.hosts = network.contacted.iter().map(|host| filter.name(host)).collect();
            filter.report.accesses.refused_hosts = network.refused.iter().map(|host| filter.name(host)).collect();
            filter.report.untrusted_hosts = network.untrusted.iter().map(|host| filter.name(host)).collect();
        }
        let used = &mut run.host_calls.accesses;
        filter.report.accesses.paths = (!resolved.files.is_empty()).then(|| std::mem::take(&mut used.paths));
        // The tool chooses these names, as it does those of hosts.
        let refused = used.refused_paths.iter().map(|(path, access)| (filter.name(path), *access));
        filter.report.accesses.refused_paths = refused.collect();
        filter.report.accesses.variables = (!resolved.world.env.is_empty()).then_some(used.variables);
        let state = run.host_calls.kv.take();
        filter.report.accesses.kv = state.as_ref().is_some_and(KvCall::was_used);
        let outcome = match state.as_ref().and_then(KvCall::rollback) {
            // The last chance to cancel: from here on, the effects of the call become permanent.
            _ if cancellation.is_requested() => Err(response::cancelled()),
            Some(reason) => Err(rolled_back(reason)),
            None => exchange::answer(&run, contract, loaded, resolved, filter),
        };
        let outcome = outcome.and_then(|result| {
            if result.is_error {
                return Ok(result);
            }
            if let Some(files) = &files {
                files.put_back(effects).map_err(|error| not_put_back(&error))?;
            }
            if state.as_ref().is_some_and(KvCall::has_changes) && !effects.may_happen() {
                return Err(unrecorded());
            }
            // Committed last, so that a failed call stores nothing: dropping the transaction rolls it back.
            match state.map(KvCall::commit) {
                Some(Err(reason)) => Err(rolled_back(&reason)),
                _ => Ok(result),
            }
        });
        (outcome.map_err(|error| filter.error(error)), filter.log(&run.log.text))
    }

    /// Returns the program, the names of its functions, and the clock of the host.
    #[cfg(feature = "testing")]
    pub(super) fn program(&self) -> (&crate::sandbox::program::Program, &Symbols, &Arc<dyn crate::clock::Clock>) {
        let Runnable { loaded, symbols, .. } = &*self.inner;
        (&loaded.program, symbols, &loaded.host.clock)
    }

    /// Runs the tool once. If `exclusive` is true, its state is locked before the first read.
    fn attempt(&self, request: Arc<[u8]>, limits: CallLimits, attempt: Attempt<'_>, exclusive: bool) -> RawOutput {
        let Runnable { loaded, resolved, symbols, .. } = &*self.inner;
        let Attempt { files, cancellation, effects } = attempt;
        if let Some(observer) = &resolved.observer {
            observer.started();
        }
        let mut host_calls = HostCalls::new(cancellation.clone());
        host_calls.network = resolved.network.clone().map(CallNetwork::new);
        host_calls.effects = effects.clone();
        host_calls.accesses = files.map(|files| AccessLog::of(Arc::clone(&files.places))).unwrap_or_default();
        host_calls.kv = resolved.state.as_ref().map(|state| KvCall::new(state, exclusive, cancellation.clone()));
        #[cfg(feature = "in-process")]
        if let Some(runner) = &resolved.in_process {
            return in_process::run(&**runner, request, &limits, &resolved.world, files, host_calls);
        }
        loaded.program.run(request, &limits, &resolved.world, files, host_calls, symbols)
    }
}

/// What the attempts of one call have in common.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    files: Option<&'a CallFiles<'a>>,
    cancellation: &'a Cancellation,
    effects: &'a Effects,
}

/// The error returned when the call could not be recorded before its first effect.
fn unrecorded() -> RpcError {
    RpcError::new(ErrorKind::CapabilityDenied, UNRECORDED)
}

/// The error returned when a call's state transaction cannot be committed.
fn rolled_back(reason: &RollbackReason) -> RpcError {
    match reason {
        RollbackReason::LostRace | RollbackReason::Locked => {
            RpcError::new(ErrorKind::StateConflict, reason.sentence()).with("retryable", true)
        }
        RollbackReason::Broken(_) => RpcError::new(ErrorKind::StateUnavailable, reason.sentence()),
    }
}

fn unusable(fault: &PathFault) -> RpcError {
    let message = format!("the declared path `{}` cannot be opened for the tool: it {}", fault.guest, fault.sentence());
    RpcError::new(ErrorKind::CapabilityDenied, message).with("path", fault.guest.as_str())
}

fn not_put_back(error: &PutBackError) -> RpcError {
    RpcError::new(ErrorKind::CapabilityDenied, error.to_string()).with("path", error.guest.as_str())
}
