//! The tools by which the SDK is checked: `cargo mpp conformance examples/conformance`.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

/// What was sent.
#[mpp::data]
struct Echo {
    /// The text.
    text: String,
    /// The number of its Unicode code points.
    characters: usize,
    /// The number.
    number: Option<f64>,
}

/// Returns the text, its length and the number.
#[mpp::tool]
fn conformance_echo(
    /// A text.
    text: String,
    /// A number.
    number: Option<f64>,
) -> Echo {
    Echo { characters: text.chars().count(), text, number }
}

/// Fails.
#[mpp::tool]
fn conformance_fail(
    /// The code.
    code: String,
    /// The message.
    message: String,
    /// Whether the call may succeed later.
    retryable: bool,
) -> Result<String, mpp::Error> {
    let error = mpp::Error::new(code, message);
    Err(if retryable { error.retryable() } else { error })
}

/// Crashes.
#[mpp::tool]
#[allow(clippy::panic, reason = "the tool is there to crash")]
fn conformance_crash() -> String {
    panic!("on purpose")
}

/// Writes to the log.
#[mpp::tool]
fn conformance_log(
    /// The line.
    line: &str,
) -> String {
    mpp::log!("{line}");
    "logged".to_owned()
}

/// Prints.
#[mpp::tool]
#[allow(clippy::print_stdout, reason = "what a tool prints is what is tested")]
fn conformance_print(
    /// The line.
    line: &str,
) -> String {
    println!("{line}");
    "printed".to_owned()
}

/// Never ends.
#[mpp::tool]
fn conformance_spin() -> String {
    loop {
        std::hint::spin_loop();
    }
}

/// Allocates memory.
#[mpp::tool]
fn conformance_allocate(
    /// How much.
    mebibytes: u16,
) -> String {
    let mut memory = vec![0_u8; usize::from(mebibytes) << 20];
    memory.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    std::hint::black_box(&memory);
    "allocated".to_owned()
}

/// The time.
#[mpp::data]
struct Instant {
    /// Milliseconds since 1970.
    unix_ms: u64,
}

/// Returns the time.
#[mpp::tool]
fn conformance_clock() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant { unix_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX) }
}

/// Random bytes.
#[mpp::data]
struct Random {
    /// 16 bytes in hexadecimal.
    hex: String,
}

/// Returns random bytes.
#[mpp::tool]
fn conformance_random() -> Result<Random, mpp::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| mpp::Error::new("no_randomness", error.to_string()))?;
    Ok(Random { hex: hex::encode(bytes) })
}

/// Number of calls.
#[mpp::data]
struct Count {
    /// The number.
    count: u32,
}

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// Counts calls.
#[mpp::tool]
fn conformance_count() -> Count {
    CALLS.set(CALLS.get() + 1);
    Count { count: CALLS.get() }
}

fn main() {
    mpp::serve()
}
