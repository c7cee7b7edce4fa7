//! The table itself, in the order in which the functions are documented.

use mpp_sdk::wire::Status;

use super::types::{Answer, Group, HostFunction, Kind, Parameter, Requirement, Returned, StatusEntry};

/// What applies to all functions.
pub const INTRODUCTION: &str = "\
A tool is a WASI preview 1 command: it reads one JSON-RPC request from stdin and writes one response line to stdout. For everything else \
it calls its host through these functions, which are imported from the module \"mpp_v1\". Pointers and sizes have 32 bits.

A module may only import functions whose capability its manifest declares: \"network\" for `http_send`, \"kv\" for kv_*. Any other \
module is refused (MPP-G709). A function that the program never calls is not imported.

Results. Each function returns a number: a result (0 or more) or a status (below 0). Data of variable length (a value, a response, a \
list or, after an error, a message in UTF-8) is kept by the host as the reply. `reply_len` returns its length, and `reply_take` copies \
it, once, to a buffer of at least that length. The next call of a host function replaces the reply, so take it before.

Pointers need no alignment, and text no terminating zero. A pointer outside the tool's memory ends the call. No function blocks for \
longer than the remaining time of the call.";

/// Every status, by number.
pub const STATUSES: &[StatusEntry] = &[
    status(Status::NotFound, "NOT_FOUND", "The key does not exist."),
    status(Status::Denied, "DENIED", "The manifest does not declare the capability, or the caller did not grant it."),
    status(Status::Invalid, "INVALID", "An argument is invalid."),
    status(Status::Full, "FULL", "The quota is exhausted."),
    status(Status::TooLarge, "TOO_LARGE", "A key, a value, a request or a response is larger than allowed."),
    status(
        Status::Conflict,
        "CONFLICT",
        "A concurrent call changed the same state. Repeating the whole call may succeed.",
    ),
    status(Status::Timeout, "TIMEOUT", "The server did not respond in time."),
    status(Status::Connection, "CONNECTION", "The server could not be reached, or the connection broke."),
    status(Status::Unavailable, "UNAVAILABLE", "The state cannot be used, for example because its disk is full."),
];

/// Every function, in groups.
pub const GROUPS: &[Group] = &[
    Group { title: "The reply", documentation: "", functions: REPLY },
    Group { title: "Network", documentation: "", functions: NETWORK },
    Group { title: "State", documentation: STATE_RULES, functions: STATE },
];

const REPLY: &[HostFunction] = &[
    HostFunction {
        name: "reply_len",
        parameters: &[],
        result: Some(Returned::Length),
        answer: None,
        capability: None,
        outcome: "the length of the reply",
        documentation: "Returns the length of the reply in bytes.",
    },
    HostFunction {
        name: "reply_take",
        parameters: &[parameter("at", Kind::Buffer)],
        result: None,
        answer: None,
        capability: None,
        outcome: "copies the reply",
        documentation: "Copies the reply to `at`, which must have room for as many bytes as `reply_len` returns, and discards it.",
    },
];

