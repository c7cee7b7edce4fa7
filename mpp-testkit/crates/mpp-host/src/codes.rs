//! Stable error codes, each with a title, an explanation and the next step.
//!
//! Every error of this crate implements [`Coded`]. Each crate declares the codes that its errors return with
//! [`declare_codes!`](crate::declare_codes). This crate declares those of the Gatekeeper (`G`), of keys and trust (`K`) and of
//! running tools (`R`). A front end joins the tables and maps the [`Class`] of a code to its own terms, for example an exit code.

use std::fmt;

use mpp_sdk::wire::ErrorKind;
use serde::{Serialize, Serializer};

mod gatekeeper;
mod keys;
mod remedy;
mod runtime;

pub use self::gatekeeper::*;
pub use self::keys::*;
pub use self::remedy::{PathAccess, Remedy, RuntimeLimit};
pub use self::runtime::*;

/// A stable error code and its explanation. Two codes are equal if their ids are equal. A code is serialised as its id.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Code {
    /// The id, for example `MPP-G401`.
    pub id: &'static str,
    /// Description of the failure, in one lower-case line.
    pub title: &'static str,
    /// The reason for the failure and the next step, in a few sentences for a reader who sees the code for the first time.
    pub help: &'static str,
    /// The class of the failure, from which front ends derive exit codes.
    pub class: Class,
}

/// The class of failure that a [`Code`] describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The request itself is wrong: a missing file, an unknown name, invalid arguments.
    Usage,
    /// The tool returned an error, crashed, or gave an invalid response.
    Tool,
    /// A package, a log or a comparison did not pass a check.
    Verification,
    /// The request needs something that is not declared, granted, trusted or approved.
    Denied,
    /// A time, memory or output limit was reached.
    Limit,
    /// A package cannot be built.
    Build,
    /// A registry or the network failed.
    Registry,
    /// An internal error of the host or the program, which should be reported.
    Internal,
    /// A person or another program interrupted the work.
    Interrupted,
}

/// An error that has a stable code.
pub trait Coded: std::error::Error {
    /// Returns the code of this error.
    fn code(&self) -> &'static Code;

    /// Returns the change that would make the request succeed, if it is known.
    fn remedy(&self) -> Option<Remedy> {
        None
    }

    /// Returns the next step, in words that do not depend on the program: the remedy as a sentence if there is one, else the
    /// help of the code.
    fn help(&self) -> String {
        self.remedy().map_or_else(|| self.code().help.to_owned(), |remedy| remedy.to_string())
    }
}

impl Code {
    /// Creates a code. `declare_codes!` calls this for each entry of a table.
    #[must_use]
    pub const fn new(id: &'static str, title: &'static str, help: &'static str, class: Class) -> Self {
        Self { id, title, help, class }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Code {}

/// Compares the id, so that tests can be written `assert_eq!(error.code(), "MPP-G401")`.
impl PartialEq<str> for Code {
    fn eq(&self, id: &str) -> bool {
        self.id == id
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, id: &&str) -> bool {
        self.id == *id
    }
}

/// Returns all codes of this crate, sorted by area and number.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [GATEKEEPER, KEYS, RUNTIME].into_iter().flatten().copied()
}

/// Returns the code of this crate with the given id, ignoring case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// Returns the code for an error kind of the wire protocol, or `None` if there is none.
#[must_use]
pub fn of_kind(kind: ErrorKind) -> Option<&'static Code> {
    Some(match kind {
        ErrorKind::UnknownTool => &R101,
        ErrorKind::InvalidArguments => &R102,
        ErrorKind::ToolError => &R103,
        ErrorKind::CapabilityDenied => &R104,
        ErrorKind::Timeout => &R105,
        ErrorKind::MemoryLimit => &R106,
        ErrorKind::OutputLimit => &R107,
        ErrorKind::ToolCrashed => &R108,
        ErrorKind::InvalidResponse => &R109,
        ErrorKind::ParseError | ErrorKind::InvalidRequest | ErrorKind::MethodNotFound => &R110,
        ErrorKind::StateConflict => &R111,
        ErrorKind::StateUnavailable => &R112,
        ErrorKind::Cancelled => &R113,
        ErrorKind::ApprovalRequired => &K206,
        ErrorKind::ApprovalRefused => &K207,
        _ => return None,
    })
}

/// Declares codes: a `static` for each, named after its id without `MPP-`, and a table that lists them in order.
///
/// ```
/// mod codes {
///     mpp_host::declare_codes! {
///         pub table EXAMPLES;
///
///         X001: Usage, "the example is missing",
///             "An example was asked for, and there is none of this name. Check its spelling.";
///     }
///
///     pub fn all() -> impl Iterator<Item = &'static mpp_host::codes::Code> {
///         EXAMPLES.iter().copied()
///     }
/// }
///
/// assert_eq!(codes::X001, "MPP-X001");
/// assert_eq!(codes::all().count(), 1);
/// ```
#[macro_export]
macro_rules! declare_codes {
    ($vis:vis table $table:ident; $($name:ident: $class:ident, $title:literal, $help:expr;)*) => {
        $(
            #[doc = concat!("`MPP-", stringify!($name), "`: ", $title, ".")]
            $vis static $name: $crate::codes::Code =
                $crate::codes::Code::new(concat!("MPP-", stringify!($name)), $title, $help, $crate::codes::Class::$class);
        )*

        /// The declared codes, in order.
        pub(super) static $table: &[&$crate::codes::Code] = &[$(&$name),*];
    };
}

#[cfg(test)]
mod tests {
    use super::{Coded as _, G401};
    use crate::keys::KeyError;

    #[test]
    fn a_code_is_serialised_and_compared_as_its_id() {
        assert_eq!(serde_json::to_string(&G401).unwrap_or_default(), "\"MPP-G401\"");
        assert_eq!((format!("{G401}"), format!("{:?}", &G401)), ("MPP-G401".to_owned(), "MPP-G401".to_owned()));
        assert_eq!(KeyError::Weak.code(), "MPP-K008");
        assert_ne!(KeyError::Weak.code(), &G401);
        assert_eq!(super::find("mpp-g401"), Some(&G401));
    }
}
