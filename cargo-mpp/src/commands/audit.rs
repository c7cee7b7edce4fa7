//! `mpp audit`: the record of every call, listed, shown and verified.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use mpp_host::audit::{self, Finding, Listed};
use mpp_host::clock::rfc3339;
use mpp_sdk::wire::{ErrorKind, did_you_mean};

use crate::cli::{AuditArgs, AuditCommand, AuditListArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::hosting;
use crate::reports::audit::{AuditList, AuditRecord, AuditVerified};
use crate::session::Session;
use crate::ui::Ui;

/// Lists, shows or verifies.
pub(crate) fn run(session: &Session, ui: &Ui, args: &AuditArgs) -> Result<Exit, Error> {
    match &args.command {
        AuditCommand::List(args) => list(session, ui, args),
        AuditCommand::Show(args) => show(session, ui, &args.record),
        AuditCommand::Verify => verify(session, ui),
    }
}

fn list(session: &Session, ui: &Ui, args: &AuditListArgs) -> Result<Exit, Error> {
    let since = args.since.as_deref().map(|given| since(given, SystemTime::now())).transpose()?;
    if let Some(given) = &args.outcome {
        check_outcome(given)?;
    }
    let is_wanted = |listed: &Listed| {
        let entry = &listed.entry;
        args.package.as_ref().is_none_or(|package| entry.package_id == *package)
            && args.outcome.as_ref().is_none_or(|outcome| entry.outcome == *outcome)
            && since.as_ref().is_none_or(|since| entry.time.as_str() >= since.as_str())
    };
    let most = if args.all { usize::MAX } else { args.last };
    let mut records = VecDeque::new();
    let mut earlier = 0;
    audit::read(&hosting::audit_dir(session), |listed| {
        if is_wanted(&listed) {
            records.push_back(listed);
        }
        if records.len() > most {
            records.pop_front();
            earlier += 1;
        }
    })
    .map_err(Error::Audit)?;
    ui.show(&AuditList { records: records.into(), earlier })?;
    Ok(Exit::Done)
}

fn show(session: &Session, ui: &Ui, wanted: &str) -> Result<Exit, Error> {
    let number = wanted.parse::<u64>().ok();
    let mut found = None;
    audit::read(&hosting::audit_dir(session), |listed| {
        if Some(listed.entry.number) == number || listed.entry.id == wanted {
            found = Some(listed);
        }
    })
    .map_err(Error::Audit)?;
    let record = found.ok_or_else(|| Error::NoSuchRecord { wanted: wanted.to_owned() })?;
    ui.show(&AuditRecord { record })?;
    Ok(Exit::Done)
}

fn verify(session: &Session, ui: &Ui) -> Result<Exit, Error> {
    let path = hosting::audit_dir(session);
    let report = audit::verify(&path).map_err(Error::Audit)?.unwrap_or_default();
    let findings: Vec<String> = report.findings.iter().map(in_words).collect();
    let verified = AuditVerified { path: session.shown(&path), whole: report.is_whole(), report };
    if verified.whole {
        ui.show(&verified)?;
        return Ok(Exit::Done);
    }
    ui.show_failed(&verified, &Error::AuditChanged { path, findings })
}

/// A finding as a sentence.
fn in_words(finding: &Finding) -> String {
    let records = |from: u64, to: u64| {
        if from == to { format!("record {from} is") } else { format!("records {from} to {to} are") }
    };
    match *finding {
        Finding::Changed { line, record } => format!("line {line}: record {record} was changed"),
        Finding::Foreign { line } => format!("line {line}: the host did not write this"),
        Finding::Missing { from, to } => format!("{} missing", records(from, to)),
        Finding::OutOfOrder { line, record } => format!("line {line}: record {record} does not belong here"),
        Finding::Forked { line, record } => {
            format!(
                "line {line}: record {record} continues another history; a part of the log was put back from a copy"
            )
        }
        Finding::CutOff { from, to } => format!("{} cut off the end", records(from, to)),
        Finding::NoHead => "the head is missing or was changed, so that nobody knows where the log ended".to_owned(),
        Finding::OtherHead { record } => format!("the head names another record {record} than the one that is there"),
        Finding::OldHead { found, expected } => {
            format!("the head is an old one: it names record {found}, and a line knows of a head that named {expected}")
        }
        _ => format!("{finding:?}"),
    }
}

/// The earliest time that is wanted, as records write times.
fn since(given: &str, now: SystemTime) -> Result<String, Error> {
    let refuse = || Error::AuditOption {
        option: "--since",
        given: given.to_owned(),
        expected: "a time (UTC) like 2026-03-01 or 2026-03-01T12:00:00Z, or a span like 30m, 24h or 7d".to_owned(),
    };
    if is_time(given) {
        // Without the `Z` it is the beginning of every time in that second.
        return Ok(given.trim_end_matches('Z').to_owned());
    }
    let unit = given.chars().next_back().ok_or_else(refuse)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(refuse()),
    };
    let number: u64 = given[..given.len() - 1].parse().map_err(|_| refuse())?;
    let span = number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(refuse)?;
    let start = now.checked_sub(span).unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(rfc3339(start).trim_end_matches('Z').to_owned())
}

/// `2026-03-01` or `2026-03-01T12:00:00Z`.
fn is_time(given: &str) -> bool {
    let fits = |shape: &str| {
        given.len() == shape.len()
            && given.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                _ => byte == shape,
            })
    };
    fits("0000-00-00") || fits("0000-00-00T00:00:00Z")
}

fn check_outcome(given: &str) -> Result<(), Error> {
    let known = || ["ok", "is_error"].into_iter().chain(ErrorKind::ALL.iter().map(|kind| kind.as_str()));
    if known().any(|word| word == given) {
        return Ok(());
    }
    let expected = format!("`ok`, `is_error` or the kind of a failure{}", did_you_mean(given, known()));
    Err(Error::AuditOption { option: "--outcome", given: given.to_owned(), expected })
}

#[cfg(test)]
mod tests {
    use super::since;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn reads_times_and_spans() {
        let now = UNIX_EPOCH + Duration::from_secs(1_767_225_599);
        let of = |given: &str| since(given, now).ok();
        assert_eq!(of("2026-03-01").as_deref(), Some("2026-03-01"));
        assert_eq!(of("2026-03-01T12:00:00Z").as_deref(), Some("2026-03-01T12:00:00"));
        assert_eq!(of("24h").as_deref(), Some("2025-12-30T23:59:59"));
        assert_eq!(of("7d").as_deref(), Some("2025-12-24T23:59:59"));
        assert_eq!(of("99999999d").as_deref(), Some("1970-01-01T00:00:00"));
        for wrong in
            ["", "d", "7", "7w", "-1d", "2026-3-1", "2026-03-01T12:00:00", "yesterday", "99999999999999999999d", "7é"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
