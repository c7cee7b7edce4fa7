//! Property tests: calls a tool with arguments generated from its schema.

mod invalid;
mod text;
mod valid;

use std::cell::{Cell, RefCell};
use std::fmt;

use mpp_sdk::wire::ErrorKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use serde_json::Value;

use crate::answer::Answer;
use crate::assert::describe;
use crate::failure::{block, fail, listed};
use crate::tool::Tool;

/// The default seed, so that every run generates the same arguments.
const SEED: u64 = 0x6d70_7074_6573_7431;
/// Largest number of calls for shrinking a failure.
const MOST_SHRINKS: u32 = 400;
/// Longest time for shrinking a failure, in milliseconds.
const LONGEST_SHRINKING: u32 = 20_000;

impl Tool {
    /// Calls a tool `cases` times with generated arguments that its `parameters` allow, and as often with arguments that they
    /// do not allow.
    ///
    /// Every run generates the same arguments; `MPP_TEST_SEED=NUMBER` selects others. The tool's state is kept between the
    /// calls.
    ///
    /// ```no_run
    /// mpp_testkit::tool!().load().fuzz_arguments("slugify", 256);
    /// ```
    ///
    /// # Panics
    /// Panics if a call crashes, exceeds a limit or returns a result that the tool's `returns` does not allow, and if arguments
    /// are accepted that its `parameters` do not allow. The message contains the smallest arguments that were found, as a
    /// test to paste.
    #[track_caller]
    pub fn fuzz_arguments(&self, tool: &str, cases: u32) -> FuzzSummary {
        self.fuzz(tool).cases(cases).run()
    }

    /// Calls every tool of the package as [`Tool::fuzz_arguments`] does.
    ///
    /// ```no_run
    /// for summary in mpp_testkit::tool!().load().fuzz_all(64) {
    ///     println!("{summary}");
    /// }
    /// ```
    ///
    /// # Panics
    /// Panics as [`Tool::fuzz_arguments`] does.
    #[track_caller]
    pub fn fuzz_all(&self, cases: u32) -> Vec<FuzzSummary> {
        self.definitions().iter().map(|tool| self.fuzz_arguments(&tool.name, cases)).collect()
    }

    /// Prepares generated calls of a tool, with a choice of the number of cases, the seed and the strictness.
    ///
    /// ```no_run
    /// mpp_testkit::tool!().load().fuzz("slugify").cases(1000).seed(7).strict().run();
    /// ```
    ///
    /// # Panics
    /// Panics if the package has no such tool.
    #[track_caller]
    pub fn fuzz(&self, tool: &str) -> Fuzz<'_> {
        let Some(definition) = self.definitions().iter().find(|definition| definition.name == tool) else {
            let names = listed(self.definitions().iter().map(|tool| tool.name.as_str()));
            fail(format_args!("the package has no tool `{tool}`; it has {names}"), "")
        };
        let parameters = definition.parameters.clone();
        Fuzz { tool: self, name: tool.to_owned(), parameters, cases: 256, seed: seed(), strict: false }
    }

    /// Returns a `proptest` strategy for arguments that a tool's `parameters` allow, for properties of your own.
    ///
    /// ```no_run
    /// use proptest::prelude::*;
    ///
    /// let tool = mpp_testkit::tool!().load();
    /// let mut runner = proptest::test_runner::TestRunner::deterministic();
    /// let outcome = runner.run(&tool.valid_arguments("slugify"), |arguments| {
    ///     let answer = tool.call("slugify", arguments);
    ///     prop_assert!(!answer.is_success() || !answer.text().contains(' '));
    ///     Ok(())
    /// });
    /// assert_eq!(outcome, Ok(()));
    /// ```
    ///
    /// # Panics
    /// Panics if the package has no such tool, or no arguments match its schema.
    #[track_caller]
    pub fn valid_arguments(&self, tool: &str) -> BoxedStrategy<Value> {
        self.fuzz(tool).valid()
    }
}

/// Generated calls of a tool, before they are made: [`Tool::fuzz`].
#[derive(Debug)]
#[must_use = "nothing is called until `run`"]
pub struct Fuzz<'a> {
    tool: &'a Tool,
    name: String,
    parameters: Value,
    cases: u32,
    seed: u64,
    strict: bool,
}

/// The results of generated calls.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FuzzSummary {
    /// Name of the tool.
    pub tool: String,
    /// Number of calls with valid arguments that returned a result.
    pub results: u32,
    /// Number of calls with valid arguments that returned an error of the tool, or of the host for a denied capability or
    /// the tool's state.
    pub errors: u32,
    /// Number of calls with valid arguments that the tool refused as invalid.
    pub refused: u32,
    /// Number of calls with invalid arguments, all of which were refused.
    pub invalid: u32,
}

impl fmt::Display for FuzzSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tool, results, errors, refused, invalid } = self;
        write!(f, "`{tool}`: {results} results, {errors} errors, {refused} refused, {invalid} invalid")
    }
}

