//! Verifying a log: which lines are as they were written, which are not, and which are gone.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::AuditError;
use super::error::Trouble;
use super::head::Head;
use super::line::{self, Sealed};
use super::read::lines;
use super::seal::{Seal, Tag};
use super::store::Store;

/// Findings beyond this many are counted only.
const MOST_FINDINGS: usize = 1000;

/// Something that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// A line that is no longer what was written there.
    Changed {
        /// The line of the file, from 1.
        line: u64,
        /// The record that stood there.
        record: u64,
    },
    /// A line that nobody wrote through the host.
    Foreign {
        /// The line of the file, from 1.
        line: u64,
    },
    /// Records that are not there.
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A record that does not stand where it was written.
    OutOfOrder {
        /// The line of the file, from 1.
        line: u64,
        /// The record.
        record: u64,
    },
    /// A record that continues another history than the one in front of it: a part of the log was put back from a copy.
    Forked {
        /// The line of the file, from 1.
        line: u64,
        /// The record.
        record: u64,
    },
    /// Records at the end that are not there, though the head names them.
    CutOff {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// There are lines and no head, or one that was changed.
    NoHead,
    /// The head names another line than the one that has its number.
    OtherHead {
        /// The record.
        record: u64,
    },
    /// The head is older than the lines say.
    OldHead {
        /// The number in the head.
        found: u64,
        /// The number that a line says it had.
        expected: u64,
    },
}

/// The torn end of a line whose writer was killed: its call was never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TornLine {
    /// The line of the file, from 1.
    pub line: u64,
    /// How many bytes of it there are.
    pub bytes: u64,
    /// The record that was written after it; absent where nothing was yet.
    pub before: Option<u64>,
}

/// What verifying found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Records that are as they were written.
    pub records: u64,
    /// The number of the last one.
    pub last: u64,
    /// What is wrong; empty where the log is whole.
    pub findings: Vec<Finding>,
    /// Findings beyond the first thousand.
    pub more_findings: u64,
    /// Torn lines: no damage.
    pub torn: Vec<TornLine>,
    /// Records at the end that no head names yet, because their writer was ended before it wrote one.
    pub after_head: u64,
}

impl AuditReport {
    /// Whether nothing was changed, taken away, added or moved.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS { self.findings.push(finding) } else { self.more_findings += 1 }
    }
}

/// Verifies the log in `dir`; `None` where there is none.
///
/// # Errors
/// [`AuditError`] where it cannot be read, or its key is not there.
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
        return Err(Trouble::Damaged("its `key` is missing, or others may read it".to_owned()));
    };
    let head = reading.head(seal)?;
    let mut walk = Walk::new(head);
    if let Some(log) = &reading.log {
        lines(log, |line| walk.line(line, seal))?;
    }
    Ok(Some(walk.end()))
}

/// On the way through the lines.
struct Walk {
    report: AuditReport,
    head: Option<Head>,
    /// The line of the file.
    line: u64,
    /// The last record in order, and its seal.
    number: u64,
    last: Tag,
    /// Lines since then that carry no seal of ours, and their bytes.
    strange: Vec<u64>,
    strange_bytes: u64,
    /// Whether the last of them has no line break.
    is_open: bool,
    missing: BTreeSet<(u64, u64)>,
    /// The highest number that a line says the head had.
    named_head: u64,
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
        }
    }

    fn line(&mut self, bytes: &[u8], seal: &Seal) {
        self.line += 1;
        match bytes.strip_suffix(b"\n").and_then(|line| line::read(line, seal)) {
            Some(sealed) => self.sealed(&sealed),
            None => {
                self.strange.push(self.line);
                self.strange_bytes += bytes.len() as u64;
                self.is_open = !bytes.ends_with(b"\n");
            }
        }
    }

    fn sealed(&mut self, sealed: &Sealed) {
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

    /// Decides what the lines were that carry no seal, in front of a record (`next`: what it says of them) or of a gap.
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

    /// A record that was thought to be missing.
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
        // Two where the writer that went on after a torn line was killed as well.
        if cut == 0 && self.is_open && self.strange.len() <= 2 {
            let line = TornLine { line: self.strange[0], bytes: self.strange_bytes, before: None };
            self.report.torn.push(line);
            self.strange.clear();
        }
        let gone = self.number + 1 + self.strange.len() as u64;
        self.take_strange(cut, None);
        // What is gone from the end was cut off, and not taken out.
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
        self.report.last = self.number;
        self.report.after_head = self.number.saturating_sub(named);
        self.report
    }
}
