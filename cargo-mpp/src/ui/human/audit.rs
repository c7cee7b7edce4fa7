//! Renders the results of `mpp audit`.

use anstyle::Style;
use mpp_host::audit::{Entry, Interrupted, Listed, Record};

use super::Human;
use crate::reports::audit::{AuditList, AuditRecord, AuditVerified};
use crate::ui::text::{BAD, BOLD, DIM, GOOD, Text, WARN};

impl Human for AuditList {
    fn notes(&self, text: &mut Text, _verbose: bool) {
        if self.earlier > 0 {
            text.styled(DIM, format!("{} earlier calls; --all lists them", self.earlier)).end();
        }
    }

    fn human(&self, text: &mut Text, _verbose: bool) {
        if self.records.is_empty() {
            text.line("no recorded calls");
            return;
        }
        let row = |listed: &Listed| {
            let record = &listed.record;
            let (package_id, version) = record.package();
            [
                record.number().to_string(),
                short(record.time()),
                format!("{package_id} {version}"),
                record.tool().unwrap_or("-").to_owned(),
                record.outcome().to_owned(),
                record.ended().map_or_else(|| "-".to_owned(), |entry| milliseconds(entry.duration_us)),
            ]
        };
        let head = ["n", "time (UTC)", "package", "tool", "outcome", "ms"].map(str::to_owned);
        let rows: Vec<[String; 6]> = std::iter::once(head).chain(self.records.iter().map(row)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; 6] = std::array::from_fn(width);
        for (index, row) in rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                let padded =
                    if matches!(column, 0 | 5) { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
                match (index, column) {
                    (0, _) => text.styled(BOLD, padded),
                    (_, 1) => text.styled(DIM, padded),
                    (_, 4) => text.styled(style_of(cell), padded),
                    _ => text.add(padded),
                };
                text.add(if column < 5 { "  " } else { "" });
            }
            if index > 0 && !self.records[index - 1].is_sealed {
                text.add("  ").styled(BAD, "changed");
            }
            text.end();
        }
    }
}

/// Returns the style of an outcome: what went well, what the tool or a decision refused, and what has no outcome.
fn style_of(outcome: &str) -> Style {
    match outcome {
        "ok" => GOOD,
        Interrupted::OUTCOME => BAD,
        _ => WARN,
    }
}

/// Shortens RFC 3339 text to a date and a time in seconds: `2026-11-29 20:39:25`.
fn short(time: &str) -> String {
    time.get(..19).map_or_else(|| time.to_owned(), |short| short.replacen('T', " ", 1))
}

impl Human for AuditRecord {
    fn human(&self, text: &mut Text, _verbose: bool) {
        let record = &self.record.record;
        text.styled(BOLD, format!("record {}", record.number())).add("  ").line(record.time());
        if !self.record.is_sealed {
            text.styled(BAD, "changed").line(": the seal of this line is not valid");
        }
        text.field("invocation", record.id());
        let (package_id, version) = record.package();
        text.field("package", format!("{package_id} {version}"));
        match record {
            Record::Ended(entry) => ended(text, entry),
            Record::Interrupted(call) => interrupted(text, call),
            _ => {}
        }
    }
}

fn interrupted(text: &mut Text, call: &Interrupted) {
    text.field("content hash", call.content_hash.to_string());
    text.field("tool", &call.tool);
    text.field("outcome", Interrupted::OUTCOME);
    text.line(
        "The call was about to have its first effect, and has no outcome: its process ended before it returned an answer, or it is \
         still running. Requests that it sent and files that it changed may have taken effect.",
    );
}

fn ended(text: &mut Text, entry: &Entry) {
    text.field("content hash", entry.content_hash.to_string());
    text.field("key", entry.key.to_base64());
    text.field("tool", entry.tool.as_deref().unwrap_or("not a tool of the package"));
    text.field("arguments", format!("keyed hash {}", entry.arguments));
    let code = entry.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
    text.field("outcome", format!("{}{code}", entry.outcome));
    text.field("duration", format!("{} ms", milliseconds(entry.duration_us)));
    let redactions: Vec<String> = entry.redactions.iter().map(|(id, count)| format!("{count} × {id}")).collect();
    text.field("redacted", or_nothing(&redactions));
    text.field("contacted", or_nothing(&entry.hosts));
    if !entry.refused_hosts.is_empty() {
        text.field("refused", entry.refused_hosts.join(", "));
    }
    if !entry.refused_paths.is_empty() {
        let paths = entry.refused_paths.iter().map(|(path, access)| format!("{path} ({access})"));
        text.field("refused paths", paths.collect::<Vec<_>>().join(", "));
    }
    let directories: Vec<String> = entry
        .directories
        .iter()
        .map(|path| {
            let right = if path.writable { "read and written" } else { "read" };
            format!("{} = {} ({right})", path.guest, path.host.display())
        })
        .collect();
    text.field("mapped", or_nothing(&directories));
    if let Some(used) = &entry.paths_used {
        text.field("paths used", or_nothing(used));
    }
    let read = entry.variables_read.map_or("", |read| if read { " (read)" } else { " (not read)" });
    text.field("variables", format!("{}{read}", or_nothing(&entry.variables)));
    text.field("state", if entry.kv { "used" } else { "not used" });
}

impl Human for AuditVerified {
    fn human(&self, text: &mut Text, _verbose: bool) {
        let report = &self.report;
        if self.whole && report.records == 0 && report.torn.is_empty() {
            text.line(format!("{}: no recorded calls", self.path));
            return;
        }
        let (style, word) = if self.whole { (GOOD, "whole") } else { (BAD, "changed") };
        let plural = if report.records == 1 { "" } else { "s" };
        text.styled(style, word).line(format!(": {} record{plural}, the last is {}", report.records, report.last));
        for call in &report.interrupted {
            text.wrap(4).styled(WARN, Interrupted::OUTCOME).line(format!(
                ": record {}, {} of {} {} at {}; its process ended before it returned an answer, or it is still running",
                call.number, call.tool, call.package_id, call.version, call.time
            ));
        }
        for torn in &report.torn {
            let end = torn.before.map_or_else(|| "at the end".to_owned(), |next| format!("before record {next}"));
            text.wrap(4).styled(WARN, "torn").line(format!(
                ": line {} has the first {} bytes of a record, {end}; its writer was stopped before it could answer the call",
                torn.line, torn.bytes
            ));
        }
        if report.after_head > 0 {
            text.wrap(4).line(format!(
                "the last {} records were written after the head; their writer was stopped before it could update the head",
                report.after_head
            ));
        }
        if report.more_findings > 0 {
            text.line(format!("{} more findings are not shown", report.more_findings));
        }
    }
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{:03}", microseconds / 1000, microseconds % 1000)
}

fn or_nothing(items: &[String]) -> String {
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}
