//! Codes of recorded and prepared calls: `MPP-R6xx`.

use mpp_host::codes::Code;

mpp_host::declare_codes! {
    pub table RECORDING;

    R601: Usage, "the host of a mock or fault is malformed",
        "A mock or fault names a host as a manifest does: `api.example.com` or `*.example.com`, with an optional `:port`, or \
         `http://host` for plain HTTP. Correct the host that the message names.";
    R602: Usage, "the host of a mock or fault is not declared",
        "The manifest does not declare the host, and a request to a host that is not declared is denied before any mock or fault is \
         asked. Correct the host, or declare it under `capabilities.network`.";
    R603: Usage, "a fixture cannot be read",
        "The file does not exist or cannot be read. The message shows its path as it was given, with the directory that it is relative \
         to. Correct the path, or record the fixture.";
    R604: Usage, "a fixture is not valid",
        "A fixture is a JSON object with `exchanges`, a list of objects with a `request` and a `response`. The message contains the \
         JSON pointer to the value at fault and what was expected there. Correct the file, or record it again.";
    R605: Usage, "several fixtures are to be recorded at once",
        "While a fixture is recorded, requests are sent to real servers and added to it, so that only one can be recorded at a time. \
         Answer the other requests with mocks, or with fixtures that exist.";
    R606: Usage, "the schedule of a fault is not valid",
        "The probability of a fault is a number from 0.0 to 1.0, and calls and requests are counted from 1. Correct the value that the \
         message shows.";
    R607: Usage, "a fault can never happen",
        "The fault needs a capability that the manifest of the package does not declare. Remove the fault, or declare the capability.";
    R608: Usage, "a recording of calls is not valid",
        "Each line of a recording is a JSON object with the JSON-RPC `request` and `response` of one call. The message lists the lines \
         at fault. Correct or remove them, or record the calls again.";
    R609: Usage, "a recording contains no call",
        "No line of the recording is a `tools/call`, so there is nothing to repeat or to compare. Record at least one call of a tool.";
    R610: Tool, "no mock answers a request",
        "The tool sent a request to a declared host that no mock and no fixture answers. The error lists the mocks that were asked, \
         each with the reason why it did not answer. Add a mock, or record the fixture again.";
    R611: Tool, "a sequence of replies is exhausted",
        "The tool sent more requests to a host than the sequence has replies. Add a reply, or find out why the tool sends another \
         request.";
    R612: Tool, "a mock returned a status that is not valid",
        "The status of a response is a number from 100 to 599. Correct the status that the mock returns.";
    R620: Usage, "the file is not the recording of a call",
        "The recording of a call is a JSON object whose first member is `mpp_recording`. The file is something else, for example a \
         package or a file of arguments. Correct the path, or record the call.";
    R621: Usage, "the recording has another version of the format",
        "The recording was written by another release, in a version of the format that this release does not read. Use the release \
         that wrote it, or record the call again.";
    R622: Usage, "the recording is damaged",
        "The recording is cut off, or a part of it is malformed; the message contains the place. Copy it again from where it came, or \
         record the call again.";
}

/// Returns every code of this crate, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    RECORDING.iter().copied()
}
