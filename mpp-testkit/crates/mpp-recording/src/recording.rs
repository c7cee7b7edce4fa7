//! Recordings of single calls: everything that a call read from outside its sandbox, so that it can be repeated exactly.
//!
//! A [`CallRecorder`] is attached to a grant and observes one call, which behaves as it would without it. Its [`Recording`] holds the
//! arguments, the HTTP exchanges, the state, the declared files, and every time and random byte that the tool was given. A
//! [`CallReplay`] supplies the same again, to the same build or to another one, and collects the [`Departure`]s.
//!
//! A recording is unfiltered: it holds the responses of servers and the state as they were before the privacy filter. It never holds
//! the value of a variable of 8 or more bytes; a [marker](Markers) takes its place, and the replay puts the present value back.

mod bytes;
mod departure;
mod document;
mod error;
mod http;
mod recorder;
mod replay;
mod secrets;
mod sources;
mod state;

pub use bytes::RecordedBytes;
pub use departure::{Departure, RequestPart};
pub use document::{FileChange, FileContent, RecordedFile, RecordedPackage, RecordedPath, Recording, file_changes};
pub use error::{RecordingError, VERSION};
pub use http::{RecordedAnswer, RecordedExchange, RecordedFailure};
pub use recorder::{CallRecorder, FinishedCall};
pub use replay::{CallReplay, Repeated};
pub use secrets::Markers;
pub use sources::RecordedTimes;
pub use state::{RecordedState, StateChange, StateItem};
