//! What a call did under each fault: a table, and what is clean.

use std::fmt;

use mpp_sdk::wire::{ErrorKind, RpcError};
use serde_json::Value;

use super::{CallFault, Fault, What};
use crate::answer::Answer;
use crate::failure::{block, fail};

/// What a call did under every fault that it can meet: [`Tool::under_every_fault`](crate::Tool::under_every_fault).
///
/// `Display` is a table, one fault a line, and below it what was left out.
#[derive(Debug)]
#[must_use = "nothing is asserted until `assert_clean` is called"]
pub struct FaultReport {
    pub(super) call: String,
    pub(super) rows: Vec<Row>,
    pub(super) left_out: Vec<Fault>,
}

/// One fault and what the call made of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Row {
    /// The fault.
    pub fault: Fault,
    /// Whether it has happened.
    pub met: Met,
    /// What the call answered.
    pub outcome: Outcome,
    /// The answer itself.
    pub answer: Answer,
}

/// Whether a fault has happened in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Met {
    /// It has.
    Yes,
    /// The call did nothing that could meet it.
    No,
}

/// What a call made of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// A good answer all the same.
    Good,
    /// The tool's own error, with this code, and whether it says that trying again may help.
    ToolError {
        /// The tool's code.
        code: String,
        /// Whether the same call may succeed later.
        retryable: bool,
    },
    /// What the host alone says, as it must under this fault: the tool had no part in it.
    Host(String),
    /// Anything else: a crash, the call's time used up, an answer that is none. The text says which.
    Unclean(String),
}

impl Outcome {
    /// Whether a caller can do something with it.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !matches!(self, Self::Unclean(_))
    }

    pub(super) fn of(fault: &Fault, answer: &Answer, unanswered: Option<&str>) -> Self {
        if let Some(message) = unanswered {
            return Self::Unclean(message.lines().next().unwrap_or_default().to_owned());
        }
        if answer.is_success() {
            return Self::Good;
        }
        let error = answer.error();
        let kind = error.kind();
        let word = kind.map_or("unknown", |kind| kind.as_str()).to_owned();
        match kind {
            Some(ErrorKind::ToolError) => match error.data.get("code").and_then(Value::as_str) {
                Some(code) => Self::ToolError { code: code.to_owned(), retryable: error.is_retryable() },
                None => Self::Unclean("tool_error without a code".to_owned()),
            },
            // About what the tool made of its arguments, which the host has found good.
            Some(ErrorKind::InvalidArguments) => Self::ToolError { code: word, retryable: false },
            _ if is_the_hosts(fault, kind) => Self::Host(word),
            _ => Self::Unclean(unclean(&word, error)),
        }
    }
}

/// Whether it is the host that must say so under this fault, whatever the tool does.
fn is_the_hosts(fault: &Fault, kind: Option<ErrorKind>) -> bool {
    match (&fault.what, kind) {
        (What::Http { answer: Ok(response), .. }, Some(ErrorKind::CapabilityDenied)) => {
            (300..400).contains(&response.status)
        }
        (What::Call(CallFault::KvBusy), Some(ErrorKind::StateConflict))
        | (What::Call(CallFault::KvDiskFull), Some(ErrorKind::StateUnavailable))
        | (What::Call(CallFault::Memory(_)), Some(ErrorKind::MemoryLimit))
        | (What::Call(CallFault::Time), Some(ErrorKind::Timeout)) => true,
        _ => false,
    }
}

fn unclean(word: &str, error: &RpcError) -> String {
    let line = error.message.lines().next().unwrap_or_default();
    match error.kind() {
        Some(ErrorKind::Timeout) => {
            format!("{word}: the request used up the time of the whole call; give it a `.timeout(…)` of its own")
        }
        _ => format!("{word}: {line}"),
    }
}

impl FaultReport {
    /// All rows, in the order of the table.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The faults that were not tried, because the calls ran natively and only the sandbox can bring these about.
    pub fn left_out(&self) -> &[Fault] {
        &self.left_out
    }

    /// The row of a fault whose name, as the table shows it, begins with this.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    #[track_caller]
    pub fn row(&self, name: &str) -> &Row {
        match self.rows.iter().find(|row| row.fault.to_string().starts_with(name)) {
            Some(row) => row,
            None => fail(format_args!("no fault is called `{name}`{}", block("the faults:", &self.to_string())), ""),
        }
    }

    /// Every fault has happened.
    ///
    /// # Panics
    /// Where the call did nothing that could meet one; the message has the table.
    #[track_caller]
    pub fn assert_met(&self) -> &Self {
        let unmet: Vec<String> =
            self.rows.iter().filter(|row| row.met == Met::No).map(|row| format!("`{}`", row.fault)).collect();
        if !unmet.is_empty() {
            fail(format_args!("{} has not met {}\n\n{self}", self.call, unmet.join(", ")), "")
        }
        self
    }

    /// Every answer is a good one, the tool's own error with a code, or what only the host can say.
    ///
    /// # Panics
    /// Where one is not, the message has the table; and where no fault was tried at all.
    #[track_caller]
    pub fn assert_clean(&self) -> &Self {
        if self.rows.is_empty() {
            fail(format_args!("{} was tried under no fault: nothing is learnt{self}", self.call), "")
        }
        let unclean = self.rows.iter().filter(|row| !row.outcome.is_clean()).count();
        if unclean == 0 {
            return self;
        }
        let logs: Vec<String> = self
            .rows
            .iter()
            .filter(|row| !row.outcome.is_clean())
            .map(|row| block(&format!("the log under {}:", row.fault), row.answer.log()))
            .collect();
        fail(
            format_args!(
                "{} has no clean answer under {unclean} of {} faults\n\n{self}{}",
                self.call,
                self.rows.len(),
                logs.concat()
            ),
            "a clean answer is a good one, or an error of the tool's own with a code: `?` on what the host's functions \
             return, no `unwrap`, and a `.timeout(…)` on requests",
        )
    }
}

impl fmt::Display for FaultReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.rows.iter().map(|row| row.fault.to_string()).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        for (index, (row, name)) in self.rows.iter().zip(&names).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let mark = if row.outcome.is_clean() { "clean  " } else { "UNCLEAN" };
            write!(f, "{mark}  {name:width$}  {}", row.outcome)?;
            if row.met == Met::No {
                f.write_str(" (the call did nothing that could meet it)")?;
            }
        }
        for fault in &self.left_out {
            let reason = fault.sandbox_only().unwrap_or_default();
            write!(f, "\nnot tried  {fault}: it happens in the sandbox only, and this ran natively; {reason}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("a good answer"),
            Self::ToolError { code, retryable: true } => write!(f, "{code}, retryable"),
            Self::ToolError { code, retryable: false } => f.write_str(code),
            Self::Host(word) => write!(f, "{word}, by the host"),
            Self::Unclean(what) => f.write_str(what),
        }
    }
}
