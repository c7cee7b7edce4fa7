//! The output of a server: lines of stdout within limits, and the end of stderr.

use std::io::{BufRead as _, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Maximum length of a line.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;
/// Maximum length of all lines.
const MOST: u64 = 64 * 1024 * 1024;
/// How much of stderr is kept.
const KEPT: usize = 4 * 1024;

/// What a server did.
pub(super) enum Event {
    /// It wrote a line.
    Line(Vec<u8>),
    /// It exceeded a limit.
    TooMuch(String),
    /// It closed its stdout.
    End,
    /// It wrote nothing in the time given.
    Nothing,
}

/// The output of a running server, which threads read so that the server never waits for a reader of stderr.
pub(super) struct Output {
    events: Receiver<Event>,
    stderr: Arc<Mutex<Vec<u8>>>,
    stderr_reader: Option<JoinHandle<()>>,
}

impl Output {
    /// Starts to read the output of a process.
    pub(super) fn of(child: &mut Child) -> Self {
        let (sender, events) = sync_channel(16);
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || read_lines(stdout, &sender));
        }
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let stderr_reader = child.stderr.take().map(|pipe| {
            let kept = Arc::clone(&stderr);
            std::thread::spawn(move || keep_end(pipe, &kept))
        });
        Self { events, stderr, stderr_reader }
    }

    /// Returns what the server does next, or [`Event::Nothing`] after this time.
    pub(super) fn next(&self, most: Duration) -> Event {
        match self.events.recv_timeout(most) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => Event::Nothing,
            Err(RecvTimeoutError::Disconnected) => Event::End,
        }
    }

    /// Waits until stderr was read to its end, at most for this time: a process that has ended may have left something in the pipe.
    pub(super) fn drain(&self, most: Duration) {
        let step = Duration::from_millis(5);
        let mut waited = Duration::ZERO;
        while self.stderr_reader.as_ref().is_some_and(|reader| !reader.is_finished()) && waited < most {
            std::thread::sleep(step);
            waited += step;
        }
    }

    /// Returns the end of stderr so far.
    pub(super) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// Sends each line, until the pipe is closed, a limit is exceeded, or nobody listens any more.
fn read_lines(stdout: impl Read, events: &SyncSender<Event>) {
    let mut reader = BufReader::new(stdout);
    let mut total: u64 = 0;
    loop {
        let mut line = Vec::new();
        let read = reader.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut line).unwrap_or_default() as u64;
        total += read;
        let event = match read {
            0 => Event::End,
            _ if read > LONGEST_LINE => {
                Event::TooMuch(format!("a line is longer than {} MiB", LONGEST_LINE / 1024 / 1024))
            }
            _ if total > MOST => Event::TooMuch(format!("it wrote more than {} MiB", MOST / 1024 / 1024)),
            _ if line.trim_ascii().is_empty() => continue,
            _ => Event::Line(line),
        };
        let is_last = !matches!(event, Event::Line(_));
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

fn keep_end(mut stderr: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..read]);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
}
