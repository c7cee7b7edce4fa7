//! The result of calling a tool under several faults.

use std::fmt;

use mpp_recording::{Fault, Outcome};

use crate::answer::Answer;
use crate::failure::{block, fail};

/// The result of calling a tool under several faults: [`Tool::under_every_fault`](crate::Tool::under_every_fault).
///
/// `Display` is a table with one fault per line, followed by the faults that were skipped.
///
/// ```no_run
/// # use serde_json::json;
/// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([])).load();
/// let report = tool.under_every_fault("lookup", json!({ "query": "ada" }));
/// assert_eq!(report.result("http_status 503").outcome.to_string(), "crm_down, retryable");
/// report.assert_clean();
/// ```
#[derive(Debug)]
#[must_use = "nothing is asserted until `assert_clean` is called"]
pub struct FaultReport {
    call: String,
    results: Vec<FaultResult>,
    skipped: Vec<Fault>,
}

/// The result of calling a tool under one fault.
#[derive(Debug)]
#[non_exhaustive]
pub struct FaultResult {
    /// The fault.
    pub fault: Fault,
    /// Whether the fault had an effect; `false` where the call did nothing that could meet it.
    pub injected: bool,
    /// How the call ended.
    pub outcome: Outcome,
    /// The answer of the call.
    pub answer: Answer,
}

impl FaultReport {
    pub(super) fn new(call: String, results: Vec<FaultResult>, skipped: Vec<Fault>) -> Self {
        Self { call, results, skipped }
    }

    /// Returns all results, in the order of the table.
    #[must_use]
    pub fn results(&self) -> &[FaultResult] {
        &self.results
    }

    /// Returns the faults that were skipped, because the calls ran natively and these faults work in the sandbox only.
    pub fn skipped(&self) -> &[Fault] {
        &self.skipped
    }

    /// Returns the result for the first fault whose name, as the table shows it, begins with `name`.
    ///
    /// # Panics
    /// Panics if there is none.
    #[must_use]
    #[track_caller]
    pub fn result(&self, name: &str) -> &FaultResult {
        match self.results.iter().find(|result| result.fault.to_string().starts_with(name)) {
            Some(result) => result,
            None => {
                fail(format_args!("the report has no fault `{name}`{}", block("its faults:", &self.to_string())), "")
            }
        }
    }

    /// Asserts that every fault had an effect.
    ///
    /// # Panics
    /// Panics if the call did nothing that could meet one of them. The message contains the table.
    #[track_caller]
    pub fn assert_injected(&self) -> &Self {
        let without: Vec<String> =
            self.results.iter().filter(|result| !result.injected).map(|result| format!("`{}`", result.fault)).collect();
        if !without.is_empty() {
            fail(format_args!("{} did not meet {}\n\n{self}", self.call, without.join(", ")), "")
        }
        self
    }

    /// Asserts that every call ended cleanly: with a result, an error of the tool with a code, or the error that the host
    /// always returns under the fault.
    ///
    /// # Panics
    /// Panics if a call did not, or no fault was tried. The message contains the table.
    #[track_caller]
    pub fn assert_clean(&self) -> &Self {
        if self.results.is_empty() {
            fail(format_args!("{} was called under no fault{self}", self.call), "")
        }
        let unclean: Vec<&FaultResult> = self.results.iter().filter(|result| !result.outcome.is_clean()).collect();
        if unclean.is_empty() {
            return self;
        }
        let logs: Vec<String> = unclean
            .iter()
            .map(|result| block(&format!("the log under {}:", result.fault), result.answer.log()))
            .collect();
        fail(
            format_args!(
                "{} ended uncleanly under {} of {} faults\n\n{self}{}",
                self.call,
                unclean.len(),
                self.results.len(),
                logs.concat()
            ),
            "return a result or an error with a code: use `?` instead of `unwrap` on host functions, and `.timeout(…)` on \
             requests",
        )
    }
}

impl fmt::Display for FaultReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.results.iter().map(|result| result.fault.to_string()).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        for (index, (result, name)) in self.results.iter().zip(&names).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let mark = if result.outcome.is_clean() { "clean  " } else { "UNCLEAN" };
            write!(f, "{mark}  {name:width$}  {}", result.outcome)?;
            if !result.injected {
                f.write_str(" (the call did nothing that could meet the fault)")?;
            }
        }
        for fault in &self.skipped {
            let reason = fault.sandbox_only().unwrap_or_default();
            write!(f, "\nskipped  {fault}: it works in the sandbox only, and this test runs natively: {reason}")?;
        }
        Ok(())
    }
}
