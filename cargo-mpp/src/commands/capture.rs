//! `mpp capture`: records what an MCP client and an MCP server say to each other.

mod observer;
mod outbound;
mod output;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use mpp_home::FileError;
use mpp_host::clock::{Clock, SystemClock};
use mpp_mcp::capture::{
    CaptureError, Driver, Header, HttpProxy, PlannedCalls, Proxy, Recorder, Redactor, Streams, Target, TransportKind,
    secret_parameters, secret_variables,
};
use serde_json::json;

use self::observer::Observer;
use self::outbound::Outbound;
use self::output::Output;
use crate::captures::CaptureFailed;
use crate::cli::CaptureArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::capture::Captured;
use crate::session::Session;
use crate::ui::{Ui, streams};
use crate::{hosting, passing_on};

/// A capture that is about to begin.
struct Beginning<'a> {
    session: &'a Session,
    ui: &'a Ui,
    args: &'a CaptureArgs,
    clock: Arc<dyn Clock>,
    started: SystemTime,
}

/// Records, as a proxy or with given calls.
pub(crate) fn run(session: &Session, ui: &Ui, args: &CaptureArgs) -> Result<Exit, Error> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let started = clock.now();
    let beginning = Beginning { session, ui, args, clock, started };
    match &args.http {
        Some(url) => beginning.over_http(url),
        None => beginning.over_stdio(),
    }
}

impl Beginning<'_> {
    fn over_stdio(&self) -> Result<Exit, Error> {
        let (session, args) = (self.session, self.args);
        let calls = args.calls.as_deref().map(|file| planned(session, file)).transpose()?;
        let words: Vec<String> = args.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let of_server = |source: CaptureError| CaptureFailed::new(words.join(" "), source);
        let observer = args.observe.then(Observer::new).transpose().map_err(of_server)?;
        let mut header = Header::new(self.started, TransportKind::Stdio);
        header.command.clone_from(&words);
        header.driven = calls.is_some();
        header.records_http = args.record_http;
        let mut command = match &observer {
            Some(observer) => observer.command(&args.command),
            None => plain_command(&args.command),
        };
        let (recorder, file) = self.recorder(header)?;
        let secrets = || secret_variables(session.variables());
        let outbound = args
            .record_http
            .then(|| Outbound::start(secrets(), &hosting::authorities(session), &recorder.tap()))
            .transpose()
            .map_err(of_server)?;
        if let Some(outbound) = &outbound {
            command.envs(outbound.variables());
        }
        let (end, driven) = match &calls {
            None => {
                let started = streams_of_process().and_then(|streams| Proxy::start(command, streams, &recorder.tap()));
                let proxy = started.map_err(of_server)?;
                file.keep()?;
                passing_on::signals_to(proxy.process());
                (proxy.wait().map_err(of_server)?, None)
            }
            Some(calls) => {
                let errors = streams::stderr().map_err(CaptureError::Write);
                let started = errors.and_then(|errors| Driver::start(command, Box::new(errors), recorder.tap()));
                let mut driver = started.map_err(of_server)?;
                file.keep()?;
                passing_on::signals_to(driver.process());
                let client = json!({ "name": "mpp", "version": env!("CARGO_PKG_VERSION") });
                let driven = driver.drive(&client, calls);
                (driver.finish().map_err(of_server)?, Some(driven))
            }
        };
        let observed = observer.map(|observer| observer.finish(self.started, session.variables()));
        if let Some(Ok(observed)) = &observed {
            let mut observed = observed.clone();
            if let Some(outbound) = &outbound {
                observed.leave_out(outbound.address());
                observed.leave_out_files(outbound.dir());
            }
            recorder.tap().observed(observed);
        }
        let recorded = recorder.finish(Some(end)).map_err(|source| self.of_file(source))?;
        observed.transpose().map_err(of_server)?;
        let shown = session.shown(&session.resolve(&args.output));
        let Some(driven) = driven else {
            self.ui.detail("Captured", &Captured::new(shown, recorded, None).sentence());
            return Ok(Exit::Foreign(end.exit_code()));
        };
        let report = driven.map_err(of_server)?;
        for (line, tool) in &report.unlisted {
            self.ui.note(&format!("line {line} of the calls: the server does not list a tool `{tool}`"));
        }
        self.ui.show(&Captured::new(shown, recorded, Some(report)))?;
        Ok(Exit::Done)
    }

    fn over_http(&self, url: &str) -> Result<Exit, Error> {
        let of_option = |option: &'static str| move |source: CaptureError| CaptureFailed::new(option, source);
        let target = Target::parse(url).ok_or_else(|| CaptureError::Url { url: url.to_owned() });
        let target = target.map_err(of_option("--http"))?;
        let path = target.path().to_owned();
        let mut header = Header::new(self.started, TransportKind::Http);
        header.url = Some(url.to_owned());
        let (recorder, file) = self.recorder(header)?;
        let authorities = hosting::authorities(self.session);
        let proxy =
            HttpProxy::start(self.args.listen, target, &authorities, &recorder.tap()).map_err(of_option("--listen"));
        let proxy = proxy?;
        file.keep()?;
        let requests = passing_on::EndRequests::listen();
        self.ui.status("Listening", &format!("on http://{}{path}; Ctrl-C ends the capture", proxy.address()));
        requests.wait();
        let recorded = recorder.finish(None).map_err(|source| self.of_file(source))?;
        let shown = self.session.shown(&self.session.resolve(&self.args.output));
        self.ui.show(&Captured::new(shown, recorded, None))?;
        Ok(Exit::Done)
    }

    /// Starts to record. The file replaces an earlier capture when it is kept, so that a server which does not start harms none.
    fn recorder(&self, header: Header) -> Result<(Recorder, Output), Error> {
        let secrets = || {
            let of_url = secret_parameters(self.args.http.as_deref().unwrap_or_default());
            secret_variables(self.session.variables()).into_iter().chain(of_url)
        };
        let redactor = self.args.redact.then(|| Redactor::new(secrets())).transpose();
        let redactor = redactor.map_err(|source| self.of_file(source))?;
        let (file, output) = Output::create(&self.session.resolve(&self.args.output))?;
        let recorder = Recorder::start(file, header, Arc::clone(&self.clock), redactor);
        Ok((recorder.map_err(|source| self.of_file(source))?, output))
    }

    fn of_file(&self, source: CaptureError) -> CaptureFailed {
        CaptureFailed::new(self.session.shown(&self.session.resolve(&self.args.output)), source)
    }
}

fn planned(session: &Session, file: &Path) -> Result<PlannedCalls, Error> {
    let path = session.resolve(file);
    let text = std::fs::read_to_string(&path).map_err(|source| FileError::read("the calls", &path, source))?;
    Ok(PlannedCalls::parse(&text).map_err(|source| CaptureFailed::new(session.shown(&path), source))?)
}

fn plain_command(words: &[OsString]) -> Command {
    let mut command = Command::new(words.first().map(OsString::as_os_str).unwrap_or_default());
    command.args(words.iter().skip(1));
    command
}

fn streams_of_process() -> Result<Streams, CaptureError> {
    let streams =
        || -> std::io::Result<Streams> { Ok(Streams::new(streams::stdin()?, streams::stdout()?, streams::stderr()?)) };
    streams().map_err(CaptureError::Write)
}
