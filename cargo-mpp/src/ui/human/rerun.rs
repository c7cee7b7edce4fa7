//! Renders a repeated call and its departures.

use mpp_recording::recording::{Departure, RequestPart};
use serde_json::Value;

use super::Human;
use crate::reports::rerun::Rerun;
use crate::ui::text::{BOLD, GOOD, NOTE, Text, WARN};

/// Number of departures that are listed without `-v`.
const LISTED: usize = 20;
/// Number of characters of a value that are shown without `-v`.
const SHOWN: usize = 200;

impl Human for Rerun {
    fn notes(&self, text: &mut Text, _verbose: bool) {
        for note in &self.notes {
            text.wrap(6).styled(NOTE, "note").add(": ").line(note);
        }
    }

    fn human(&self, text: &mut Text, verbose: bool) {
        let by = match self.build == self.recorded {
            true => "the same build".to_owned(),
            false if self.build.version == self.recorded.version => "another build".to_owned(),
            false => format!("another build, recorded with {}", self.recorded.version),
        };
        let call = format!("{} of {} {} ({by})", self.tool, self.package_id, self.build.version);
        if self.identical {
            let requests = counted(self.repeated.requests, "request");
            let changes = counted(self.repeated.state_changes, "change of state");
            text.status(GOOD, "Identical", call);
            text.line(format!("{:13}result, log, {requests}, {changes}", ""));
            return;
        }
        text.status(WARN, "Departs", call);
        let most = if verbose { usize::MAX } else { LISTED };
        for departure in self.repeated.departures.iter().take(most) {
            describe(text, departure, verbose);
        }
        let more = self.repeated.departures.len().saturating_sub(most);
        if more > 0 {
            text.line(format!("and {more} more; `-v` lists all"));
        }
    }
}

fn describe(text: &mut Text, departure: &Departure, verbose: bool) {
    let mut both = |title: String, expected: Option<String>, found: Option<String>| {
        let shown = |value: Option<String>| value.map_or("(nothing)".to_owned(), |value| cut(value, verbose));
        text.styled(BOLD, title).end();
        text.block("  recorded: ", shown(expected));
        text.block("       now: ", shown(found));
    };
    let json = |value: &Option<Value>| value.as_ref().map(Value::to_string);
    match departure {
        Departure::Outcome { pointer, expected, found, .. } => {
            let place = if pointer.is_empty() { "outcome, written differently" } else { pointer };
            both(place.to_owned(), json(expected), json(found));
        }
        Departure::Log { difference, .. } => {
            text.styled(BOLD, "log").end();
            text.block("  ", difference);
        }
        Departure::State { key, expected, found, .. } => both(format!("state {key}"), expected.clone(), found.clone()),
        Departure::File { path, expected, found, .. } => both(format!("file {path}"), expected.clone(), found.clone()),
        Departure::Request { number, request, part, .. } => {
            let title = format!("request {number}, {request}");
            match part {
                RequestPart::NotRecorded => {
                    text.styled(BOLD, format!("{title}: not in the recording, so it had no answer")).end();
                }
                RequestPart::NotSent => {
                    text.styled(BOLD, format!("{title}: recorded, and not sent now")).end();
                }
                RequestPart::Order => {
                    text.styled(BOLD, format!("{title}: sent in another order")).end();
                }
                RequestPart::Header { name, expected, found, .. } => {
                    let value = |values: &[String]| (!values.is_empty()).then(|| values.join(", "));
                    both(format!("{title}: header {name}"), value(expected), value(found));
                }
                RequestPart::Body { pointer, expected, found, .. } => {
                    let place = pointer.as_ref().map(|pointer| format!(" {pointer}")).unwrap_or_default();
                    both(format!("{title}: body{place}"), json(expected), json(found));
                }
                other => {
                    text.styled(BOLD, format!("{title}: {other:?}")).end();
                }
            }
        }
        other => {
            text.line(format!("{other:?}"));
        }
    }
}

fn cut(value: String, verbose: bool) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) if !verbose => format!("{}… ({} bytes)", &value[..at], value.len()),
        _ => value,
    }
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ if what.ends_with("state") => format!("{number} changes of state"),
        _ => format!("{number} {what}s"),
    }
}