impl Fuzz<'_> {
    /// Sets the number of calls with valid arguments, which is also that of calls with invalid ones. The default is 256.
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// Sets the seed: the same seed generates the same arguments.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Also fails where the tool refuses valid arguments, such as a number that its `parameters` allow and that is too large
    /// for its type.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Makes the calls.
    ///
    /// # Panics
    /// Panics as [`Tool::fuzz_arguments`] does.
    #[track_caller]
    pub fn run(self) -> FuzzSummary {
        let summary =
            RefCell::new(FuzzSummary { tool: self.name.clone(), results: 0, errors: 0, refused: 0, invalid: 0 });
        let calls = Cell::new(0);
        let outcome = self.runner().run(&self.valid(), |arguments| {
            calls.set(calls.get() + 1);
            let answer = self.tool.call(&self.name, arguments);
            judge(&answer, self.strict, &mut summary.borrow_mut()).map_err(TestCaseError::fail)
        });
        self.report(outcome, "valid", calls.get(), |arguments| arguments);
        calls.set(0);
        let outcome = self.runner().run(&self.invalid(), |broken| {
            calls.set(calls.get() + 1);
            let answer = self.tool.call(&self.name, broken.arguments);
            let refused = !answer.is_success() && answer.error().kind() == Some(ErrorKind::InvalidArguments);
            if refused {
                summary.borrow_mut().invalid += 1;
                return Ok(());
            }
            Err(TestCaseError::fail(format!("the tool accepted invalid arguments: {}", broken.reason)))
        });
        self.report(outcome, "invalid", calls.get(), |broken| broken.arguments);
        summary.into_inner()
    }

    /// Generates arguments that the host accepts.
    #[track_caller]
    fn valid(&self) -> BoxedStrategy<Value> {
        let Some(values) = valid::values(&self.parameters) else {
            fail(format_args!("no arguments match the `parameters` of `{}`", self.name), "")
        };
        let (loaded, name) = (self.tool.loaded.clone(), self.name.clone());
        let fits = move |value: &Value| {
            loaded
                .contract(&name)
                .is_some_and(|contract| contract.check_arguments(value).is_ok_and(|mistakes| mistakes.is_empty()))
        };
        values.prop_filter("not valid", fits).boxed()
    }

    #[track_caller]
    fn invalid(&self) -> BoxedStrategy<invalid::Invalid> {
        let (loaded, name) = (self.tool.loaded.clone(), self.name.clone());
        let fits = move |value: &Value| {
            loaded
                .contract(&name)
                .is_some_and(|contract| contract.check_arguments(value).is_ok_and(|mistakes| mistakes.is_empty()))
        };
        invalid::values(self.valid(), fits)
    }

    fn runner(&self) -> TestRunner {
        TestRunner::new(Config {
            cases: self.cases,
            failure_persistence: None,
            max_shrink_iters: MOST_SHRINKS,
            max_shrink_time: LONGEST_SHRINKING,
            max_global_rejects: self.cases.saturating_mul(20).max(1024),
            rng_seed: RngSeed::Fixed(self.seed),
            ..Config::default()
        })
    }

    #[track_caller]
    fn report<T: fmt::Debug>(
        &self,
        outcome: Result<(), TestError<T>>,
        which: &str,
        calls: u32,
        arguments: impl Fn(T) -> Value,
    ) {
        let (reason, value) = match outcome {
            Ok(()) => return,
            Err(TestError::Fail(reason, value)) => (reason, arguments(value)),
            Err(TestError::Abort(reason)) => fail(
                format_args!("cannot generate {which} arguments for `{}`: {reason}", self.name),
                "its `parameters` are too restrictive for generated arguments; call it with arguments of your own",
            ),
        };
        let answer = self.tool.call(&self.name, value.clone());
        let test = format!(
            "#[test]\nfn {}_with_generated_arguments() {{\n    let tool = mpp_testkit::tool!().load();\n    \
             tool.call({:?}, json!({value})).{};\n}}",
            self.name.replace('-', "_"),
            self.name,
            if which == "valid" { "assert_success()" } else { "assert_error(\"invalid_arguments\")" },
        );
        let log = block("its log:", answer.log());
        let test = block("the same as a test:", &test);
        let seed = self.seed;
        fail(
            format_args!(
                "`{}` with {value}: {reason}\n({which} arguments, the smallest found in {calls} generated calls, seed {seed}){log}{test}",
                self.name
            ),
            "",
        )
    }
}

/// Counts the answer to valid arguments, or returns why it is a failure.
fn judge(answer: &Answer, strict: bool, summary: &mut FuzzSummary) -> Result<(), String> {
    if answer.is_success() {
        summary.results += 1;
        return Ok(());
    }
    let error = answer.error();
    match error.kind() {
        Some(
            ErrorKind::ToolError | ErrorKind::CapabilityDenied | ErrorKind::StateConflict | ErrorKind::StateUnavailable,
        ) => summary.errors += 1,
        Some(ErrorKind::InvalidArguments) if !strict => summary.refused += 1,
        Some(ErrorKind::InvalidArguments) => {
            return Err(format!("the tool refused arguments that its `parameters` allow: {}", error.message));
        }
        _ => return Err(describe::error(error, answer.log())),
    }
    Ok(())
}

fn seed() -> u64 {
    std::env::var("MPP_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED)
}

#[cfg(test)]
mod tests;
