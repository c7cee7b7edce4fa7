//! The errors between a verified package and a call: one enum per boundary, with a code and a remedy for each error.

use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use crate::audit::AuditError;
use crate::causes::BoxedError;
use crate::codes::{self, Code, Coded, Remedy};
use crate::policy::NotApproved;
use crate::privacy::PatternError;
use crate::sandbox::{CompileError, SchemaFault};

/// The error returned when the host cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The engine cannot start.
    #[error("the sandbox cannot start")]
    Engine {
        /// The engine's error.
        source: BoxedError,
    },
}

/// The error returned when a verified package cannot be prepared for running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The module does not compile.
    #[error("the module does not compile")]
    Compile {
        /// The compiler's error.
        source: CompileError,
    },
    /// Compiling took longer than the time limit.
    #[error("compiling the module took longer than {seconds} s")]
    CompileTime {
        /// The time limit, in seconds.
        seconds: u64,
    },
    /// The module's imports cannot be satisfied.
    #[error("the module does not link")]
    Link {
        /// The import that cannot be satisfied, and why.
        source: BoxedError,
    },
    /// A tool's schema cannot be enforced.
    #[error(transparent)]
    Schema(#[from] SchemaFault),
    /// The privacy filter's patterns do not compile.
    #[error("the privacy filter cannot be created")]
    Filter {
        /// The pattern that does not compile, and why.
        source: PatternError,
    },
}

/// The error returned when a grant does not fit the package, or cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The admission is for another package.
    #[error("the admission is for another package")]
    NotAdmitted,
    /// The clearance is for another package.
    #[error("the clearance is for another package")]
    NotCleared,
    /// The grant has no value for some declared variables.
    #[error("no value for the declared environment variable{} {}", if names.len() == 1 { "" } else { "s" }, listed(names))]
    VariablesMissing {
        /// Names of the variables.
        names: Vec<String>,
    },
    /// The grant has a value for a variable that is not declared.
    #[error("the package does not declare the environment variable `{name}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    VariableUndeclared {
        /// Name of the variable.
        name: String,
        /// The declared variable with the most similar name, if any.
        nearest: Option<String>,
        /// The line of `Cargo.toml` that would declare it too, under `[package.metadata.mpp.capabilities]`.
        line: String,
    },
    /// The value of a variable contains a NUL character, which an environment variable cannot hold.
    #[error("the value of the environment variable `{name}` contains a NUL character")]
    VariableUnusable {
        /// Name of the variable.
        name: String,
    },
    /// The value of a variable contains a character that an injected header cannot carry.
    #[error(
        "the header `{header}` for `{host}` cannot be built: a variable in it contains a character that is not allowed in a header"
    )]
    HeaderUnusable {
        /// Name of the header.
        header: String,
        /// The declared host that the header is for.
        host: String,
    },
    /// A declared path is not mapped to a path on this machine.
    #[error("the declared path `{guest}` is not mapped to a file or directory of this machine")]
    PathUnmapped {
        /// The path as the tool sees it.
        guest: String,
    },
    /// The grant maps a path that is not declared.
    #[error("the package does not declare the path `{guest}`")]
    PathUndeclared {
        /// The path as the tool sees it.
        guest: String,
        /// The line of `Cargo.toml` that would declare it too, under `[package.metadata.mpp.capabilities]`.
        line: String,
    },
    /// The path on this machine that a declared path is mapped to cannot be used.
    #[error("`{}`, which is the tool's `{guest}`, {reason}", host.display())]
    PathUnusable {
        /// The path as the tool sees it.
        guest: String,
        /// The path on this machine.
        host: PathBuf,
        /// What is wrong with the path on this machine.
        reason: String,
        /// The operating system's error, if it refused the path.
        source: Option<io::Error>,
    },
    /// The operating system provides no random bytes for the ids of calls in the audit log.
    #[error("the system provided no random bytes for ids of calls")]
    NoRandomness {
        /// The operating system's error.
        source: io::Error,
    },
}

/// The error returned when a package is not cleared to run, or a tool is not cleared to be called.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClearError {
    /// The answer is no, no person could be asked, or the policy refuses. The refusal is recorded in the audit log, if any.
    #[error(transparent)]
    NotApproved(#[from] NotApproved),
    /// The refusal could not be recorded in the audit log.
    #[error("the call was refused, and the refusal cannot be recorded")]
    Audit(#[from] AuditError),
}

/// The error returned when a module does not list its tools. Its text is the message, the log and the backtrace.
#[derive(Debug)]
#[non_exhaustive]
pub struct DescribeError {
    /// The code of the underlying failure.
    pub code: &'static Code,
    /// What went wrong.
    pub message: String,
    /// What the module wrote to stderr.
    pub log: String,
    /// The WebAssembly backtrace, innermost frame first; empty if the module did not crash.
    pub backtrace: Vec<String>,
    /// The error of a module that does not load, whose message is `message`.
    pub(super) load: Option<Box<LoadError>>,
}

impl fmt::Display for DescribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let lines = self.log.lines().chain(self.backtrace.iter().map(String::as_str));
        lines.into_iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl Error for DescribeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.load.as_ref().and_then(Error::source)
    }
}

impl Coded for HostError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Engine { .. } => &codes::R205,
        }
    }
}

impl Coded for LoadError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Compile { .. } | Self::Link { .. } => &codes::R201,
            Self::CompileTime { .. } => &codes::R202,
            Self::Schema(_) => &codes::R203,
            Self::Filter { .. } => &codes::R204,
        }
    }
}

impl Coded for GrantError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotAdmitted => &codes::R306,
            Self::NotCleared => &codes::R309,
            Self::VariablesMissing { .. } => &codes::R301,
            Self::VariableUndeclared { .. } | Self::VariableUnusable { .. } => &codes::R302,
            Self::HeaderUnusable { .. } => &codes::R307,
            Self::PathUnmapped { .. } => &codes::R303,
            Self::PathUndeclared { .. } => &codes::R304,
            Self::PathUnusable { .. } => &codes::R305,
            Self::NoRandomness { .. } => &codes::R205,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::VariablesMissing { names } => Some(Remedy::GiveVariables { names: names.clone() }),
            Self::VariableUndeclared { name, nearest: None, line } => {
                Some(Remedy::DeclareVariable { name: name.clone(), line: line.clone() })
            }
            Self::PathUnmapped { guest } => Some(Remedy::MapPath { guest: guest.clone() }),
            Self::PathUndeclared { guest, line } => {
                Some(Remedy::DeclarePath { guest: guest.clone(), line: line.clone() })
            }
            _ => None,
        }
    }
}

impl Coded for ClearError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotApproved(error) => error.code(),
            Self::Audit(error) => error.code(),
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NotApproved(error) => error.remedy(),
            Self::Audit(error) => error.remedy(),
        }
    }
}

impl Coded for DescribeError {
    fn code(&self) -> &'static Code {
        self.code
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
