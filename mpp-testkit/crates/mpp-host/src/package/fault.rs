//! The error of a check: a code, a message, and the entry at fault.

use crate::codes::{Code, Remedy};

/// The error of a check, which a step turns into a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static Code,
    pub(crate) entry: Option<String>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// Boxed, because faults are returned by value and hardly any has one.
    pub(crate) remedy: Option<Box<Remedy>>,
}

impl Fault {
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, entry: None, message: message.into(), help: None, remedy: None }
    }

    pub(crate) fn in_entry(mut self, name: impl Into<String>) -> Self {
        self.entry = Some(name.into());
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn with_remedy(mut self, remedy: Remedy) -> Self {
        self.help = Some(remedy.to_string());
        self.remedy = Some(Box::new(remedy));
        self
    }
}
