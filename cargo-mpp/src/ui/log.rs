//! The log of a server, on stderr: for people, or as one JSON object a line.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::SubscriberBuilder;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts the log. The levels are those of the program; libraries report warnings only.
pub(super) fn start(json: bool, verbose: bool, quiet: bool) {
    let level = match (quiet, verbose) {
        (true, _) => "error",
        (_, true) => "debug",
        _ => "info",
    };
    let filter = EnvFilter::new(format!("warn,mpp_registry={level}"));
    let builder = SubscriberBuilder::default().with_writer(std::io::stderr).with_env_filter(filter);
    // If the process has a log already, that one stays.
    let _ = if json {
        builder.json().flatten_event(true).finish().try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).finish().try_init()
    };
}
