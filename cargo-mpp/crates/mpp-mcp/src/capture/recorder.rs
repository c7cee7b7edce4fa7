//! Writes a capture in a thread of its own, so that messages are passed on without waiting for the file.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_host::clock::Clock;
use serde_json::Value;
use serde_json::value::RawValue;

use super::entry::{End, Entry, Header, HttpPart, Observed, Origin};
use super::error::CaptureError;
use super::lines::{Kept, Line, Splitter};
use super::redact::Redactor;

/// Number of chunks that may wait to be written. When the file is slower than the messages, senders wait.
const WAITING: usize = 1024;
/// Number of bytes of stderr that are recorded.
const MOST_STDERR: u64 = 1 << 20;

/// A capture that is being written.
#[derive(Debug)]
pub struct Recorder {
    tap: Tap,
    thread: JoinHandle<Result<Recorded, io::Error>>,
}

/// Takes copies of what is passed on. Clones write to the same capture.
#[derive(Debug, Clone)]
pub struct Tap {
    sender: SyncSender<Event>,
    clock: Arc<dyn Clock>,
    start: Duration,
}

/// What was recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// Number of messages of the client.
    pub from_client: u64,
    /// Number of messages of the server.
    pub from_server: u64,
    /// Number of lines of client and server that are not JSON.
    pub not_json: u64,
    /// Number of redactions.
    pub redactions: u64,
}

#[derive(Debug)]
enum Event {
    Chunk(u64, Origin, Vec<u8>),
    Closed(u64, Origin),
    Entry(Box<Entry>),
    Secret(String, String),
    End(u64, Option<End>),
}

