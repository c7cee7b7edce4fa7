//! The tool `get_current_time`.

use crate::times::{TimeError, TimeResult, described, now, require, zone};

/// Get current time in a specific timezone
#[mpp::tool(
    read_only,
    destructive = false,
    idempotent,
    open_world = false,
    parameters = "schemas/get_current_time.json",
    returns = "schemas/get_current_time.returns.json"
)]
fn get_current_time(
    /// IANA timezone name (e.g., 'America/New_York', 'Europe/London'). Use 'Etc/UTC' as local timezone if no timezone provided by the user.
    timezone: &str,
) -> Result<TimeResult, TimeError> {
    require("timezone", timezone)?;
    Ok(described(timezone, &now(&zone(timezone)?)?))
}
