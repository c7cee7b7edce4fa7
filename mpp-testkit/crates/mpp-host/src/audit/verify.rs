//! Verifies a log: finds lines that were changed, added, moved or removed.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use serde::Serialize;

use super::error::Trouble;
use super::head::Head;
use super::line::{self, Sealed};
use super::listed::Record;
use super::read::lines;
use super::seal::{Seal, Tag};
use super::store::Store;
use super::{AuditError, Interrupted};

/// Maximum number of findings in a report. Further findings are only counted.
const MOST_FINDINGS: usize = 1000;

/// A difference between the log and what was written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "finding", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// A line was changed.
    Changed {
        /// Number of the line in the file, from 1.
        line: u64,
        /// Number of the record that the line held.
        record: u64,
    },
    /// A line was not written by the host.
    Foreign {
        /// Number of the line in the file, from 1.
        line: u64,
    },
    /// Records are missing.
    Missing {
        /// Number of the first record.
        from: u64,
        /// Number of the last record.
        to: u64,
    },
    /// A record is not in its original position.
    OutOfOrder {
        /// Number of the line in the file, from 1.
        line: u64,
        /// Number of the record.
        record: u64,
    },
    /// A record does not continue the record before it, because a part of the log was restored from a copy.
    Forked {
        /// Number of the line in the file, from 1.
        line: u64,
        /// Number of the record.
        record: u64,
    },
    /// Records up to the number in the head are missing at the end of the log.
    CutOff {
        /// Number of the first record.
        from: u64,
        /// Number of the last record.
        to: u64,
    },
    /// The log has lines but no head, or the head was changed.
    NoHead,
    /// The seal in the head is not the seal of the record with the head's number.
    OtherHead {
        /// Number of the record.
        record: u64,
    },
    /// The head is older than the lines show.
    OldHead {
        /// The number in the head.
        found: u64,
        /// The highest number of the head that a line contains.
        expected: u64,
    },
}

/// An incomplete line whose writer was killed. The call that it records never returned an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TornLine {
    /// Number of the line in the file, from 1.
    pub line: u64,
    /// Length of the torn line, in bytes.
    pub bytes: u64,
    /// Number of the record that was written after the torn line; `None` if there is none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// The result of verifying a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// Number of records with a valid seal.
    pub records: u64,
    /// Number of the last record.
    pub last: u64,
    /// Differences that were found; empty if the log is intact.
    pub findings: Vec<Finding>,
    /// Number of findings beyond the first 1000.
    pub more_findings: u64,
    /// Torn lines, which are not damage.
    pub torn: Vec<TornLine>,
    /// Calls that have a *started* record and no outcome, which is not damage: they were interrupted, or are still running.
    pub interrupted: Vec<Interrupted>,
    /// Number of records at the end that the head does not include yet, because their writer was killed before it wrote the head.
    pub after_head: u64,
}

impl AuditReport {
    /// Returns whether nothing was changed, removed, added or moved.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS { self.findings.push(finding) } else { self.more_findings += 1 }
    }
}

/// Verifies the log in `dir`; `None` if there is none.
///
/// # Errors
/// Returns [`AuditError`] if the log cannot be read, or its key is missing or cannot be used.
pub fn verify(dir: &Path) -> Result<Option<AuditReport>, AuditError> {
    verify_log(dir).map_err(|trouble| trouble.in_dir(dir))
}

fn verify_log(dir: &Path) -> Result<Option<AuditReport>, Trouble> {
    let Some(reading) = Store::open_to_read(dir)? else { return Ok(None) };
    let is_new = |file: &Option<std::fs::File>| {
        file.as_ref().map_or(Ok(0), |file| file.metadata().map(|metadata| metadata.len())).map(|length| length == 0)
    };
    if is_new(&reading.head)? && is_new(&reading.log)? {
        return Ok(None);
    }
    let Some(seal) = &reading.seal else {
        return Err(Trouble::Damaged("its `key` is missing, or other users can read it".to_owned()));
    };
    let head = reading.head(seal)?;
    let mut walk = Walk::new(head);
    if let Some(log) = &reading.log {
        lines(log, |line| walk.line(line, seal))?;
    }
    Ok(Some(walk.end()))
}

/// The state of one pass over the lines.
struct Walk {
    report: AuditReport,
    head: Option<Head>,
    /// Number of the current line of the file.
    line: u64,
    /// Number of the last record in order; its seal is `last`.
    number: u64,
    last: Tag,
    /// Lines without a valid seal since that record; `strange_bytes` is their total length in bytes.
    strange: Vec<u64>,
    strange_bytes: u64,
    /// Whether the last of these lines has no line break.
    is_open: bool,
    missing: BTreeSet<(u64, u64)>,
    /// The highest number of the head that a line contains.
    named_head: u64,
    /// Calls that have started and have no outcome so far, by their ids.
    open: HashMap<String, Interrupted>,
}

