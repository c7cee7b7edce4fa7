//! Renders the result of `mpp replay`.

use anstyle::Style;
use mpp_mcp::replay::{CallReport, DifferenceClass, PlacedDifference};
use serde_json::Value;

use super::Human;
use crate::reports::replay::Replayed;
use crate::ui::text::{BAD, BOLD, DIM, GOOD, NOTE, Text, WARN};

/// Number of characters of a value that are shown without `-v`.
const LONGEST: usize = 120;

impl Human for Replayed {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(BOLD, format!("{} {}", self.package_id, self.version)).line(format!("  {}", self.file));
        let report = &self.report;
        if !report.tools_compared {
            text.line("  the capture has no list of tools, so definitions are not compared");
        }
        let shown = report.definitions.iter().filter(|found| verbose || !found.is_expected);
        for found in shown {
            let (style, word) = if found.is_expected { (DIM, "expected") } else { (BAD, "different") };
            text.add("  ").styled(style, format!("{word:<9}")).line(format!(" {}: {}", found.tool, found.message));
        }
        let expected = report.definitions.iter().filter(|found| found.is_expected).count();
        if expected > 0 && !verbose {
            let differences = if expected == 1 { "difference" } else { "differences" };
            text.line(format!(
                "  {expected} expected {differences} of definitions (wording, closed objects); -v lists them"
            ));
        }
        for call in &report.calls {
            if verbose || call.comparison.class != DifferenceClass::Identical {
                one_call(text, call, verbose);
            }
        }
        let counts = report.counts;
        let mut parts = vec![format!("{} identical", counts.identical)];
        for (count, word) in [
            (counts.redacted, "redacted"),
            (counts.volatile, "volatile"),
            (counts.different, "different"),
            (counts.error, "error"),
            (report.skipped, "not replayed (without an answer, or with redacted arguments)"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let calls = report.calls.len();
        text.line(format!("{calls} call{}: {}", if calls == 1 { "" } else { "s" }, parts.join(", ")));
        if !self.added.is_empty() {
            text.line(format!("added to {}:", self.volatile_file));
            self.added.iter().for_each(|rule| {
                text.line(format!("  {rule}"));
            });
        }
    }
}

fn one_call(text: &mut Text, call: &CallReport, verbose: bool) {
    let (style, word) = class(call.comparison.class);
    text.add("  ").styled(style, format!("{word:<9}"));
    text.line(format!(" line {}: {} {}", call.line, call.tool, short(&call.arguments, verbose)));
    for place in &call.comparison.differences {
        difference(text, place, verbose);
    }
}

fn difference(text: &mut Text, place: &PlacedDifference, verbose: bool) {
    let at = if place.pointer.is_empty() { "the whole answer" } else { &place.pointer };
    let (style, word) = class(place.class);
    text.add("    ").styled(style, word).add(" ").add(at);
    if place.recorded.is_none() && place.found.is_none() {
        text.line(format!(": {}", place.patterns.join(", ")));
        return;
    }
    let value =
        |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), |value| short(value, verbose));
    text.line(format!(": recorded {}, found {}", value(&place.recorded), value(&place.found)));
}

fn short(value: &Value, verbose: bool) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) if !verbose => format!("{}…", &text[..end]),
        _ => text,
    }
}

fn class(class: DifferenceClass) -> (Style, &'static str) {
    match class {
        DifferenceClass::Identical => (GOOD, "identical"),
        DifferenceClass::Redacted => (NOTE, "redacted"),
        DifferenceClass::Volatile => (WARN, "volatile"),
        DifferenceClass::Error => (BAD, "error"),
        _ => (BAD, "different"),
    }
}
