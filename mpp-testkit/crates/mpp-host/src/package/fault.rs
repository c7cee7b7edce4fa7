//! The error of a check: a code, a message, and the entry at fault.

use crate::codes::Code;

/// The error of a check, which a step turns into a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static Code,
    pub(crate) entry: Option<String>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Fault {
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, entry: None, message: message.into(), help: None }
    }

    pub(crate) fn in_entry(mut self, name: impl Into<String>) -> Self {
        self.entry = Some(name.into());
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
