//! The report of a replay in the format of JUnit, which CI systems show.

use mpp_recording::junit::{self, Suite};

use super::compare::{DifferenceClass, PlacedDifference};
use super::report::ReplayReport;

/// Returns the report as a JUnit file with one test case for the definitions and one for each call.
#[must_use]
pub fn junit(report: &ReplayReport, name: &str) -> String {
    let mut suite = Suite::new(name);
    if report.tools_compared {
        let definitions = report.definitions.iter().filter(|found| !found.is_expected);
        let failures = definitions.map(|found| format!("{}: {}", found.tool, found.message)).collect();
        case(&mut suite, "definitions".to_owned(), failures);
    }
    for call in &report.calls {
        let differences = &call.comparison.differences;
        let is_bad = |place: &&PlacedDifference| place.class >= DifferenceClass::Different;
        case(
            &mut suite,
            format!("line {}: {}", call.line, call.tool),
            differences.iter().filter(is_bad).map(sentence).collect(),
        );
    }
    junit::junit(&[suite])
}

fn case(suite: &mut Suite, name: String, failures: Vec<String>) {
    if failures.is_empty() {
        suite.passed(name, None);
    } else {
        suite.failed(name, None, failures);
    }
}

fn sentence(place: &PlacedDifference) -> String {
    let value =
        |value: &Option<serde_json::Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let at = if place.pointer.is_empty() { "the whole answer" } else { &place.pointer };
    format!("{at}: recorded {}, found {}", value(&place.recorded), value(&place.found))
}
