//! Writes what was found into a file of test cases, in place of what was expected.

use mpp_host::host::CallOutcome;
use mpp_host::wire::{ErrorKind, RpcError};
use mpp_recording::difference;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::format::{Case, Expect};
use crate::read::Cases;
use crate::result::{CaseResult, Status};
use crate::run::check::{code, content, structured, text};
use crate::run::{Observed, Subject, state};
use crate::source::Edits;

/// The outcome of running a file of cases, and its new text.
#[derive(Debug)]
#[non_exhaustive]
pub struct Updated {
    /// The result of each case; one that was updated has passed.
    pub results: Vec<CaseResult>,
    /// What was changed.
    pub changes: Vec<Change>,
    /// The new text of the file; `None` if nothing was changed.
    pub text: Option<String>,
}

/// A changed expectation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Change {
    /// Name of the case.
    pub case: String,
    /// JSON pointer into the case.
    pub pointer: String,
    /// What was expected; absent if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is expected now.
    pub after: Value,
}

impl Subject {
    /// Runs the cases with these numbers, and updates the expectations of those that fail.
    ///
    /// Data and texts are updated where the case expects them: `result`, `partial`, `text`, `content`, `error`, `kv` and `requests`. A
    /// case without `expect` gets one. A result is not replaced by an error or the reverse, and a crash, a timeout or another failure
    /// that the host reports is never expected by itself.
    #[must_use]
    pub fn update(&self, cases: &Cases, numbers: &[usize]) -> Updated {
        let (mut results, mut changes, mut edits) = (Vec::new(), Vec::new(), Edits::default());
        for number in numbers {
            let (mut result, observed) = self.run_and_keep(cases, *number);
            if let (Status::Failed, Some(observed)) = (result.status, observed) {
                let case = &cases.cases()[*number];
                let mut update = Update { cases, case, number: *number, edits: &mut edits, changes: &mut changes };
                update.case(&observed, &mut result);
            }
            results.push(result);
        }
        let text = (!edits.is_empty()).then(|| edits.apply(&cases.document));
        Updated { results, changes, text }
    }
}

/// The update of one case.
struct Update<'a> {
    cases: &'a Cases,
    case: &'a Case,
    number: usize,
    edits: &'a mut Edits,
    changes: &'a mut Vec<Change>,
}

impl Update<'_> {
    fn case(&mut self, observed: &Observed, result: &mut CaseResult) {
        match &self.case.expect {
            None => {
                if let Some(expect) = recorded(observed)
                    && self.edits.insert(&self.cases.document, &self.at(""), "expect", &expect)
                {
                    self.change("/expect", None, expect);
                    result.mismatches.retain(|mismatch| mismatch.subject != "expect");
                }
            }
            Some(expect) => {
                let done: Vec<bool> = result
                    .mismatches
                    .iter()
                    .map(|mismatch| self.subject(expect, observed, &mismatch.subject, &mismatch.differences))
                    .collect();
                let mut done = done.into_iter();
                result.mismatches.retain(|_| !done.next().unwrap_or_default());
            }
        }
        if result.mismatches.is_empty() {
            result.status = Status::Passed;
        }
    }

    /// Updates one part of an expectation. Returns whether it is now as found.
    fn subject(
        &mut self,
        expect: &Expect,
        observed: &Observed,
        subject: &str,
        differences: &[difference::Difference],
    ) -> bool {
        match (subject, observed.output.outcome()) {
            ("result", Ok(outcome)) => match (structured(outcome), &expect.result) {
                (Some(found), Some(expected)) => {
                    self.replace("/expect/result", expected, kept(expect, expected, found))
                }
                _ => false,
            },
            ("partial", Ok(_)) => self.partial(differences),
            ("text", Ok(outcome)) => match &expect.text {
                Some(expected) => self.replace("/expect/text", &Value::from(expected.as_str()), text(outcome).into()),
                None => false,
            },
            ("content", Ok(outcome)) => match &expect.content {
                Some(expected) => self.replace("/expect/content", &expected.clone().into(), content(outcome)),
                None => false,
            },
            ("error", Err(error)) => match &expect.error {
                Some(expected) if is_recordable(error) && code(error) != expected.code => {
                    self.replace("/expect/error/code", &Value::from(expected.code.as_str()), code(error).into())
                }
                Some(expected) if is_recordable(error) => match &expected.message {
                    Some(part) if !error.message.contains(part.as_str()) => {
                        let found = error.message.as_str().into();
                        self.replace("/expect/error/message", &Value::from(part.as_str()), found)
                    }
                    _ => false,
                },
                _ => false,
            },
            ("kv", _) => match (&observed.state, &expect.kv) {
                (Some(entries), Some(expected)) => {
                    let found: Map<String, Value> = state::values(entries, expected).into_iter().collect();
                    let expected: Map<String, Value> = expected.clone().into_iter().collect();
                    self.replace("/expect/kv", &expected.into(), found.into())
                }
                _ => false,
            },
            ("requests", _) => match &expect.requests {
                Some(expected) => {
                    self.replace("/expect/requests", &expected.clone().into(), observed.requests.clone().into())
                }
                None => false,
            },
            _ => false,
        }
    }

    /// Replaces each value of a partial result that differs.
    fn partial(&mut self, differences: &[difference::Difference]) -> bool {
        let mut all = !differences.is_empty();
        for one in differences {
            let replaced = match (&one.expected, &one.found) {
                (Some(expected), Some(found)) => {
                    self.replace(&format!("/expect/partial{}", one.pointer), expected, found.clone())
                }
                _ => false,
            };
            all &= replaced;
        }
        all
    }

    fn replace(&mut self, pointer: &str, before: &Value, after: Value) -> bool {
        if !self.edits.replace(&self.cases.document, &self.at(pointer), &after) {
            return false;
        }
        self.change(pointer, Some(before.clone()), after);
        true
    }

    fn change(&mut self, pointer: &str, before: Option<Value>, after: Value) {
        self.changes.push(Change { case: self.case.name.clone(), pointer: pointer.to_owned(), before, after });
    }

    fn at(&self, pointer: &str) -> String {
        format!("/cases/{}{pointer}", self.number)
    }
}

/// Returns the found result with the expected values where they are not compared.
fn kept(expect: &Expect, expected: &Value, mut found: Value) -> Value {
    for one in difference::compare("", expected, &found) {
        let is_ignored = expect.ignore.iter().any(|pattern| difference::is_below(pattern, &one.pointer));
        if let (true, Some(expected), Some(place)) = (is_ignored, one.expected, found.pointer_mut(&one.pointer)) {
            *place = expected;
        }
    }
    found
}

/// Returns an expectation for what a call did; `None` if nobody should expect it.
fn recorded(observed: &Observed) -> Option<Value> {
    match observed.output.outcome() {
        Ok(outcome) => success(outcome),
        Err(error) if is_recordable(error) => {
            Some(json!({ "error": { "code": code(error), "message": error.message } }))
        }
        Err(_) => None,
    }
}

fn success(outcome: &CallOutcome) -> Option<Value> {
    if outcome.is_error {
        return None;
    }
    let said = text(outcome);
    let only_text = outcome.content.iter().all(|item| item.as_text().is_some());
    Some(match structured(outcome) {
        Some(value) => json!({ "result": value }),
        None if only_text => json!({ "text": said }),
        None => json!({ "content": content(outcome) }),
    })
}

fn is_recordable(error: &RpcError) -> bool {
    matches!(
        error.kind(),
        Some(ErrorKind::ToolError | ErrorKind::InvalidArguments | ErrorKind::UnknownTool | ErrorKind::CapabilityDenied)
    )
}
