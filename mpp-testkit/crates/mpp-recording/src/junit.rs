//! Writes results in the format of JUnit, which CI systems show.

use std::fmt::Write as _;
use std::time::Duration;

/// A suite of test cases.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    name: String,
    cases: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    time: Option<Duration>,
    outcome: Outcome,
}

#[derive(Debug, Clone)]
enum Outcome {
    Passed,
    Skipped(String),
    Failed(Vec<String>),
}

impl Suite {
    /// A suite without cases.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), cases: Vec::new() }
    }

    /// Adds a case that passed, with its time if it was measured.
    pub fn passed(&mut self, name: impl Into<String>, time: impl Into<Option<Duration>>) {
        self.cases.push(Entry { name: name.into(), time: time.into(), outcome: Outcome::Passed });
    }

    /// Adds a case that was skipped, with the reason.
    pub fn skipped(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.cases.push(Entry { name: name.into(), time: None, outcome: Outcome::Skipped(reason.into()) });
    }

    /// Adds a case that failed, with its time if it was measured, and the reasons.
    pub fn failed(&mut self, name: impl Into<String>, time: impl Into<Option<Duration>>, reasons: Vec<String>) {
        self.cases.push(Entry { name: name.into(), time: time.into(), outcome: Outcome::Failed(reasons) });
    }
}

/// Returns the suites as a JUnit file.
///
/// ```
/// use std::time::Duration;
///
/// use mpp_recording::junit::{Suite, junit};
///
/// let mut suite = Suite::new("greet");
/// suite.passed("greets", Duration::from_millis(3));
/// suite.failed("counts", Duration::from_millis(2), vec!["expected 1 < 2".to_owned()]);
/// let text = junit(&[suite]);
/// assert!(text.contains(r#"<testsuite name="greet" tests="2" failures="1" skipped="0""#));
/// assert!(text.contains(r#"<failure message="expected 1 &lt; 2">"#));
/// ```
#[must_use]
pub fn junit(suites: &[Suite]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in suites {
        let failures = suite.cases.iter().filter(|case| matches!(case.outcome, Outcome::Failed(_))).count();
        let skipped = suite.cases.iter().filter(|case| matches!(case.outcome, Outcome::Skipped(_))).count();
        let measured: Vec<Duration> = suite.cases.iter().filter_map(|case| case.time).collect();
        let time = (!measured.is_empty()).then(|| measured.iter().sum());
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\"{}>",
            escaped(&suite.name),
            suite.cases.len(),
            time_attribute(time)
        );
        for case in &suite.cases {
            entry(&mut out, &suite.name, case);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn entry(out: &mut String, suite: &str, case: &Entry) {
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\"{}",
        escaped(suite),
        escaped(&case.name),
        time_attribute(case.time)
    );
    let _ = match &case.outcome {
        Outcome::Passed => writeln!(out, "{head}/>"),
        Outcome::Skipped(reason) => {
            writeln!(out, "{head}>\n      <skipped message=\"{}\"/>\n    </testcase>", escaped(reason))
        }
        Outcome::Failed(reasons) => {
            let first = reasons.first().and_then(|reason| reason.lines().next()).unwrap_or_default();
            let text = escaped(&reasons.join("\n"));
            writeln!(out, "{head}>\n      <failure message=\"{}\">{text}</failure>\n    </testcase>", escaped(first))
        }
    };
}

fn time_attribute(time: Option<Duration>) -> String {
    time.map(|time| format!(" time=\"{:.3}\"", time.as_secs_f64())).unwrap_or_default()
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
    use super::{Suite, escaped, junit};

    #[test]
    fn text_of_a_tool_cannot_break_the_file() {
        assert_eq!(escaped("a<b>\"&\u{1b}\n"), "a&lt;b&gt;&quot;&amp;\u{fffd}&#10;");
        let empty = junit(&[Suite::new("a<b")]);
        assert!(empty.contains("<testsuite name=\"a&lt;b\" tests=\"0\" failures=\"0\" skipped=\"0\">"), "{empty}");
    }

    #[test]
    fn a_time_is_written_only_if_it_was_measured() {
        let mut suite = Suite::new("s");
        suite.passed("a", None);
        assert!(!junit(&[suite.clone()]).contains("time="));
        suite.passed("b", std::time::Duration::from_millis(2));
        assert_eq!(junit(&[suite]).matches("time=\"0.002\"").count(), 2, "the case and the suite");
    }
}
