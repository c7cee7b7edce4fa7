//! A server that is a process: one message a line on its stdin and stdout.

use std::io::Write as _;
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Connection, End, Link};
use crate::legacy::process::Process;
use crate::legacy::reach::Launch;
use crate::stdio::lines::{Line, LineReader};

/// How long a process whose output has ended may take to end.
const AFTER_OUTPUT: Duration = Duration::from_millis(500);

/// The process, and the way to its input.
pub(super) struct Pipe {
    process: Process,
    /// Lines for the server; `None` when its input has been closed.
    lines: Mutex<Option<Sender<Vec<u8>>>>,
}

/// The streams of a process that nobody reads and writes yet.
pub(super) struct Streams {
    stdin: ChildStdin,
    stdout: ChildStdout,
    lines: Receiver<Vec<u8>>,
}

impl Pipe {
    /// Starts the process.
    pub(super) fn start(launch: &Launch) -> std::io::Result<(Self, Streams)> {
        let (process, stdin, stdout) = Process::start(launch)?;
        let (sender, lines) = channel();
        Ok((Self { process, lines: Mutex::new(Some(sender)) }, Streams { stdin, stdout, lines }))
    }

    /// Sends a message.
    pub(super) fn send(&self, message: &str) {
        let mut bytes = Vec::with_capacity(message.len() + 1);
        // A line break between the members of arguments is no part of them, and would end the message.
        bytes.extend(message.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte }));
        bytes.push(b'\n');
        if let Some(lines) = &*self.lines.lock().unwrap_or_else(PoisonError::into_inner) {
            // Without a writer, the reader reports the end of the connection.
            let _ = lines.send(bytes);
        }
    }

    /// Closes the server's input and ends it. Returns how it ended, as the end of a sentence about the server.
    pub(super) fn close(&self) -> String {
        self.close_input();
        in_words(self.process.end())
    }

    /// Returns the end of what the server wrote to stderr.
    pub(super) fn stderr(&self) -> String {
        self.process.stderr()
    }

    fn close_input(&self) {
        *self.lines.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Streams {
    /// Starts the threads that write and read.
    pub(super) fn read(self, connection: &Arc<Connection>) -> std::io::Result<()> {
        let Self { stdin, stdout, lines } = self;
        std::thread::Builder::new().name("mpp-server-in".to_owned()).spawn(move || write_lines(stdin, &lines))?;
        let connection = Arc::clone(connection);
        std::thread::Builder::new().name("mpp-server-out".to_owned()).spawn(move || read_lines(stdout, &connection))?;
        Ok(())
    }
}

fn read_lines(stdout: ChildStdout, connection: &Arc<Connection>) {
    let mut reader = LineReader::new(stdout);
    while let Some(line) = reader.next() {
        match &line {
            Line::Bytes(line) if line.iter().all(u8::is_ascii_whitespace) => {}
            Line::Bytes(line) => connection.received(line, None),
            Line::TooLong(head) => connection.too_long(head, None),
        }
    }
    if let Link::Pipe(pipe) = &connection.link {
        pipe.close_input();
        let what = in_words(pipe.process.end_after(AFTER_OUTPUT));
        connection.has_come_to(End { what, stderr: pipe.process.stderr(), is_session: false });
    }
}

fn write_lines(mut stdin: ChildStdin, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        // A server that does not read ends its output, or lets the requests time out.
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn in_words(status: Option<std::process::ExitStatus>) -> String {
    match status {
        Some(status) => format!("ended with {status}"),
        None => "ended with an unknown status".to_owned(),
    }
}
