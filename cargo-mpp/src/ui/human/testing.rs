//! Renders the results of `mpp test` and `mpp conformance`.

use mpp_cases::conformance::{Conformity, Requirement};
use mpp_cases::{CaseResult, Status};

use super::Human;
use crate::reports::testing::{ConformanceReport, TestedFile, Tests};
use crate::ui::text::{BAD, BOLD, DIM, GOOD, NOTE, Text, WARN};

impl Human for Tests {
    fn human(&self, text: &mut Text, verbose: bool) {
        for file in &self.files {
            one_file(text, file, verbose);
        }
        let counts = &self.counts;
        let mut parts = vec![format!("{} passed", counts.passed)];
        for (count, word) in [(counts.failed, "failed"), (counts.skipped, "skipped")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let total = self.cases().count();
        let changed = self.files.iter().filter(|file| !file.changes.is_empty()).count();
        text.line(format!("{}: {}", counted(total, "case"), parts.join(", ")));
        if changed > 0 {
            text.line(format!("{} updated", counted(changed, "file")));
        }
    }
}

fn one_file(text: &mut Text, file: &TestedFile, verbose: bool) {
    text.styled(BOLD, &file.path).end();
    for case in &file.cases {
        let changes: Vec<_> = file.changes.iter().filter(|change| change.case == case.name).collect();
        let (style, word) = match case.status {
            Status::Passed if !changes.is_empty() => (NOTE, "updated"),
            Status::Passed => (GOOD, "ok"),
            Status::Skipped => (WARN, "skipped"),
            _ => (BAD, "FAILED"),
        };
        text.add("  ").styled(style, format!("{word:<7}")).add(" ").add(&case.name);
        match (&case.reason, case.status) {
            (Some(reason), _) => text.line(format!(": {reason}")),
            (None, Status::Failed) => text.line(format!(" ({}:{})", file.path, case.line)),
            (None, _) if verbose => text.line(format!(" ({} ms)", case.duration.as_millis())),
            (None, _) => text.end(),
        };
        for change in changes {
            let before = change.before.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
            text.line(format!("    {}: {before} is now {}", change.pointer, change.after));
        }
        if case.status == Status::Failed {
            failed(text, case);
        } else if verbose && !case.log.is_empty() {
            text.add("    ").styled(DIM, "log").end().block("      ", &case.log);
        }
    }
}

fn failed(text: &mut Text, case: &CaseResult) {
    for mismatch in &case.mismatches {
        text.block("    ", &mismatch.message);
    }
    if !case.log.is_empty() {
        text.add("    ").styled(DIM, "log").end().block("      ", &case.log);
    }
}

impl Human for ConformanceReport {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(BOLD, format!("{} {}", self.package_id, self.version)).end();
        // A package is not expected to have the tools for conformance tests.
        let is_usual = |one: &Requirement| one.missing_tool.is_some() && !verbose;
        for requirement in self.requirements.iter().filter(|one| !is_usual(one)) {
            one_requirement(text, requirement, verbose);
        }
        let hidden = self.requirements.iter().filter(|one| is_usual(one)).count();
        if hidden > 0 {
            text.line(format!("  {hidden} more need tools that the package does not have; -v lists them"));
        }
        let counts = &self.counts;
        let mut parts = vec![format!("{} met", counts.met)];
        for (count, word) in [(counts.not_met, "not met"), (counts.not_checked, "not checked")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        text.line(format!("{}: {}", counted(self.requirements.len(), "requirement"), parts.join(", ")));
    }
}

fn one_requirement(text: &mut Text, requirement: &Requirement, verbose: bool) {
    let (style, word) = match requirement.conformity {
        Conformity::Met => (GOOD, "ok"),
        Conformity::NotChecked => (WARN, "skipped"),
        _ => (BAD, "FAILED"),
    };
    text.add("  ").styled(style, format!("{word:<7}")).add(" ").add(requirement.name);
    match (&requirement.found, requirement.conformity) {
        (Some(reason), Conformity::NotChecked) => text.line(format!(": {reason}")),
        _ => text.end(),
    };
    if verbose || requirement.conformity == Conformity::NotMet {
        text.wrap(14).line(format!("    required: {}", requirement.requires));
    }
    if let (Conformity::NotMet, Some(found)) = (requirement.conformity, &requirement.found) {
        let mut lines = found.lines();
        text.wrap(14).line(format!("    found:    {}", lines.next().unwrap_or_default()));
        lines.for_each(|line| {
            text.line(format!("              {line}"));
        });
    }
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
