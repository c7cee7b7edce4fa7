//! A server that is a process: one message a line on its stdin and stdout.
//!
//! A message is written by the thread that sends it, as long as the server reads. What does not fit into the pipe is left to a thread of the
//! connection, so that a server that does not read blocks nobody.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Connection, End, Link};
use crate::legacy::process::Process;
use crate::legacy::reach::Launch;
use crate::stdio::lines::{Line, LineReader};

/// How long a process whose output has ended may take to end by itself: its status says why. Some have much to clean up.
const AFTER_OUTPUT: Duration = Duration::from_secs(3);

/// Pause before another attempt to write to a pipe that is full.
const FULL: Duration = Duration::from_millis(1);

/// Most messages that may wait before questions of the server are left unanswered.
const MOST_LEFT: usize = 1000;

/// The process, and the way to its input.
pub(super) struct Pipe {
    process: Process,
    /// The input; `None` when it has been closed.
    input: Mutex<Option<Input>>,
}

/// The input of a process.
struct Input {
    /// The pipe, if it can be written to without waiting.
    direct: Option<File>,
    lines: Sender<Vec<u8>>,
    /// Number of lines that are left to the writing thread.
    left: Arc<AtomicUsize>,
}

/// The streams of a process that nobody reads and writes yet.
pub(super) struct Streams {
    stdin: ChildStdin,
    stdout: ChildStdout,
    lines: Receiver<Vec<u8>>,
    left: Arc<AtomicUsize>,
}

impl Pipe {
    /// Starts the process.
    pub(super) fn start(launch: &Launch) -> std::io::Result<(Self, Streams)> {
        let (process, stdin, stdout) = Process::start(launch)?;
        let (sender, lines) = channel();
        let left = Arc::new(AtomicUsize::new(0));
        let input = Input { direct: without_waiting(&stdin).ok().flatten(), lines: sender, left: Arc::clone(&left) };
        Ok((Self { process, input: Mutex::new(Some(input)) }, Streams { stdin, stdout, lines, left }))
    }

    /// Sends a message.
    pub(super) fn send(&self, message: &str) {
        let mut bytes = Vec::with_capacity(message.len() + 1);
        // A line break between the members of arguments is no part of them, and would end the message.
        bytes.extend(message.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte }));
        bytes.push(b'\n');
        if let Some(input) = &mut *self.input.lock().unwrap_or_else(PoisonError::into_inner) {
            input.write(bytes);
        }
    }

    /// Returns whether many messages wait because the server does not read.
    pub(super) fn is_behind(&self) -> bool {
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        input.as_ref().is_some_and(|input| input.left.load(Ordering::Acquire) > MOST_LEFT)
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
        *self.input.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Input {
    /// Writes a line, or leaves it to the writing thread.
    fn write(&mut self, mut line: Vec<u8>) {
        // A line after one that is left would overtake it.
        if let Some(pipe) = self.direct.as_mut().filter(|_| self.left.load(Ordering::Acquire) == 0) {
            let written = write_what_fits(pipe, &line);
            if written == line.len() {
                return;
            }
            line.drain(..written);
        }
        self.left.fetch_add(1, Ordering::Release);
        // Without a writer, the reader reports the end of the connection.
        let _ = self.lines.send(line);
    }
}

/// Returns the pipe for writing without waiting, which then holds for each use of it; `None` where this is not possible.
#[cfg(unix)]
fn without_waiting(stdin: &ChildStdin) -> io::Result<Option<File>> {
    use std::os::fd::AsFd as _;

    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

    let pipe = stdin.as_fd().try_clone_to_owned()?;
    fcntl_setfl(&pipe, fcntl_getfl(&pipe)? | OFlags::NONBLOCK)?;
    Ok(Some(pipe.into()))
}

#[cfg(not(unix))]
fn without_waiting(_: &ChildStdin) -> io::Result<Option<File>> {
    Ok(None)
}

/// Writes until the pipe is full or broken, and returns the number of bytes that were written.
fn write_what_fits(pipe: &mut File, bytes: &[u8]) -> usize {
    let mut written = 0;
    while written < bytes.len() {
        match pipe.write(&bytes[written..]) {
            Ok(0) => break,
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    written
}

impl Streams {
    /// Starts the threads that write and read.
    pub(super) fn read(self, connection: &Arc<Connection>) -> std::io::Result<()> {
        let Self { stdin, stdout, lines, left } = self;
        std::thread::Builder::new()
            .name("mpp-server-in".to_owned())
            .spawn(move || write_lines(stdin, &lines, &left))?;
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

fn write_lines(mut stdin: ChildStdin, lines: &Receiver<Vec<u8>>, left: &AtomicUsize) {
    for line in lines {
        // A server that does not read ends its output, or lets the requests time out.
        if write_all(&mut stdin, &line).is_err() {
            return;
        }
        left.fetch_sub(1, Ordering::Release);
    }
}

fn write_all(stdin: &mut ChildStdin, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stdin.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(FULL),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    stdin.flush()
}

fn in_words(status: Option<std::process::ExitStatus>) -> String {
    match status {
        Some(status) => format!("ended with {status}"),
        None => "ended with an unknown status".to_owned(),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn lines_keep_their_order_also_if_the_server_does_not_read_for_a_while() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let (sender, lines) = channel();
        let left = Arc::new(AtomicUsize::new(0));
        let mut input = Input { direct: without_waiting(&stdin).unwrap(), lines: sender, left: Arc::clone(&left) };
        let writer = std::thread::spawn({
            let left = Arc::clone(&left);
            move || write_lines(stdin, &lines, &left)
        });
        let mut expected = String::new();
        // More than the pipes of both directions hold, in lines longer and shorter than what is written at once.
        for number in 0..2000 {
            let line = format!("{number} {}\n", "x".repeat(number % 7 * 100));
            expected.push_str(&line);
            input.write(line.into_bytes());
        }
        assert!(left.load(Ordering::Acquire) > 0, "nothing was left to the thread");
        let mut written = vec![0; expected.len()];
        child.stdout.as_mut().unwrap().read_exact(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
        drop(input);
        writer.join().unwrap();
        let mut rest = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty() && child.wait().unwrap().success());
    }
}
