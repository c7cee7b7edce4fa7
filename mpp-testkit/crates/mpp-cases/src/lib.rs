//! Test cases in files, for MPP packages in any language.
//!
//! [`Cases`] reads a file of cases in JSON or YAML: calls of tools, what surrounds each one, and what is expected of it. [`Subject`] runs
//! them with the real package, in the sandbox and behind the privacy filter; each case has a state, files and mocks of its own.
//! [`CaseResult`] says what was not as expected, and [`Subject::update`] writes what was found into the file.
//!
//! The crate never prints, reads environment variables or changes files, besides temporary ones: results are data, and the front end
//! words them for its reader.
//!
//! ```
//! use mpp_cases::Cases;
//!
//! let text = "cases:\n  - name: greets\n    tool: greet\n    arguments: { name: Ada }\n    expect: { text: Hello }\n";
//! let cases = Cases::parse("tests/greet.yaml".as_ref(), text)?;
//! assert_eq!(cases.cases()[0].name, "greets");
//!
//! let error = Cases::parse("tests/greet.yaml".as_ref(), &text.replace("expect", "exepct")).expect_err("an unknown key");
//! assert_eq!(error.line(), Some(5));
//! assert!(error.to_string().contains("did you mean `expect`?"));
//! # Ok::<(), mpp_cases::ReadError>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod codes;
pub mod conformance;
mod error;
pub mod format;
mod read;
mod result;
mod run;
mod source;
mod update;

pub use error::{NotPrepared, ReadError};
pub use read::Cases;
pub use result::{CaseResult, Mismatch, Status};
pub use run::{Subject, SubjectError};
pub use update::{Change, Updated};
