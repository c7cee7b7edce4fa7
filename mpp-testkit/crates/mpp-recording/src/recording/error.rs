//! The errors of reading a recording.

use mpp_host::codes::{Code, Coded};

use crate::codes;

/// The version of the format that this release writes and reads.
pub const VERSION: u32 = 1;

/// A recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The file is something else.
    #[error("the file is not the recording of a call: a recording begins with `{{ \"mpp_recording\": {VERSION}`")]
    NotARecording {
        /// What JSON says about it.
        source: serde_json::Error,
    },
    /// The recording has another version of the format.
    #[error("the recording has version {found} of the format; this release reads version {VERSION}")]
    OtherVersion {
        /// The version of the recording.
        found: u32,
    },
    /// The recording ends too early.
    #[error("the recording is cut off")]
    CutOff {
        /// Where it ends.
        source: serde_json::Error,
    },
    /// A part of the recording is malformed.
    #[error("the recording is damaged")]
    Damaged {
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A value in the recording is malformed.
    #[error("the recording is damaged: the value at `{place}` is not valid")]
    Invalid {
        /// JSON pointer to the value.
        place: String,
    },
}

impl RecordingError {
    pub(super) fn damaged(source: serde_json::Error) -> Self {
        if source.is_eof() { Self::CutOff { source } } else { Self::Damaged { source } }
    }
}

impl Coded for RecordingError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotARecording { .. } => &codes::R620,
            Self::OtherVersion { .. } => &codes::R621,
            Self::CutOff { .. } | Self::Damaged { .. } | Self::Invalid { .. } => &codes::R622,
        }
    }
}
