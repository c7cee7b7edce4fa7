//! What can go wrong between a verified package and a call: one enum per boundary, each error with its code and its fix.

use std::path::PathBuf;

use crate::audit::AuditError;
use crate::codes::{self, Code, Coded, Remedy};
use crate::policy::NotApproved;

/// The host cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The engine cannot be made.
    #[error("the sandbox cannot start: {reason}")]
    Engine {
        /// What the engine says.
        reason: String,
    },
}

/// A verified package cannot be made ready to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The module does not compile.
    #[error("the module does not compile: {reason}")]
    Compile {
        /// What the compiler says.
        reason: String,
    },
    /// Compiling was ended.
    #[error("compiling the module took longer than {seconds} s")]
    CompileTime {
        /// The limit.
        seconds: u64,
    },
    /// The module's imports cannot be satisfied.
    #[error("the module does not link: {reason}")]
    Link {
        /// Which import, and why.
        reason: String,
    },
    /// A tool's schema cannot be enforced.
    #[error("`{member}` of the tool `{tool}` cannot be enforced: {reason}")]
    Schema {
        /// The tool.
        tool: String,
        /// `parameters` or `returns`.
        member: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The privacy filter's patterns do not compile.
    #[error("the privacy filter cannot be made: {reason}")]
    Filter {
        /// Which pattern, and why.
        reason: String,
    },
    /// The engine cannot be made.
    #[error("the sandbox cannot start: {reason}")]
    Engine {
        /// What the engine says.
        reason: String,
    },
}

/// A loaded tool cannot be given what it declares.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The admission is for another package.
    #[error("the permission to run is for another package")]
    NotAdmitted,
    /// The clearance is for another package.
    #[error("the clearance is for another package")]
    NotCleared,
    /// Declared variables without a value.
    #[error("no value for the declared environment variable{} {}", if names.len() == 1 { "" } else { "s" }, listed(names))]
    VariablesMissing {
        /// Their names.
        names: Vec<String>,
    },
    /// A variable that is not declared.
    #[error("the package does not declare the environment variable `{name}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    VariableUndeclared {
        /// Its name.
        name: String,
        /// The nearest declared one.
        nearest: Option<String>,
    },
    /// A value that no program can be given.
    #[error("the value of the environment variable `{name}` contains a NUL character")]
    VariableUnusable {
        /// Its name.
        name: String,
    },
    /// A value that an injected header cannot carry.
    #[error(
        "the header `{header}` for `{host}` cannot be made: a variable in it holds a character that no header can carry"
    )]
    HeaderUnusable {
        /// The header.
        header: String,
        /// The declared host.
        host: String,
    },
    /// A declared path without a place on this machine.
    #[error("the declared path `{guest}` is mapped to nothing: {reason}")]
    PathUnmapped {
        /// The guest's name for it.
        guest: String,
        /// Why the same path is not used.
        reason: String,
    },
    /// A mapping for a path that is not declared.
    #[error("the package does not declare the path `{guest}`")]
    PathUndeclared {
        /// The guest's name for it.
        guest: String,
    },
    /// The place on this machine cannot be used.
    #[error("`{}`, which is the tool's `{guest}`, {reason}", host.display())]
    PathUnusable {
        /// The guest's name for it.
        guest: String,
        /// The place on this machine.
        host: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system gives no random bytes.
    #[error("there are no random bytes to name calls with: {reason}")]
    NoRandomness {
        /// What it said.
        reason: String,
    },
}

/// A package was not cleared to run, or a tool was not cleared to be called.
#[derive(Debug, thiserror::Error)]
pub enum ClearError {
    /// The answer is no, no person could be asked, or the policy refuses. The audit log has a record of it.
    #[error(transparent)]
    NotApproved(#[from] NotApproved),
    /// The refusal could not be recorded in the audit log.
    #[error("the call was refused, and the refusal cannot be recorded: {0}")]
    Audit(#[from] AuditError),
}

/// A module does not say which tools it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the module does not describe its tools: {message}")]
#[non_exhaustive]
pub struct DescribeError {
    /// The code of the failure underneath.
    pub code: &'static Code,
    /// What happened.
    pub message: String,
    /// What the module wrote to stderr.
    pub log: String,
    /// The wasm backtrace, innermost first, where it crashed.
    pub backtrace: Vec<String>,
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
            Self::Schema { .. } => &codes::R203,
            Self::Filter { .. } => &codes::R204,
            Self::Engine { .. } => &codes::R205,
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
            Self::VariableUndeclared { name, nearest: None } => Some(Remedy::DeclareVariable { name: name.clone() }),
            Self::PathUnmapped { guest, .. } => Some(Remedy::MapPath { guest: guest.clone() }),
            Self::PathUndeclared { guest } => Some(Remedy::DeclarePath { guest: guest.clone() }),
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
}

impl Coded for DescribeError {
    fn code(&self) -> &'static Code {
        self.code
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
