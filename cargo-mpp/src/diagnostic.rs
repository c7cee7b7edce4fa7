//! Errors as users see them: the message, the place, notes, and the next step.

mod libraries;
mod registry;

#[cfg(feature = "registry-server")]
pub(crate) use registry::notes_of;

use mpp_host::causes::causes;
use mpp_host::codes::Code;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::program::Program;

/// An error for a reader, a person or a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Diagnostic {
    /// The code that `mpp explain` describes.
    #[schemars(with = "String")]
    pub(crate) code: &'static Code,
    /// The message: one sentence in lower case, without a final period.
    pub(crate) message: String,
    /// The messages of the causes, from the nearest to the first one.
    pub(crate) causes: Vec<String>,
    /// The file, option or tool that the error is about.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// Further facts, one note each.
    pub(crate) notes: Vec<String>,
    /// The help text, which tells what to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
}

impl Diagnostic {
    /// Creates a diagnostic with only a code and a message.
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), causes: Vec::new(), place: None, notes: Vec::new(), help: None }
    }

    /// Returns the diagnostic of an error.
    pub(crate) fn of(error: &dyn Explain) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            causes: causes(error).collect(),
            place: error.place(),
            notes: error.notes(),
            help: Some(error.advice()).filter(|advice| !advice.is_empty()),
        }
    }

    /// Sets the place.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a note.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the help.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into()).filter(|help: &String| !help.is_empty());
        self
    }

    /// Returns the message with its causes, in one sentence. A cause that repeats the message before it is left out.
    pub(crate) fn full_message(&self) -> String {
        let mut parts = vec![self.message.as_str()];
        parts.extend(self.causes.iter().map(String::as_str));
        parts.dedup();
        parts.join(": ")
    }

    /// Returns the exit code of a program that ends with this error.
    pub(crate) fn exit(&self) -> Exit {
        Exit::from(self.code.class)
    }

    /// Returns the diagnostic with its commands spelled for the name by which the program was started.
    pub(crate) fn spelled_for(mut self, program: Program) -> Self {
        self.message = program.spell(&self.message);
        for text in self.causes.iter_mut().chain(&mut self.notes).chain(&mut self.help) {
            *text = program.spell(text);
        }
        self
    }

    /// Returns the diagnostic with its place relative to `base`, if it is a path below it.
    pub(crate) fn relative_to(mut self, base: Option<&str>) -> Self {
        if let (Some(place), Some(base)) = (&mut self.place, base)
            && let Some(short) = place.strip_prefix(base).and_then(|rest| rest.strip_prefix(std::path::MAIN_SEPARATOR))
        {
            *place = short.to_owned();
        }
        self
    }
}

impl From<&Error> for Diagnostic {
    fn from(error: &Error) -> Self {
        Self::of(error.as_explain())
    }
}
