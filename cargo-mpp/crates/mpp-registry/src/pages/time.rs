//! Dates on pages.

use maud::{Markup, html};

use crate::protocol::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Renders a time in milliseconds since 1970 as a date.
pub(super) fn date(ms: u64) -> Markup {
    let exact = Timestamp::from_secs(ms / 1000).to_string();
    html! { time datetime=(exact) title=(exact) { (day(ms)) } }
}

/// Returns a date like `1 March 2026`.
pub(super) fn day(ms: u64) -> String {
    let exact = Timestamp::from_secs(ms / 1000).to_string();
    let parts: Vec<&str> = exact.get(..10).unwrap_or_default().split('-').collect();
    let month =
        parts.get(1).and_then(|month| month.parse::<usize>().ok()).and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (parts.as_slice(), month) {
        ([year, _, day], Some(month)) => format!("{} {month} {year}", day.trim_start_matches('0')),
        _ => exact,
    }
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn dates_are_read_by_people() {
        assert_eq!(day(1_772_366_400_123), "1 March 2026");
        assert_eq!(day(0), "1 January 1970");
    }
}
