//! The error of a command: any error with a stable code that can explain itself to the user of a command line.
//!
//! Each part of the program has an error type of its own, next to the code that raises it. [`Explain`] says what a command line
//! shows besides the code and the message; `diagnostic` implements it for the errors of the libraries.

use mpp_host::codes::Coded;

use crate::wording;

/// An error that can be shown on a command line.
pub(crate) trait Explain: Coded {
    /// Returns the file, option or tool that the error is about.
    fn place(&self) -> Option<String> {
        None
    }

    /// Returns further facts, one note each.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns what to do next, in terms of commands; empty if there is nothing to add.
    fn advice(&self) -> String {
        match self.remedy() {
            Some(remedy) => wording::remedy(&remedy, wording::PACKAGE),
            None => wording::with_commands(self.code(), self.help()),
        }
    }
}

/// The error of a command.
#[derive(Debug)]
pub(crate) struct Error(Box<dyn Explain>);

impl Error {
    /// Returns the error itself.
    pub(crate) fn as_explain(&self) -> &dyn Explain {
        &*self.0
    }
}

impl<E: Explain + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}
