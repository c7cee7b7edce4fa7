//! Renders the introduction of a package, and the result of a call.

use std::collections::BTreeMap;

use mpp_host::crash::{Crash, log_before_panic};
use mpp_host::trust::Trust;
use mpp_sdk::wire::{Content, ResourceBody};

use super::Human;
use super::built::{abilities, list};
use crate::reports::call::{CallResult, Introduction};
use crate::ui::json::escape_in_json;
use crate::ui::text::{BOLD, DIM, Destination, NOTE, Text, WARN};

impl Human for Introduction {
    fn human(&self, text: &mut Text, verbose: bool) {
        if self.trust == Trust::UnknownPublisher {
            text.styled(WARN, "new publisher")
                .add(": ")
                .styled(BOLD, &self.package)
                .line(" is signed by a publisher whom you do not trust yet");
            text.field("package", &self.package_id);
            text.field("publisher", format!("{} (as claimed in the package)", self.publisher));
            text.field("key", self.key_id.as_str());
            abilities(text, &self.abilities);
            list(text, "privacy", &self.privacy);
            return;
        }
        text.status(NOTE, "Running", &self.package);
        let privacy = if verbose { self.privacy.as_slice() } else { &[] };
        for line in self.abilities.iter().chain(privacy) {
            text.wrap(15).add(format!("{:13}", "")).styled(DIM, line).end();
        }
    }
}

impl Human for CallResult {
    fn notes(&self, text: &mut Text, verbose: bool) {
        let output = &self.call;
        // The error describes a panic, so the log ends before it.
        let is_crash = output.outcome().is_err_and(|error| Crash::of(error, output.log()).is_some());
        let log = if is_crash && !verbose { log_before_panic(output.log()) } else { output.log() };
        for line in log.lines() {
            text.styled(DIM, format!("{:>12} ", "log")).line(line);
        }
        let report = output.report();
        if report.log_dropped > 0 {
            text.status(WARN, "log", format!("{} more bytes were discarded", report.log_dropped));
        }
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for (id, count) in report.redactions.counts.iter().chain(&report.log_redactions.counts) {
            *counts.entry(id).or_default() += count;
        }
        if !counts.is_empty() {
            let parts: Vec<String> = counts.iter().map(|(id, count)| format!("{count} × {id}")).collect();
            text.status(NOTE, "Redacted", parts.join(", "));
            if verbose {
                for place in &report.redactions.places {
                    text.add(format!("{:>13}", "")).line(format!(
                        "{} {}",
                        if place.pointer.is_empty() { "/" } else { place.pointer },
                        place.id
                    ));
                }
            }
        }
        for media in &report.unfiltered_media {
            text.status(
                WARN,
                "Unfiltered",
                format!("{} at {} is passed on without filtering", media.mime_type, media.pointer),
            );
        }
        if verbose {
            let (ms, peak) = (report.duration.as_secs_f64() * 1000.0, mpp_host::policy::size(report.memory_peak));
            text.status(
                NOTE,
                "Finished",
                format!("in {ms:.1} ms, {peak} of memory, {} bytes of output", report.output_bytes),
            );
        }
    }

    fn human(&self, text: &mut Text, _verbose: bool) {
        let Ok(outcome) = self.call.outcome() else { return };
        for item in &outcome.content {
            content(text, item);
        }
        if let Some(structured) = &outcome.structured {
            text.answer(match text.destination() {
                Destination::Terminal => escape_in_json(&pretty(structured.get())),
                Destination::File => pretty(structured.get()),
            });
        }
    }
}

fn content(text: &mut Text, item: &Content) {
    match item {
        Content::Text(item) => {
            text.answer(&item.text);
        }
        Content::Image(item) => media(text, &item.mime_type, &item.data),
        Content::Audio(item) => media(text, &item.mime_type, &item.data),
        Content::ResourceLink(link) => {
            text.line(format!("[{}: {}]", link.title.as_ref().unwrap_or(&link.name), link.uri));
        }
        Content::Resource(item) => match &item.resource.body {
            ResourceBody::Text(body) => {
                text.line(format!("[{}]", item.resource.uri)).answer(body);
            }
            ResourceBody::Blob(data) => {
                media(text, item.resource.mime_type.as_ref().unwrap_or(&item.resource.uri), data)
            }
        },
        other => {
            text.line(serde_json::to_string(other).unwrap_or_default());
        }
    }
}

fn media(text: &mut Text, mime_type: &str, base64: &str) {
    text.line(format!("[{mime_type}, {} bytes; --format json prints it]", base64.len() / 4 * 3));
}

/// Indents JSON text, and keeps every number and string exactly as it was written.
fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    let newline = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = chars.next() {
        if in_string {
            out.push(c);
            (in_string, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                while chars.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                out.push(c);
                if let Some(close) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    newline(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                newline(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                newline(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn indents_without_touching_values() {
        let json = r#"{"a":[1.10,{"b":"x, \"y\": {}\\"}],"e":[],"f":{ },"n":12345678901234567890123}"#;
        let expected = "{\n  \"a\": [\n    1.10,\n    {\n      \"b\": \"x, \\\"y\\\": {}\\\\\"\n    }\n  ],\n  \"e\": [],\n  \"f\": {},\n  \"n\": 12345678901234567890123\n}";
        assert_eq!(pretty(json), expected);
        assert_eq!(pretty("\"s\""), "\"s\"");
    }
}
