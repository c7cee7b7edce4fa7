//! Exit codes: the one place that says which number a process ends with.

use mpp_sdk::wire::ErrorKind;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// The tool answered with an error, crashed, or answered nonsense.
    Tool = 1,
    /// Usage, or invalid arguments.
    Usage = 2,
    /// Verification failed.
    Verification = 3,
    /// Denied, or not approved.
    Denied = 4,
    /// A limit of time, memory or output.
    Limit = 5,
    /// The build failed.
    Build = 6,
    /// A bug of ours.
    Bug = 70,
    /// Ended by Ctrl-C, as shells count it.
    Interrupted = 130,
}

impl Exit {
    /// The exit code for an error that carries this code of the table in `mpp_host::codes`.
    pub(crate) fn of_code(code: &str) -> Self {
        match code {
            "MPP-C070" => Self::Bug,
            "MPP-C130" | "MPP-B042" => Self::Interrupted,
            "MPP-C020" | "MPP-C031" | "MPP-C033" | "MPP-C034" => Self::Verification,
            "MPP-C021" | "MPP-C053" => Self::Denied,
            "MPP-R101" | "MPP-R102" | "MPP-R308" => Self::Usage,
            "MPP-B050" | "MPP-B051" | "MPP-B052" => Self::Usage,
            "MPP-R104" => Self::Denied,
            "MPP-R105" | "MPP-R106" | "MPP-R107" | "MPP-R202" | "MPP-R205" => Self::Limit,
            _ => match code.get(4..6) {
                Some("K0" | "K1") => Self::Usage,
                Some("K2" | "R3" | "R5") => Self::Denied,
                Some("R1" | "R2") => Self::Tool,
                Some("R4") => Self::Build,
                Some(area) if area.starts_with('C') => Self::Usage,
                Some(area) if area.starts_with('G') => Self::Verification,
                Some(area) if area.starts_with('B') => Self::Build,
                _ => Self::Bug,
            },
        }
    }

    /// The exit code for a failure that a call answered with.
    pub(crate) fn of_call(kind: Option<ErrorKind>) -> Self {
        use ErrorKind as Kind;
        match kind {
            Some(Kind::ParseError | Kind::InvalidRequest | Kind::MethodNotFound) => Self::Tool,
            Some(Kind::UnknownTool | Kind::InvalidArguments) => Self::Usage,
            Some(Kind::CapabilityDenied | Kind::ApprovalRequired | Kind::ApprovalRefused) => Self::Denied,
            Some(Kind::Timeout | Kind::MemoryLimit | Kind::OutputLimit) => Self::Limit,
            Some(Kind::VerificationFailed) => Self::Verification,
            _ => Self::Tool,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
