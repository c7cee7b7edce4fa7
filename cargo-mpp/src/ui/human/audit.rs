//! Renders the results of `mpp audit`.

use anstyle::Style;
use mpp_host::audit::Interrupted;

use super::Human;
use crate::reports::audit::{AuditList, AuditVerified, CallDetails, RecordedCall};
use crate::ui::text::{BAD, BOLD, DIM, GOOD, Text, WARN};

impl Human for AuditList {
    fn notes(&self, text: &mut Text, _verbose: bool) {
        if self.earlier > 0 {
            text.styled(DIM, format!("{}; --all lists them", count(self.earlier, "earlier call"))).end();
        }
    }

    fn human(&self, text: &mut Text, _verbose: bool) {
        if self.records.is_empty() {
            text.line("no recorded calls");
            return;
        }
        let row = |call: &RecordedCall| {
            [
                call.number.to_string(),
                short(&call.time),
                format!("{} {}{}", call.package_id, call.version, if call.legacy { " (server)" } else { "" }),
                call.tool.as_deref().unwrap_or("-").to_owned(),
                call.outcome.clone(),
                call.details.as_ref().map_or_else(|| "-".to_owned(), |details| milliseconds(details.duration_us)),
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

impl Human for RecordedCall {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(BOLD, format!("record {}", self.number)).add("  ").line(&self.time);
        if !self.is_sealed {
            text.styled(BAD, "changed").line(": the seal of this line is not valid");
        }
        text.field("call id", &self.call_id);
        let (kind, hash) = if self.legacy { ("MCP server", "definition") } else { ("package", "content hash") };
        text.field(kind, format!("{} {}", self.package_id, self.version));
        text.field(hash, self.content_hash.to_string());
        if let Some(key_id) = &self.key_id {
            text.field("key", key_id.as_str());
        }
        text.field("tool", self.tool.as_deref().unwrap_or("not a tool of the package"));
        let code = self.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
        text.field("outcome", format!("{}{code}", self.outcome));
        match &self.details {
            Some(details) => ended(text, details, self.legacy),
            None => interrupted(text),
        }
    }
}

fn interrupted(text: &mut Text) {
    text.line(
        "The call was about to have its first effect, and has no outcome: its process ended before it returned an answer, or it is \
         still running. Requests that it sent and files that it changed may have taken effect.",
    );
}

fn ended(text: &mut Text, entry: &CallDetails, legacy: bool) {
    text.field("arguments", format!("keyed hash {}", entry.arguments_hash));
    text.field("duration", format!("{} ms", milliseconds(entry.duration_us)));
    let redactions: Vec<String> = entry.redactions.iter().map(|(id, count)| format!("{count} × {id}")).collect();
    text.field("redacted", or_nothing(&redactions));
    if legacy {
        text.field("variables", or_nothing(&entry.variables));
        text.line("The server runs outside the sandbox: the hosts, files and programs that it used are not observed.");
        return;
    }
    text.field("contacted", or_nothing(&entry.hosts));
    if !entry.refused_hosts.is_empty() {
        text.field("refused", entry.refused_hosts.join(", "));
    }
    if !entry.refused_paths.is_empty() {
        let paths = entry.refused_paths.iter().map(|(path, access)| format!("{path} ({access})"));
        text.field("refused paths", paths.collect::<Vec<_>>().join(", "));
    }
    let directories: Vec<String> = entry
        .mapped_paths
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
    text.field("state", if entry.kv_used { "used" } else { "not used" });
}

impl Human for AuditVerified {
    fn human(&self, text: &mut Text, _verbose: bool) {
        if self.whole && self.records == 0 && self.torn.is_empty() {
            text.line(format!("{}: no recorded calls", self.path));
            return;
        }
        let (style, word) = if self.whole { (GOOD, "whole") } else { (BAD, "changed") };
        text.styled(style, word).line(format!(": {}, the last is {}", count(self.records, "record"), self.last));
        for call in &self.interrupted {
            text.wrap(4).styled(WARN, Interrupted::OUTCOME).line(format!(
                ": record {}, {} of {} {} at {}; its process ended before it returned an answer, or it is still running",
                call.number, call.tool.as_deref().unwrap_or("-"), call.package_id, call.version, call.time
            ));
        }
        for torn in &self.torn {
            let end = torn.before.map_or_else(|| "at the end".to_owned(), |next| format!("before record {next}"));
            text.wrap(4).styled(WARN, "torn").line(format!(
                ": line {} has the first {} bytes of a record, {end}; its writer was stopped before it could answer the call",
                torn.line, torn.bytes
            ));
        }
        if self.after_head > 0 {
            text.wrap(4).line(format!(
                "{} at the end, written after the head; the writer was stopped before it could update the head",
                count(self.after_head, "record")
            ));
        }
        if self.more_findings > 0 {
            text.line(format!("not shown: {}", count(self.more_findings, "more finding")));
        }
    }
}

/// Formats a number of things: `1 record`, `2 records`.
fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{:03}", microseconds / 1000, microseconds % 1000)
}

fn or_nothing(items: &[String]) -> String {
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}
