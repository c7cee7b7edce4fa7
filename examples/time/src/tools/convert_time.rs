//! The tool `convert_time`.

use crate::times::{TimeError, TimeResult, described, difference, require, today_at, zone};

/// Convert time between timezones
#[mpp::tool(
    read_only,
    destructive = false,
    idempotent,
    open_world = false,
    parameters = "schemas/convert_time.json",
    returns = "schemas/convert_time.returns.json"
)]
fn convert_time(
    /// Source IANA timezone name (e.g., 'America/New_York', 'Europe/London'). Use 'Etc/UTC' as local timezone if no source timezone provided by the user.
    source_timezone: &str,
    /// Time to convert in 24-hour format (HH:MM)
    time: &str,
    /// Target IANA timezone name (e.g., 'Asia/Tokyo', 'America/San_Francisco'). Use 'Etc/UTC' as local timezone if no target timezone provided by the user.
    target_timezone: &str,
) -> Result<TimeConversionResult, TimeError> {
    require("source_timezone", source_timezone)?;
    require("target_timezone", target_timezone)?;
    let (source_zone, target_zone) = (zone(source_timezone)?, zone(target_timezone)?);
    let source = today_at(time, source_timezone, &source_zone)?;
    let target = source.with_time_zone(target_zone);
    Ok(TimeConversionResult {
        source: described(source_timezone, &source),
        target: described(target_timezone, &target),
        time_difference: difference(&source, &target),
    })
}

#[mpp::data]
struct TimeConversionResult {
    source: TimeResult,
    target: TimeResult,
    time_difference: String,
}
