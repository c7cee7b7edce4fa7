//! Tools for tests: they fail, loop, and use declared and undeclared capabilities.
//!
//! ```
//! use serde_json::json;
//! use testkit_sample as _; // links the tools, for a native run
//!
//! let places = std::env::temp_dir();
//! let tool = mpp_testkit::tool!()
//!     .env("TOKEN", "a token")
//!     .dir("/data", &places)
//!     .dir("/out", &places)
//!     .dir("/config/one.txt", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
//! tool.load().call("greet", json!({ "name": "Ada" })).assert_text("Hello, Ada!");
//! ```

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use mpp::{Error, http, kv};

/// Say hello.
#[mpp::tool(read_only)]
pub fn greet(
    /// Whom to greet.
    #[arg(min_len = 1)]
    name: &str,
) -> String {
    format!("Hello, {name}!")
}

/// Panic.
#[mpp::tool]
pub fn panics(
    /// What to say.
    message: &str,
) -> String {
    fail(message)
}

#[inline(never)]
#[expect(clippy::panic, reason = "this is what the tool is for")]
fn fail(message: &str) -> String {
    panic!("{message}")
}

/// Never end.
#[mpp::tool]
pub fn loops(
    /// Ask the host for the time each time round.
    #[arg(default)]
    asking: bool,
) -> u64 {
    let mut round: u64 = 0;
    loop {
        round = std::hint::black_box(round.wrapping_add(1));
        if asking {
            std::hint::black_box(mpp::time::now());
        }
    }
}

/// The value of a variable.
#[mpp::tool]
pub fn variable(
    /// Its name.
    name: &str,
) -> Result<String, Error> {
    mpp::env(name)
}

/// The text of a file.
#[mpp::tool]
pub fn read(
    /// Its path.
    path: &str,
) -> Result<String, Error> {
    Ok(std::fs::read_to_string(mpp::path(path)?)?)
}

/// Write a file.
#[mpp::tool]
pub fn write(
    /// Its path.
    path: &str,
    /// What to write.
    text: &str,
    /// Fail afterwards.
    #[arg(default)]
    fail: bool,
) -> Result<(), Error> {
    std::fs::write(mpp::path(path)?, text)?;
    if fail { Err("as it was asked to".into()) } else { Ok(()) }
}

/// Get a page.
#[mpp::tool]
pub fn fetch(
    /// Where.
    url: &str,
) -> Result<String, Error> {
    Ok(http::get(url).bearer_auth(mpp::env("TOKEN")?).send()?.error_for_status()?.text()?.to_owned())
}

/// Get a page that must be there.
#[mpp::tool]
pub fn fetch_carelessly(
    /// Where.
    url: &str,
) -> String {
    let page = http::get(url).timeout(Duration::from_secs(2)).send().and_then(http::Response::text);
    page.expect("a page")
}

/// Count up.
#[mpp::tool]
pub fn count(
    /// Fail afterwards.
    #[arg(default)]
    fail: bool,
) -> Result<i64, Error> {
    let sum = kv::increment("count", 1)?;
    if fail { Err("as it was asked to".into()) } else { Ok(sum) }
}

/// Keep a value for some seconds.
#[mpp::tool]
pub fn keep(
    /// The value.
    value: &str,
    /// How long.
    seconds: u32,
) -> Result<(), Error> {
    Ok(kv::set_with_ttl("kept", value, Duration::from_secs(seconds.into()))?)
}

/// The values that are kept.
#[mpp::tool]
pub fn recall() -> Result<Vec<String>, Error> {
    let value = kv::get("kept")?;
    Ok(value.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect())
}

/// Read the clock, as often as asked: milliseconds since 1970.
#[mpp::tool]
pub fn clock(
    /// How often.
    #[arg(range = 1..=10)]
    readings: u32,
) -> Vec<u64> {
    let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (0..readings).map(|_| u64::try_from(since(mpp::time::now()).as_millis()).unwrap_or(u64::MAX)).collect()
}

/// Random numbers.
#[mpp::tool]
pub fn dice(
    /// How many.
    #[arg(range = 1..=10)]
    count: u32,
) -> Result<Vec<String>, Error> {
    (0..count).map(|_| Ok(format!("{:016x}", mpp::random::u64()?))).collect()
}

/// Write a line to the log, and nothing else.
#[mpp::tool]
pub fn say(
    /// The line.
    line: &str,
) -> Result<(), Error> {
    mpp::log!("{line}");
    Ok(())
}

/// Something to draw.
#[mpp::data]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shape {
    /// Round.
    #[serde(alias = "ring")]
    Circle {
        /// Half of its diameter.
        #[serde(alias = "r")]
        radius: f64,
    },
    /// As small as can be.
    Dot,
}

/// What was drawn.
#[mpp::data]
pub struct Drawn {
    /// The area of each copy.
    area: f64,
    /// How many times.
    times: u8,
    /// The labels, sorted.
    labels: BTreeSet<String>,
    /// The note, as it was given.
    note: Option<String>,
}

/// Draw copies of a shape.
#[mpp::tool]
pub fn draw(
    /// What to draw.
    shape: Shape,
    /// Divide the area by this number.
    by: Option<i32>,
    /// How many times to draw it.
    #[arg(default = 1)]
    times: u8,
    /// What to write on it.
    labels: Option<BTreeSet<String>>,
    /// What to remember.
    note: Option<String>,
) -> Drawn {
    let area = match shape {
        Shape::Circle { radius } => radius * radius * 3.0,
        Shape::Dot => 0.0,
    };
    Drawn { area: area / f64::from(by.unwrap_or(1)), times, labels: labels.unwrap_or_default(), note }
}
