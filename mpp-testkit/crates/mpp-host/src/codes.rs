//! Stable codes of errors: what happened, why, and what to do next.
//!
//! Every error of this crate implements [`Coded`]. Each crate declares the codes that it raises with
//! [`declare_codes!`](crate::declare_codes): this one those of the Gatekeeper (`G`), of keys and trust (`K`) and of running tools (`R`).
//! A front end joins the tables and maps the [`Class`] of a code to its own terms, for instance an exit code.

use std::fmt;

use mpp_sdk::wire::ErrorKind;
use serde::{Serialize, Serializer};

mod gatekeeper;
mod keys;
mod remedy;
mod runtime;

pub use self::gatekeeper::*;
pub use self::keys::*;
pub use self::remedy::Remedy;
pub use self::runtime::*;

/// A stable code with the text that explains it. Two codes are equal if their ids are; a code is serialised as its id.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Code {
    /// For example `MPP-G401`.
    pub id: &'static str,
    /// What happened, in one lower-case line.
    pub title: &'static str,
    /// Why it is refused and what to do next: a few sentences, for a reader who sees it for the first time.
    pub help: &'static str,
    /// The kind of failure, from which front ends derive exit codes.
    pub class: Class,
}

/// The kind of failure that a [`Code`] describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The request itself is wrong: a missing file, an unknown name, invalid arguments.
    Usage,
    /// The tool returned an error, crashed, or gave an invalid response.
    Tool,
    /// A package, a log or a comparison did not pass a check.
    Verification,
    /// Something is not declared, not granted, not trusted or not approved.
    Denied,
    /// A limit of time, memory or output was reached.
    Limit,
    /// A package cannot be built.
    Build,
    /// A registry or the network failed.
    Registry,
    /// An error inside the host or the program, which should be reported.
    Internal,
    /// A person or another program ended the work.
    Interrupted,
}

/// An error that carries a stable code.
pub trait Coded: std::error::Error {
    /// The code that names this failure.
    fn code(&self) -> &'static Code;

    /// What would make the request succeed, where that is known.
    fn remedy(&self) -> Option<Remedy> {
        None
    }

    /// What to do next, in words that name no program: the remedy as a sentence, else the help of the code.
    fn help(&self) -> String {
        self.remedy().map_or_else(|| self.code().help.to_owned(), |remedy| remedy.to_string())
    }
}

impl Code {
    /// A code. `declare_codes!` calls this for each entry of a table.
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

/// Every code of this crate, sorted by area and number.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [GATEKEEPER, KEYS, RUNTIME].into_iter().flatten().copied()
}

/// The code of this crate with this `id`, whatever its case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// The code for a kind of failure on the wire.
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

/// Declares codes: a `static` for each, named like its id without `MPP-`, and a table that lists them in order.
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

        /// The codes above, in order.
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
