//! The result of `mpp rerun`.

use mpp_host::host::FilteredOutput;
use mpp_recording::recording::{Departure, Repeated};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// A repeated call, compared with its recording.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rerun {
    /// Path of the recording.
    #[serde(rename = "path")]
    pub(crate) recording: String,
    /// Package id.
    pub(crate) package_id: String,
    /// The build whose call was recorded.
    pub(crate) recorded: Build,
    /// The build that repeated it.
    pub(crate) build: Build,
    /// Name of the tool.
    pub(crate) tool: String,
    /// Whether the call did the same as the recorded one.
    pub(crate) identical: bool,
    /// How it differs from the recording.
    #[serde(rename = "departures", serialize_with = "departures")]
    #[schemars(with = "Vec<Departure>")]
    pub(crate) repeated: Repeated,
    /// What the recording does not hold, and what this call read beyond it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
    /// The filtered output of this call.
    pub(crate) call: FilteredOutput,
}

/// One build of a package.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RecordedBuild")]
pub(crate) struct Build {
    /// Version of the package.
    pub(crate) version: String,
    /// Hash of the package's contents.
    pub(crate) content_hash: String,
}

fn departures<S: Serializer>(repeated: &Repeated, serializer: S) -> Result<S::Ok, S::Error> {
    let departures: &[Departure] = &repeated.departures;
    departures.serialize(serializer)
}