impl Recorder {
    /// Writes the header to `file` and starts to record. With a redactor, entries are redacted before they are written.
    ///
    /// # Errors
    /// Returns an error if the header cannot be written.
    pub fn start(
        file: impl Write + Send + 'static,
        mut header: Header,
        clock: Arc<dyn Clock>,
        redactor: Option<Redactor>,
    ) -> Result<Self, CaptureError> {
        header.redacted = redactor.is_some();
        if let Some(redactor) = &redactor {
            header.command = header.command.iter().map(|argument| redactor.text(argument).0).collect();
            header.url = header.url.map(|url| redactor.text(&url).0);
        }
        let mut file = BufWriter::with_capacity(64 << 10, file);
        write_line(&mut file, &header).and_then(|()| file.flush()).map_err(CaptureError::Write)?;
        let (sender, events) = sync_channel(WAITING);
        let writer = Writer { file, redactor, recorded: Recorded::default(), stderr: 0 };
        let thread = std::thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || writer.run(&events))
            .map_err(CaptureError::Write)?;
        let start = clock.monotonic();
        Ok(Self { tap: Tap { sender, clock, start }, thread })
    }

    /// Returns what takes the copies.
    #[must_use]
    pub fn tap(&self) -> Tap {
        self.tap.clone()
    }

    /// Writes how the server ended, and completes the file.
    ///
    /// # Errors
    /// Returns an error if a part of the capture could not be written.
    pub fn finish(self, end: Option<End>) -> Result<Recorded, CaptureError> {
        let now = self.tap.now();
        self.tap.send(Event::End(now, end));
        drop(self.tap);
        match self.thread.join() {
            Ok(recorded) => recorded.map_err(CaptureError::Write),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Tap {
    /// Returns the microseconds since the capture began.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.clock.monotonic().saturating_sub(self.start).as_micros()).unwrap_or(u64::MAX)
    }

    /// Records bytes that were passed on at `at`. Lines may begin and end anywhere in them.
    pub fn bytes(&self, at: u64, from: Origin, bytes: Vec<u8>) {
        self.send(Event::Chunk(at, from, bytes));
    }

    /// Records that a stream has ended.
    pub fn closed(&self, from: Origin) {
        self.send(Event::Closed(self.now(), from));
    }

    /// Records a whole message, or the empty body of an HTTP request or response.
    pub(super) fn message(&self, at: u64, from: Origin, kept: &Kept, http: Option<HttpPart>) {
        let bytes = &kept.bytes;
        let mut entry = Entry { at, from: Some(from), http, omitted: kept.omitted, ..Entry::default() };
        if !bytes.is_empty() {
            fill(&mut entry, bytes.clone());
        }
        self.entry(entry);
    }

    /// Tells a value that is redacted from now on, if anything is.
    pub(super) fn secret(&self, name: &str, value: &str) {
        self.send(Event::Secret(name.to_owned(), value.to_owned()));
    }

    /// Records a request of the server to another one.
    pub fn exchange(&self, exchange: Value) {
        self.entry(Entry { at: self.now(), exchange: Some(exchange), ..Entry::default() });
    }

    /// Records that the requests to a host could not be recorded.
    pub fn unrecorded(&self, host_and_reason: String) {
        self.entry(Entry { at: self.now(), unrecorded: Some(host_and_reason), ..Entry::default() });
    }

    /// Records what the server did besides sending messages.
    pub fn observed(&self, observed: Observed) {
        self.entry(Entry { at: self.now(), observed: Some(observed), ..Entry::default() });
    }

    /// Records an entry as it is.
    pub fn entry(&self, entry: Entry) {
        self.send(Event::Entry(Box::new(entry)));
    }

    fn send(&self, event: Event) {
        // The thread ends only after the end of the capture; what comes later does not belong to it.
        let _ = self.sender.send(event);
    }
}

struct Writer<W: Write> {
    file: BufWriter<W>,
    redactor: Option<Redactor>,
    recorded: Recorded,
    stderr: u64,
}

impl<W: Write> Writer<W> {
    fn run(mut self, events: &Receiver<Event>) -> Result<Recorded, io::Error> {
        let [mut client, mut server, mut stderr] = [(); 3].map(|()| Splitter::default());
        // After a failure the events are still received, so that nobody waits for room.
        let mut failure = None;
        loop {
            let event = match events.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) => {
                    // Nothing to do: what was recorded so far can be read while the capture goes on.
                    keep(&mut failure, self.file.flush());
                    let Ok(event) = events.recv() else { break };
                    event
                }
                Err(TryRecvError::Disconnected) => break,
            };
            let of = |from: Origin| match from {
                Origin::Client => 0,
                Origin::Server => 1,
                Origin::Stderr => 2,
            };
            match event {
                Event::Chunk(at, from, bytes) => {
                    let splitter = [&mut client, &mut server, &mut stderr].into_iter().nth(of(from));
                    let mut lines = Vec::new();
                    if let Some(splitter) = splitter {
                        splitter.push(&bytes, |line| lines.push(line));
                    }
                    lines.into_iter().for_each(|line| keep(&mut failure, self.line(at, from, line, false)));
                }
                Event::Closed(at, from) => {
                    let splitter = [&mut client, &mut server, &mut stderr].into_iter().nth(of(from));
                    if let Some(line) = splitter.and_then(Splitter::rest) {
                        keep(&mut failure, self.line(at, from, line, true));
                    }
                }
                Event::Entry(entry) => keep(&mut failure, self.entry(*entry)),
                Event::Secret(name, value) => {
                    if let Some(redactor) = &mut self.redactor {
                        redactor.add(name, value);
                    }
                }
                Event::End(at, end) => {
                    for (from, splitter) in
                        [(Origin::Client, client), (Origin::Server, server), (Origin::Stderr, stderr)]
                    {
                        let mut splitter = splitter;
                        if let Some(line) = splitter.rest() {
                            keep(&mut failure, self.line(at, from, line, true));
                        }
                    }
                    if let Some(mut end) = end {
                        end.stderr_omitted = self.stderr.saturating_sub(MOST_STDERR);
                        keep(&mut failure, self.entry(Entry { at, end: Some(end), ..Entry::default() }));
                    }
                    break;
                }
            }
        }
        keep(&mut failure, self.file.flush());
        failure.map_or(Ok(self.recorded), Err)
    }

    fn line(&mut self, at: u64, from: Origin, line: Line, partial: bool) -> io::Result<()> {
        if from == Origin::Stderr {
            self.stderr += line.bytes.len() as u64 + line.omitted;
            if self.stderr > MOST_STDERR {
                return Ok(());
            }
        }
        let mut entry = Entry { at, from: Some(from), partial, omitted: line.omitted, ..Entry::default() };
        fill(&mut entry, line.bytes);
        self.entry(entry)
    }

    fn entry(&mut self, mut entry: Entry) -> io::Result<()> {
        match (entry.from, &entry.message) {
            (Some(Origin::Client), Some(_)) => self.recorded.from_client += 1,
            (Some(Origin::Server), Some(_)) => self.recorded.from_server += 1,
            (Some(Origin::Client | Origin::Server), None) if entry.text.is_some() || entry.base64.is_some() => {
                self.recorded.not_json += 1
            }
            _ => {}
        }
        if let Some(redactor) = &self.redactor {
            redact(&mut entry, redactor);
            self.recorded.redactions += entry.redacted.values().sum::<u64>();
        }
        write_line(&mut self.file, &entry)
    }
}

