//! Arguments made of a tool's own schema: what crashes it, holds it up, or makes it break its promises.

mod broken;
mod text;
mod valid;

use std::cell::{Cell, RefCell};
use std::fmt;

use mpp_sdk::wire::ErrorKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use serde_json::Value;

use crate::answer::Answer;
use crate::explain;
use crate::failure::{block, fail};
use crate::tool::Tool;

/// The seed of runs that choose none: the same arguments every time.
const SEED: u64 = 0x6d70_7074_6573_7431;
/// Calls that shrinking may take.
const MOST_SHRINKS: u32 = 400;
/// Milliseconds that shrinking may take.
const LONGEST_SHRINKING: u32 = 20_000;

impl Tool {
    /// Calls a tool with so many generated arguments that its `parameters` allow, and with as many that they do not.
    ///
    /// The arguments are the same in every run; `MPP_TEST_SEED=NUMBER` takes others. A tool that keeps state keeps it from
    /// one call to the next.
    ///
    /// # Panics
    /// Where it crashes, runs into a limit, answers what its `returns` forbids, or where arguments are accepted that its
    /// `parameters` forbid: with the smallest arguments that do it, as a test to paste.
    #[track_caller]
    pub fn fuzz_arguments(&self, tool: &str, cases: u32) -> FuzzSummary {
        self.fuzz(tool).cases(cases).run()
    }

    /// [`Tool::fuzz_arguments`] for every tool of the package.
    ///
    /// # Panics
    /// Where one of them fails as said there.
    #[track_caller]
    pub fn fuzz_all(&self, cases: u32) -> Vec<FuzzSummary> {
        self.definitions().iter().map(|tool| self.fuzz_arguments(&tool.name, cases)).collect()
    }

    /// The same, with a choice of seed and strictness.
    #[track_caller]
    pub fn fuzz(&self, tool: &str) -> Fuzz<'_> {
        let Some(definition) = self.definitions().iter().find(|definition| definition.name == tool) else {
            let names: Vec<String> = self.definitions().iter().map(|tool| format!("`{}`", tool.name)).collect();
            fail(format_args!("there is no tool `{tool}` to call; the package has {}", names.join(", ")), "")
        };
        let parameters = definition.parameters.clone();
        Fuzz { tool: self, name: tool.to_owned(), parameters, cases: 256, seed: seed(), strict: false }
    }

    /// A `proptest` strategy for arguments that a tool's `parameters` allow: for properties of your own.
    ///
    /// # Panics
    /// Where the package has no such tool, or nothing fits its schema.
    #[track_caller]
    pub fn valid_arguments(&self, tool: &str) -> BoxedStrategy<Value> {
        self.fuzz(tool).valid()
    }
}

/// Generated calls of one tool, not made yet.
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

/// What generated calls were answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FuzzSummary {
    /// The tool.
    pub tool: String,
    /// Calls with arguments that its `parameters` allow: so many gave a result …
    pub results: u32,
    /// … so many an error of the tool's own, or something that the host refused it …
    pub errors: u32,
    /// … and so many the tool refused as invalid though its `parameters` allow them.
    pub refused: u32,
    /// Calls with arguments that they do not allow, each of which was refused.
    pub invalid: u32,
}

impl fmt::Display for FuzzSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tool, results, errors, refused, invalid } = self;
        write!(f, "`{tool}`: {results} results, {errors} errors, {refused} refused, {invalid} invalid")
    }
}

impl Fuzz<'_> {
    /// How many calls with valid arguments, and with invalid ones.
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// Which arguments: the same seed makes the same ones.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Also fails where the tool refuses arguments as invalid that its `parameters` allow, such as a number that is too
    /// large for its type: the schema should say so.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Makes the calls.
    ///
    /// # Panics
    /// See [`Tool::fuzz_arguments`].
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
            Err(TestCaseError::fail(format!("the arguments were accepted though {}", broken.what)))
        });
        self.report(outcome, "invalid", calls.get(), |broken| broken.arguments);
        summary.into_inner()
    }

    /// Arguments that the host's own check accepts.
    #[track_caller]
    fn valid(&self) -> BoxedStrategy<Value> {
        let Some(values) = valid::values(&self.parameters) else {
            fail(format_args!("no arguments fit the `parameters` of `{}`", self.name), "")
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
    fn invalid(&self) -> BoxedStrategy<broken::Broken> {
        let (loaded, name) = (self.tool.loaded.clone(), self.name.clone());
        let fits = move |value: &Value| {
            loaded
                .contract(&name)
                .is_some_and(|contract| contract.check_arguments(value).is_ok_and(|mistakes| mistakes.is_empty()))
        };
        broken::values(self.valid(), fits)
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
                format_args!("no {which} arguments for `{}` could be generated: {reason}", self.name),
                "the rules of its `parameters` leave too little room for chance; call it with arguments of your own",
            ),
        };
        let answer = self.tool.call(&self.name, value.clone());
        let test = format!(
            "#[test]\nfn {}_takes_these_arguments() {{\n    let tool = mpp_testkit::tool!().load();\n    \
             tool.call({:?}, json!({value})).{};\n}}",
            self.name.replace('-', "_"),
            self.name,
            if which == "valid" { "assert_success()" } else { "assert_error(\"invalid_arguments\")" },
        );
        let log = block("its log:", answer.log());
        let test = block("as a test:", &test);
        let seed = self.seed;
        fail(
            format_args!(
                "`{}` with {value}: {reason}\n(generated, {which}; the smallest that was found in {calls} calls, seed \
                 {seed}){log}{test}",
                self.name
            ),
            "",
        )
    }
}

/// What may not happen with arguments that the schema allows.
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
            return Err(format!("its `parameters` allow this, and it refuses it: {}", error.message));
        }
        _ => return Err(explain::error(error, answer.log())),
    }
    Ok(())
}

fn seed() -> u64 {
    std::env::var("MPP_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED)
}

#[cfg(test)]
mod tests;
