//! `mpp registry monitor`: follows the log of a registry and reports changes to chosen packages.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mpp_host::atomic_file::StagedFile;
use mpp_host::causes::with_causes;
use mpp_host::clock::{Clock as _, SystemClock};
use mpp_host::codes::{Code, Coded};
use mpp_registry::client::{Alarm, HttpTransport, keep_evidence};
use mpp_registry::monitor::{Monitor, MonitorError, Pattern, Report, Webhook, WebhookError};
use mpp_registry::note::VerifierKey;
use mpp_registry::protocol::{Origin, Timestamp};
use mpp_registry::upstream::{Upstream, UpstreamError};

use super::place::{self, block_on};
use crate::cli::RegistryMonitorArgs;
use crate::codes;
use crate::diagnostic::{Diagnostic, notes_of};
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::following::MonitorReport;
use crate::session::Session;
use crate::ui::Ui;

/// The number of looks at index files that are late or early.
const LOOKS: u32 = 5;

impl Explain for MonitorError {
    fn notes(&self) -> Vec<String> {
        match self {
            Self::Alarm(alarm) => notes_of(alarm),
            _ => Vec::new(),
        }
    }

    fn advice(&self) -> String {
        codes::help(self.code())
    }
}
impl Explain for UpstreamError {}
impl Explain for WebhookError {}

/// The error returned when the state of a monitor cannot be read or saved.
#[derive(Debug, thiserror::Error)]
#[error("the state of the monitor cannot be {verb}")]
struct StateError {
    verb: &'static str,
    path: String,
    source: io::Error,
}

impl Coded for StateError {
    fn code(&self) -> &'static Code {
        &mpp_registry::codes::N503
    }
}

impl Explain for StateError {
    fn place(&self) -> Option<String> {
        Some(self.path.clone())
    }
}

/// What a monitor needs for each look.
struct Watch {
    upstream: Upstream,
    root: VerifierKey,
    monitor: Monitor,
    state: Option<PathBuf>,
    webhook: Option<Webhook>,
}

/// Looks once, or again and again.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryMonitorArgs) -> Result<Exit, Error> {
    let root: VerifierKey = args.key.parse()?;
    let origin = Origin::parse(root.name())?;
    let patterns: Vec<Pattern> = args.package_id.iter().map(|pattern| pattern.parse()).collect::<Result<_, _>>()?;
    let state = args.state.as_ref().map(|path| session.resolve(path));
    let monitor = match state.as_deref().map(|path| read(session, path)).transpose()?.flatten() {
        Some(bytes) => Monitor::resume(&bytes, &origin, patterns)?,
        None => Monitor::new(origin, patterns),
    };
    let options = place::http_options(session, args.ca.as_deref())?;
    let upstream = Upstream::new(Arc::new(HttpTransport::new(&args.url, &options)?));
    let webhook = args.webhook.as_deref().map(Webhook::new).transpose()?;
    let watch = Watch { upstream, root, monitor, state, webhook };
    block_on(watch.run(session, ui, args.interval.map(Duration::from_secs)))?
}

impl Watch {
    async fn run(mut self, session: &Session, ui: &Ui, interval: Option<Duration>) -> Result<Exit, Error> {
        loop {
            let looked = self.look(session).await;
            let Some(interval) = interval else { return self.report(ui, &looked?).await };
            match looked {
                Ok(report) if report.has_news() || report.from_size == 0 => drop(self.report(ui, &report).await?),
                Ok(_) => {}
                // A registry that cannot be reached is asked again; one that contradicts itself is an alarm.
                Err(error) if Exit::from(error.as_explain().code().class) == Exit::Registry => {
                    ui.note(&format!("the registry was not looked at: {}", with_causes(error.as_explain())))
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(interval).await;
        }
    }

    /// Reads what is new, and gives index files that are late some seconds.
    async fn look(&mut self, session: &Session) -> Result<Report, Error> {
        let mut report: Option<Report> = None;
        for look in 1..=LOOKS {
            let now = Timestamp::from(SystemClock::new().now());
            match self.monitor.look(&self.upstream, &self.root, now).await {
                Ok(Some(found)) => {
                    self.save(session)?;
                    report = Some(match report {
                        Some(earlier) => earlier.and(found),
                        None => found,
                    });
                }
                // A cache that is behind.
                Ok(None) => {}
                Err(MonitorError::Alarm(alarm)) => return Err(self.raise(*alarm).await.into()),
                Err(error) => return Err(error.into()),
            }
            let is_settled = |report: &Report| !report.faults.iter().any(|fault| fault.kind.may_pass());
            if look == LOOKS || report.as_ref().is_some_and(is_settled) {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(report.unwrap_or_else(|| self.monitor.nothing_new()))
    }

    /// Keeps the evidence of an alarm beside the state, and sends the alarm.
    async fn raise(&self, alarm: Alarm) -> MonitorError {
        let now = Timestamp::from(SystemClock::new().now());
        let alarm = match &self.state {
            Some(state) => {
                let name = state.file_name().unwrap_or_default().to_string_lossy();
                keep_evidence(alarm, &state.with_file_name(format!("{name}.evidence")), now)
            }
            None => alarm,
        };
        if let Some(webhook) = &self.webhook {
            let report = MonitorReport::of_alarm(&self.monitor, &alarm);
            // The alarm is shown in any case.
            let _ = webhook.send(&serde_json::to_vec(&report).unwrap_or_default()).await;
        }
        MonitorError::Alarm(Box::new(alarm))
    }

    /// Shows a report, and sends it.
    async fn report(&self, ui: &Ui, report: &Report) -> Result<Exit, Error> {
        let shown = MonitorReport::new(&self.monitor, report);
        let exit = if !report.faults.is_empty() || !report.findings.is_empty() {
            let count = report.faults.len() + report.findings.len();
            let what = if count == 1 { "1 contradiction".to_owned() } else { format!("{count} contradictions") };
            let failure =
                Diagnostic::new(&mpp_registry::codes::N502, format!("{what} between the log and the registry"));
            ui.show_failed(&shown, failure.help(codes::help(&mpp_registry::codes::N502)))?
        } else if !report.events.is_empty() && report.from_size > 0 {
            let failure = Diagnostic::new(&mpp_registry::codes::N501, "watched packages have changed");
            ui.show_failed(&shown, failure.help(codes::help(&mpp_registry::codes::N501)))?
        } else {
            ui.show(&shown)?;
            Exit::Done
        };
        if let Some(webhook) = self.webhook.as_ref().filter(|_| report.has_news()) {
            webhook.send(&serde_json::to_vec(&shown).unwrap_or_default()).await?;
        }
        Ok(exit)
    }

    fn save(&self, session: &Session) -> Result<(), Error> {
        let Some(path) = &self.state else { return Ok(()) };
        let write = || {
            let mut file = StagedFile::new(path, 0o600)?;
            file.write(&self.monitor.to_bytes())?;
            file.persist()
        };
        Ok(write().map_err(|source| StateError { verb: "saved", path: session.shown(path), source })?)
    }
}

fn read(session: &Session, path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StateError { verb: "read", path: session.shown(path), source }.into()),
    }
}