impl Walk {
    fn new(head: Option<Head>) -> Self {
        Self {
            report: AuditReport::default(),
            head,
            line: 0,
            number: 0,
            last: Tag::default(),
            strange: Vec::new(),
            strange_bytes: 0,
            is_open: false,
            missing: BTreeSet::new(),
            named_head: 0,
            open: HashMap::new(),
        }
    }

    fn line(&mut self, bytes: &[u8], seal: &Seal) {
        self.line += 1;
        match bytes.strip_suffix(b"\n").and_then(|line| line::read(line, seal)) {
            Some(sealed) => {
                self.sealed(&sealed);
                self.call(bytes, &sealed);
            }
            None => {
                self.strange.push(self.line);
                self.strange_bytes += bytes.len() as u64;
                self.is_open = !bytes.ends_with(b"\n");
            }
        }
    }

    /// Keeps track of which calls have an outcome.
    fn call(&mut self, line: &[u8], sealed: &Sealed<'_>) {
        if !sealed.call.is_started() {
            self.open.remove(&*sealed.call.id);
        } else if let Some(Record::Interrupted(call)) = line::record(line) {
            self.open.insert(call.id.clone(), call);
        }
    }

    fn sealed(&mut self, sealed: &Sealed<'_>) {
        let place = sealed.place;
        self.report.records += 1;
        self.named_head = self.named_head.max(place.head);
        if self.head.is_some_and(|head| head.number == place.number && head.last != sealed.tag) {
            self.report.find(Finding::OtherHead { record: place.number });
        }
        if place.number <= self.number {
            self.take_strange(0, None);
            self.found_again(place.number);
            self.report.find(Finding::OutOfOrder { line: self.line, record: place.number });
            return;
        }
        let gap = place.number - self.number - 1;
        let is_next = gap == 0 && place.previous == self.last;
        self.take_strange(gap, is_next.then_some((place.after_torn, place.number)));
        if gap == 0 && !is_next {
            self.report.find(Finding::Forked { line: self.line, record: place.number });
        }
        (self.number, self.last) = (place.number, sealed.tag);
    }

    /// Classifies the lines without a valid seal before a gap of `gap` records. `next` describes the record that continues the
    /// chain after them: the length of the torn line that it names, and its number.
    fn take_strange(&mut self, gap: u64, next: Option<(u64, u64)>) {
        let strange = std::mem::take(&mut self.strange);
        let bytes = std::mem::take(&mut self.strange_bytes);
        if let (Some(first), Some((torn, before))) = (strange.first(), next)
            && torn > 0
            && torn + 1 == bytes
        {
            self.report.torn.push(TornLine { line: *first, bytes: torn, before: Some(before) });
            return;
        }
        let mut changed = 0;
        for line in strange {
            if changed < gap {
                changed += 1;
                self.report.find(Finding::Changed { line, record: self.number + changed });
            } else {
                self.report.find(Finding::Foreign { line });
            }
        }
        if changed < gap {
            self.missing.insert((self.number + changed + 1, self.number + gap));
        }
    }

    /// Removes `record` from the missing records, because it was found out of order.
    fn found_again(&mut self, record: u64) {
        let Some((from, to)) = self.missing.iter().copied().find(|(from, to)| (*from..=*to).contains(&record)) else {
            return;
        };
        self.missing.remove(&(from, to));
        self.missing.extend([(from, record - 1), (record + 1, to)].into_iter().filter(|(from, to)| from <= to));
    }

    fn end(mut self) -> AuditReport {
        let named = self.head.map_or(0, |head| head.number);
        let cut = named.saturating_sub(self.number);
        // Two lines are possible if the writer that continued after a torn line was killed as well.
        if cut == 0 && self.is_open && self.strange.len() <= 2 {
            let line = TornLine { line: self.strange[0], bytes: self.strange_bytes, before: None };
            self.report.torn.push(line);
            self.strange.clear();
        }
        let gone = self.number + 1 + self.strange.len() as u64;
        self.take_strange(cut, None);
        // Records missing at the end are reported as cut off, not as missing.
        self.missing.remove(&(gone, named));
        if gone <= named {
            self.report.find(Finding::CutOff { from: gone, to: named });
        }
        for (from, to) in std::mem::take(&mut self.missing) {
            self.report.find(Finding::Missing { from, to });
        }
        if self.head.is_none() {
            self.report.find(Finding::NoHead);
        } else if self.named_head > named {
            self.report.find(Finding::OldHead { found: named, expected: self.named_head });
        }
        self.report.interrupted = self.open.into_values().collect();
        self.report.interrupted.sort_by_key(|call| call.number);
        self.report.last = self.number;
        self.report.after_head = self.number.saturating_sub(named);
        self.report
    }
}
