//! What can go wrong between a verified package and a call: one enum per boundary, each error with its code and its fix.

use std::path::PathBuf;

use crate::audit::AuditError;
use crate::codes::{self, runtime};
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
    #[error("the environment variable `{name}` is not declared by the package")]
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
    #[error("the path `{guest}` is not declared by the package")]
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
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What the module wrote to stderr.
    pub log: String,
    /// The wasm backtrace, innermost first, where it crashed.
    pub backtrace: Vec<String>,
}

impl HostError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine { .. } => runtime::ENGINE_FAILED,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        help_of(self.code())
    }
}

impl LoadError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Compile { .. } | Self::Link { .. } => runtime::MODULE_REFUSED,
            Self::CompileTime { .. } => runtime::COMPILE_TIME,
            Self::Schema { .. } => runtime::SCHEMA_REFUSED,
            Self::Filter { .. } => runtime::FILTER_REFUSED,
            Self::Engine { .. } => runtime::ENGINE_FAILED,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        help_of(self.code())
    }
}

impl GrantError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAdmitted => runtime::NOT_ADMITTED,
            Self::NotCleared => runtime::NOT_CLEARED,
            Self::VariablesMissing { .. } => runtime::VARIABLE_MISSING,
            Self::VariableUndeclared { .. } | Self::VariableUnusable { .. } => runtime::VARIABLE_UNDECLARED,
            Self::HeaderUnusable { .. } => runtime::HEADER_UNUSABLE,
            Self::PathUnmapped { .. } => runtime::DIRECTORY_UNMAPPED,
            Self::PathUndeclared { .. } => runtime::DIRECTORY_UNDECLARED,
            Self::PathUnusable { .. } => runtime::DIRECTORY_UNUSABLE,
            Self::NoRandomness { .. } => runtime::ENGINE_FAILED,
        }
    }

    /// What to do next, with the option that does it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::VariablesMissing { names } => {
                let options: Vec<String> = names.iter().map(|name| format!("--env {name}=VALUE")).collect();
                format!("set it, or pass `{}`", options.join(" "))
            }
            Self::VariableUndeclared { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::PathUnmapped { guest, .. } => format!("say what it is here: `--dir {guest}=PATH`"),
            _ => help_of(self.code()),
        }
    }
}

impl ClearError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotApproved(error) => error.code(),
            Self::Audit(error) => error.code(),
        }
    }
}

impl DescribeError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
        help_of(self.code)
    }
}

fn help_of(code: &str) -> String {
    codes::find(code).map(|code| code.help.to_owned()).unwrap_or_default()
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
