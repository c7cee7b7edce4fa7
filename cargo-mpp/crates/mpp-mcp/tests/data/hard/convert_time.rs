//! The tool `convert_time`.

/// Convert a time between two zones.
#[mpp::tool(
    title = "Convert",
    read_only,
    destructive = false,
    idempotent,
    open_world = false,
    parameters = "schemas/convert_time.json",
    returns = "schemas/convert_time.returns.json"
)]
fn convert_time(
    /// Zone such as `Europe/Paris`.
    source_timezone: &str,
    target_timezone: &str,
    time: &str,
) -> Result<TimeConversionResult, mpp::Error> {
    Err(super::not_implemented("convert_time"))
}

#[mpp::data]
struct TimeConversionResult {
    source: TimeResult,
    target: TimeResult,
    time_difference: String,
}

#[mpp::data]
struct TimeResult {
    is_dst: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    timezone: String,
}
