//! `mpp audit`: lists, shows and verifies the records of calls.

mod since;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::SystemTime;

use mpp_host::audit::{self, Finding, Interrupted, Listed, Record};
use mpp_host::codes::{Code, Coded};
use mpp_sdk::wire::{ErrorKind, did_you_mean};

use crate::cli::{AuditArgs, AuditCommand, AuditListArgs};
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::audit::{AuditList, AuditVerified, RecordedCall};
use crate::session::Session;
use crate::ui::Ui;

/// An error of `mpp audit`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditCommandError {
    /// The log was changed.
    #[error("the audit log was modified: {} finding{}", findings.len(), if findings.len() == 1 { "" } else { "s" })]
    Changed {
        /// Directory of the log.
        path: PathBuf,
        /// The findings, one sentence each.
        findings: Vec<String>,
    },
    /// There is no such record.
    #[error("the audit log has no record `{wanted}`")]
    NoSuchRecord {
        /// The requested number or id.
        wanted: String,
    },
    /// An option has an invalid value.
    #[error("invalid value `{given}` for `{option}`: expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// The value.
        given: String,
        /// The values that the option takes.
        expected: String,
    },
}

impl Coded for AuditCommandError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Changed { .. } => &codes::C031,
            Self::NoSuchRecord { .. } => &codes::C032,
            Self::Option { .. } => &codes::C001,
        }
    }
}

impl Explain for AuditCommandError {
    fn place(&self) -> Option<String> {
        match self {
            Self::Changed { path, .. } => Some(path.display().to_string()),
            _ => None,
        }
    }

    fn notes(&self) -> Vec<String> {
        match self {
            Self::Changed { findings, .. } => findings.clone(),
            _ => Vec::new(),
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::Changed { .. } => codes::C031.help.to_owned(),
            Self::NoSuchRecord { .. } => "run `mpp audit list --all` to list all records".to_owned(),
            Self::Option { .. } => "run `mpp audit list --help` for examples".to_owned(),
        }
    }
}

/// Lists, shows or verifies.
pub(crate) fn run(session: &Session, ui: &Ui, args: &AuditArgs) -> Result<Exit, Error> {
    match &args.command {
        AuditCommand::List(args) => list(session, ui, args),
        AuditCommand::Show(args) => show(session, ui, &args.record),
        AuditCommand::Verify => verify(session, ui),
    }
}

fn list(session: &Session, ui: &Ui, args: &AuditListArgs) -> Result<Exit, Error> {
    let since = args.since.as_deref().map(|given| since::parse(given, SystemTime::now())).transpose()?;
    if let Some(given) = &args.outcome {
        check_outcome(given)?;
    }
    let is_wanted = |listed: &Listed| {
        let record = &listed.record;
        args.package.as_ref().is_none_or(|package| record.package().0 == package)
            && args.outcome.as_ref().is_none_or(|outcome| record.outcome() == outcome)
            && since.as_ref().is_none_or(|since| record.time() >= since.as_str())
    };
    let most = if args.all { usize::MAX } else { args.last };
    let keys = session.home().key_ids();
    let mut records = VecDeque::new();
    let mut earlier = 0;
    audit::read(&session.home().audit_dir(), |listed| {
        if is_wanted(&listed) {
            records.push_back(RecordedCall::of(&listed.record, listed.is_sealed, &keys));
        }
        if records.len() > most {
            records.pop_front();
            earlier += 1;
        }
    })?;
    ui.show(&AuditList { records: records.into(), earlier })?;
    Ok(Exit::Done)
}

fn show(session: &Session, ui: &Ui, wanted: &str) -> Result<Exit, Error> {
    let number = wanted.parse::<u64>().ok();
    let mut found = None;
    audit::read(&session.home().audit_dir(), |listed| {
        if Some(listed.record.number()) == number || listed.record.id() == wanted {
            found = Some(listed);
        }
    })?;
    let found = found.ok_or_else(|| AuditCommandError::NoSuchRecord { wanted: wanted.to_owned() })?;
    ui.show(&RecordedCall::of(&found.record, found.is_sealed, &session.home().key_ids()))?;
    Ok(Exit::Done)
}

fn verify(session: &Session, ui: &Ui) -> Result<Exit, Error> {
    let path = session.home().audit_dir();
    let report = audit::verify(&path)?.unwrap_or_default();
    let findings: Vec<String> = report.findings.iter().map(in_words).collect();
    let keys = session.home().key_ids();
    let interrupted = report.interrupted.iter().cloned().map(Record::Interrupted);
    let verified = AuditVerified {
        path: session.shown(&path),
        whole: report.is_whole(),
        records: report.records,
        last: report.last,
        more_findings: report.more_findings,
        // Only records with a valid seal are in the report.
        interrupted: interrupted.map(|record| RecordedCall::of(&record, true, &keys)).collect(),
        findings: report.findings,
        torn: report.torn,
        after_head: report.after_head,
    };
    if verified.whole {
        ui.show(&verified)?;
        return Ok(Exit::Done);
    }
    Ok(ui.show_failed(&verified, &Error::from(AuditCommandError::Changed { path, findings }))?)
}

/// Describes a finding in a sentence.
fn in_words(finding: &Finding) -> String {
    let records = |from: u64, to: u64| {
        if from == to { format!("record {from} is") } else { format!("records {from} to {to} are") }
    };
    match *finding {
        Finding::Changed { line, record } => format!("line {line}: record {record} was changed"),
        Finding::Foreign { line } => format!("line {line}: not written by the host"),
        Finding::Missing { from, to } => format!("{} missing", records(from, to)),
        Finding::OutOfOrder { line, record } => format!("line {line}: record {record} is out of order"),
        Finding::Forked { line, record } => format!(
            "line {line}: record {record} continues another history; a part of the log was restored from a copy"
        ),
        Finding::CutOff { from, to } => format!("{} cut off at the end", records(from, to)),
        Finding::NoHead => "the head is missing or was changed, so the end of the log is unknown".to_owned(),
        Finding::OtherHead { record } => {
            format!("the head names a record {record} that differs from the one in the log")
        }
        Finding::OldHead { found, expected } => {
            format!("the head is out of date: it names record {found}, and a later head named record {expected}")
        }
        _ => format!("{finding:?}"),
    }
}

fn check_outcome(given: &str) -> Result<(), AuditCommandError> {
    let known =
        || ["ok", "is_error", Interrupted::OUTCOME].into_iter().chain(ErrorKind::ALL.iter().map(|kind| kind.as_str()));
    if known().any(|word| word == given) {
        return Ok(());
    }
    let expected = format!("`ok`, `is_error`, `interrupted` or the kind of an error{}", did_you_mean(given, known()));
    Err(AuditCommandError::Option { option: "--outcome", given: given.to_owned(), expected })
}
