//! Times in time zones, with the results and the errors of both tools.

use jiff::civil::Time;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned};

/// A time in a zone.
#[mpp::data]
pub(crate) struct TimeResult {
    timezone: String,
    datetime: String,
    day_of_week: String,
    is_dst: bool,
}

/// The errors of the original, in its words.
#[derive(Debug, mpp::ToolError)]
pub(crate) enum TimeError {
    #[error(code = "missing_argument", message = "Missing required argument: {0}")]
    Missing(&'static str),
    #[error(code = "unknown_timezone", message = "Invalid timezone: 'No time zone found with key {0}'")]
    UnknownZone(String),
    #[error(code = "invalid_time", message = "Invalid time format. Expected HH:MM [24-hour format]")]
    Format,
    #[error(
        code = "skipped_time",
        message = "Invalid time: {time} does not exist in {zone} on {date} (skipped by a clock change)"
    )]
    Skipped { time: String, zone: String, date: String },
    #[error(code = "out_of_range", message = "the time is out of range: {0}")]
    OutOfRange(#[from] jiff::Error),
}

/// Refuses an argument that is empty, as the original does before it looks at any of them.
pub(crate) fn require(argument: &'static str, value: &str) -> Result<(), TimeError> {
    if value.is_empty() { Err(TimeError::Missing(argument)) } else { Ok(()) }
}

/// Returns the zone with exactly this name. The library would also accept other cases of letters.
pub(crate) fn zone(name: &str) -> Result<TimeZone, TimeError> {
    let found = TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name));
    found.ok_or_else(|| TimeError::UnknownZone(name.to_owned()))
}

/// Returns the current time in a zone, as the host's clock says.
pub(crate) fn now(zone: &TimeZone) -> Result<Zoned, TimeError> {
    Ok(Timestamp::try_from(mpp::time::now())?.to_zoned(zone.clone()))
}

/// Returns a time of today in a zone. Of a time that occurs twice, it is the first one.
pub(crate) fn today_at(text: &str, name: &str, zone: &TimeZone) -> Result<Zoned, TimeError> {
    let wall = now(zone)?.date().to_datetime(clock_time(text).ok_or(TimeError::Format)?);
    let found = zone.to_ambiguous_zoned(wall);
    if let AmbiguousOffset::Gap { .. } = found.offset() {
        let date = wall.date().to_string();
        return Err(TimeError::Skipped { time: text.to_owned(), zone: name.to_owned(), date });
    }
    Ok(found.compatible()?)
}

/// Reads `HH:MM`, each with one digit or two.
fn clock_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_number = matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i8>().ok().filter(|_| is_number)
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

/// Describes a time in the zone that was asked for as `name`.
pub(crate) fn described(name: &str, time: &Zoned) -> TimeResult {
    TimeResult {
        timezone: name.to_owned(),
        datetime: time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        day_of_week: time.strftime("%A").to_string(),
        is_dst: time.time_zone().to_offset_info(time.timestamp()).dst().is_dst(),
    }
}

/// Returns by how many hours the target is ahead of the source: `+9.0h`, `-3.5h`, `+4.75h`.
pub(crate) fn difference(source: &Zoned, target: &Zoned) -> String {
    let seconds = target.offset().seconds() - source.offset().seconds();
    let hours = f64::from(seconds) / 3600.0;
    if seconds % 3600 == 0 {
        return format!("{hours:+.1}h");
    }
    let text = format!("{hours:+.2}");
    format!("{}h", text.trim_end_matches('0').trim_end_matches('.'))
}