const NETWORK: &[HostFunction] = &[HostFunction {
    name: "http_send",
    parameters: &[parameter("request", Kind::Bytes)],
    result: Some(Returned::Status),
    answer: Some(Answer::Bytes),
    capability: Some(Requirement::Network),
    outcome: "0; the reply is the response",
    documentation: "\
Sends an HTTP request and waits for the response. Returns 0; the reply is the response.

A request and a response have the same form: the length of the head (32 bits, little-endian), the head (JSON), and the body (all \
remaining bytes). In a request, timeout_ms and redirects are optional.

    request head:  {\"method\": \"GET\", \"url\": \"https://api.example.com/v1\", \"headers\": [[\"accept\", \"application/json\"]],
                    \"timeout_ms\": 5000, \"redirects\": 10}
    response head: {\"status\": 200, \"url\": \"https://api.example.com/v1\", \"headers\": [[\"content-type\", \"...\"]]}

The url of a response is the URL after redirects. A response with any HTTP status is a success. Errors: `DENIED` if the manifest does \
not declare the host or its address was not granted; `TIMEOUT`, `CONNECTION`, `TOO_LARGE` and `INVALID`.",
}];

const STATE_RULES: &str = "\
Keys and values that the host stores for this package. A key has 1 to 1024 bytes, a value at most 16 MiB; larger ones fail with \
`TOO_LARGE`. If all keys and values together would exceed the manifest's kv.max_bytes, a write fails with `FULL`. A write that fails \
changes nothing.

One call of the tool is one transaction: it reads a consistent snapshot, and its writes are committed together when the call succeeds \
and discarded when it fails. After `CONFLICT` or `UNAVAILABLE` nothing that the call writes can be committed, so end the call. No value \
expires during a call.

The parameter ttl_ms is the time in milliseconds after which a value expires; 0 means that it does not expire.";

const STATE: &[HostFunction] = &[
    HostFunction {
        name: "kv_get",
        parameters: &[parameter("key", Kind::Bytes)],
        result: Some(Returned::Status),
        answer: Some(Answer::Bytes),
        capability: Some(Requirement::Kv),
        outcome: "0; the reply is the value",
        documentation: "Reads a value. Returns 0, and the reply is the value; `NOT_FOUND` if the key does not exist.",
    },
    HostFunction {
        name: "kv_set",
        parameters: &[parameter("key", Kind::Bytes), parameter("value", Kind::Bytes), parameter("ttl_ms", Kind::U64)],
        result: Some(Returned::Status),
        answer: Some(Answer::Nothing),
        capability: Some(Requirement::Kv),
        outcome: "0",
        documentation: "Sets a value. Returns 0.",
    },
    HostFunction {
        name: "kv_delete",
        parameters: &[parameter("key", Kind::Bytes)],
        result: Some(Returned::Status),
        answer: Some(Answer::Flag),
        capability: Some(Requirement::Kv),
        outcome: "1 if the key existed, else 0",
        documentation: "Removes a key. Returns 1 if it existed, else 0.",
    },
    HostFunction {
        name: "kv_list",
        parameters: &[parameter("prefix", Kind::Bytes), parameter("after", Kind::Bytes), parameter("limit", Kind::U32)],
        result: Some(Returned::Status),
        answer: Some(Answer::Keys),
        capability: Some(Requirement::Kv),
        outcome: "the number of keys; the reply contains each key, preceded by its length",
        documentation: "\
Lists at most `limit` keys (1 to 1000) that start with `prefix` (length 0: all keys) and follow the key `after` (length 0: from the first \
key), in byte order. Returns the number of keys; the reply contains each key, preceded by its length (32 bits, little-endian). To read \
the next page, pass the last key as `after`.",
    },
    HostFunction {
        name: "kv_compare_and_swap",
        parameters: &[
            parameter("key", Kind::Bytes),
            parameter("expected", Kind::OptionalBytes),
            parameter("value", Kind::OptionalBytes),
            parameter("ttl_ms", Kind::U64),
        ],
        result: Some(Returned::Status),
        answer: Some(Answer::Flag),
        capability: Some(Requirement::Kv),
        outcome: "1 if the value was replaced, else 0",
        documentation: "\
Sets `value` if the current value equals `expected`. Returns 1 if it did, else 0. A null `expected` means that the key must not exist; \
a null `value` removes the key.",
    },
    HostFunction {
        name: "kv_increment",
        parameters: &[parameter("key", Kind::Bytes), parameter("by", Kind::I64)],
        result: Some(Returned::Status),
        answer: Some(Answer::Number),
        capability: Some(Requirement::Kv),
        outcome: "0; the reply is the new value",
        documentation: "\
Adds `by` to a counter; a missing key counts as 0. Returns 0, and the reply is the new value (64 bits, signed, little-endian). A counter \
is stored as decimal text. `INVALID` if the value is not a number or the sum overflows.",
    },
];

const fn parameter(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind }
}

const fn status(status: Status, name: &'static str, documentation: &'static str) -> StatusEntry {
    StatusEntry { status, name, documentation }
}
