//! Writes the report of a replay in the format of JUnit, which CI systems show.

use std::fmt::Write as _;

use super::compare::{DifferenceClass, PlacedDifference};
use super::report::ReplayReport;

/// Returns the report as a JUnit file with one test case for the definitions and one for each call.
#[must_use]
pub fn junit(report: &ReplayReport, name: &str) -> String {
    let failed: Vec<String> = report
        .definitions
        .iter()
        .filter(|found| !found.is_expected)
        .map(|found| format!("{}: {}", found.tool, found.message))
        .collect();
    let is_bad = |class: DifferenceClass| class >= DifferenceClass::Different;
    let failures =
        report.calls.iter().filter(|call| is_bad(call.comparison.class)).count() + usize::from(!failed.is_empty());
    let tests = report.calls.len() + usize::from(report.tools_compared);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(out, "<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\">", escaped(name));
    if report.tools_compared {
        case(&mut out, "definitions", &failed);
    }
    for call in &report.calls {
        let differences = &call.comparison.differences;
        let bad: Vec<String> = differences.iter().filter(|place| is_bad(place.class)).map(sentence).collect();
        case(&mut out, &format!("line {}: {}", call.line, call.tool), &bad);
    }
    out.push_str("</testsuite>\n");
    out
}

fn case(out: &mut String, name: &str, failures: &[String]) {
    let _ = match failures {
        [] => writeln!(out, "  <testcase name=\"{}\"/>", escaped(name)),
        [first, ..] => writeln!(
            out,
            "  <testcase name=\"{}\">\n    <failure message=\"{}\">{}</failure>\n  </testcase>",
            escaped(name),
            escaped(first),
            escaped(&failures.join("\n"))
        ),
    };
}

fn sentence(place: &PlacedDifference) -> String {
    let value =
        |value: &Option<serde_json::Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let at = if place.pointer.is_empty() { "the whole answer" } else { &place.pointer };
    format!("{at}: recorded {}, found {}", value(&place.recorded), value(&place.found))
}

/// Escapes text for XML; characters that XML does not allow become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escaped, junit};
    use crate::replay::ReplayReport;

    #[test]
    fn text_of_a_server_cannot_break_the_file() {
        assert_eq!(escaped("a<b>\"&\u{1b}\n"), "a&lt;b&gt;&quot;&amp;\u{fffd}&#10;");
        let empty = junit(&ReplayReport::default(), "a<b");
        assert!(empty.contains("<testsuite name=\"a&lt;b\" tests=\"0\" failures=\"0\">"), "{empty}");
    }
}