/// Sets the message, the text or the bytes of an entry.
fn fill(entry: &mut Entry, bytes: Vec<u8>) {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return entry.base64 = Some(STANDARD.encode(error.as_bytes())),
    };
    let is_whole = entry.from != Some(Origin::Stderr) && entry.omitted == 0;
    match serde_json::from_str::<&RawValue>(&text) {
        // A message of several lines would take several lines of the file.
        Ok(message) if is_whole && !message.get().contains(['\n', '\r']) => entry.message = Some(message.to_owned()),
        Ok(message) if is_whole => entry.message = RawValue::from_string(one_line(message.get())).ok(),
        _ => entry.text = Some(text),
    }
}

/// Replaces the line breaks between the tokens of a JSON text by spaces. Strings contain none.
fn one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ")
}

/// Redacts an entry in place.
fn redact(entry: &mut Entry, redactor: &Redactor) {
    if let Some(message) = &entry.message {
        let (json, counts) = redactor.json(message.get());
        if !counts.is_empty() {
            entry.message = RawValue::from_string(json).ok();
            entry.redacted = counts;
        }
    }
    for value in entry.http.iter_mut().flat_map(|part| part.path.iter_mut().chain(part.headers.values_mut())) {
        let (text, counts) = redactor.text(value);
        if !counts.is_empty() {
            *value = text;
            entry.redacted.extend(counts);
        }
    }
    if let Some(exchange) = &entry.exchange {
        let (json, counts) = redactor.json(&exchange.to_string());
        if !counts.is_empty() {
            entry.exchange = serde_json::from_str(&json).ok();
            entry.redacted.extend(counts);
        }
    }
    if let Some(observed) = &mut entry.observed {
        // Names of people and values of variables are in paths; addresses and hosts are what an inventory is about.
        for paths in [&mut observed.read, &mut observed.written] {
            *paths = std::mem::take(paths)
                .into_iter()
                .map(|path| {
                    let (path, counts) = redactor.text(&path);
                    counts.into_iter().for_each(|(name, count)| *entry.redacted.entry(name).or_default() += count);
                    path
                })
                .collect();
        }
    }
    if let Some(text) = &entry.text {
        let (text, counts) = redactor.text(text);
        if !counts.is_empty() {
            entry.text = Some(text);
            entry.redacted.extend(counts);
        }
    }
    // Bytes that are not text cannot be searched, so they are left out.
    if let Some(bytes) = entry.base64.take() {
        entry.text = Some("[REDACTED:unreadable]".to_owned());
        entry.omitted += STANDARD.decode(bytes).map_or(0, |bytes| bytes.len() as u64);
        entry.redacted = [(mpp_host::privacy::UNREADABLE.to_owned(), 1)].into();
    }
}

fn write_line(file: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *file, value)?;
    file.write_all(b"\n")
}

/// Remembers the first failure.
fn keep(failure: &mut Option<io::Error>, result: io::Result<()>) {
    if let (None, Err(error)) = (&failure, result) {
        *failure = Some(error);
    }
}
