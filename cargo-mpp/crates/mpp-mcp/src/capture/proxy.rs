//! A transparent proxy between a client and a server that is a child process.

use std::io::{self, Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::entry::{End, Origin};
use super::error::CaptureError;
use super::process::{self, Process};
use super::recorder::Tap;

/// Size of the buffer of each direction.
const CHUNK: usize = 64 << 10;
/// How long output is awaited after the server has ended. A process that it left behind can hold its pipes open for ever.
const LINGER: Duration = Duration::from_secs(2);

/// The streams of the client.
#[non_exhaustive]
pub struct Streams {
    /// What the client sends.
    pub input: Box<dyn Read + Send>,
    /// Where the client reads answers.
    pub output: Box<dyn Write + Send>,
    /// Where the server's stderr goes.
    pub errors: Box<dyn Write + Send>,
}

impl Streams {
    /// The streams of a client that writes to `input`, reads answers from `output` and the server's stderr from `errors`.
    #[must_use]
    pub fn new(
        input: impl Read + Send + 'static,
        output: impl Write + Send + 'static,
        errors: impl Write + Send + 'static,
    ) -> Self {
        Self { input: Box::new(input), output: Box::new(output), errors: Box::new(errors) }
    }
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Streams")
    }
}

/// A server that is running behind a proxy.
///
/// Every chunk is passed on as it was read, and before it is recorded. The end of the input and of the output is passed on, too.
#[derive(Debug)]
pub struct Proxy {
    child: Child,
    process: Process,
    ended: Receiver<Origin>,
    /// Held while a message of the client is passed on and recorded.
    busy: Arc<Mutex<()>>,
}

impl Proxy {
    /// Starts the server and passes on messages in both directions.
    ///
    /// # Errors
    /// Returns [`CaptureError::Start`] if the server cannot be started.
    pub fn start(mut command: Command, streams: Streams, tap: &Tap) -> Result<Self, CaptureError> {
        let Streams { input, output, errors } = streams;
        let (mut child, process) = process::start(&mut command)?;
        let (sender, ended) = channel();
        let to_server = child.stdin.take().map(|stdin| Box::new(stdin) as Box<dyn Write + Send>);
        let busy = Arc::new(Mutex::new(()));
        pump(Origin::Client, input, to_server, tap, &sender, &busy)?;
        if let Some(stdout) = child.stdout.take() {
            pump(Origin::Server, Box::new(stdout), Some(output), tap, &sender, &Arc::default())?;
        }
        if let Some(stderr) = child.stderr.take() {
            pump(Origin::Stderr, Box::new(stderr), Some(errors), tap, &sender, &Arc::default())?;
        }
        Ok(Self { child, process, ended, busy })
    }

    /// Returns the server, for passing on signals.
    #[must_use]
    pub fn process(&self) -> Process {
        self.process
    }

    /// Waits for the server to end, and until its output has been passed on.
    ///
    /// # Errors
    /// Returns an error if the end of the server cannot be observed.
    pub fn wait(mut self) -> Result<End, CaptureError> {
        let status = self.child.wait().map_err(CaptureError::Write)?;
        let mut open = 2;
        while open > 0 {
            match self.ended.recv_timeout(LINGER) {
                Ok(Origin::Client) => {}
                Ok(_) => open -= 1,
                Err(_) => break,
            }
        }
        // What the server was sent last may not have been recorded yet.
        drop(self.busy.lock());
        Ok(status.into())
    }
}

/// Starts a thread that passes on one stream.
fn pump(
    from: Origin,
    mut source: Box<dyn Read + Send>,
    mut target: Option<Box<dyn Write + Send>>,
    tap: &Tap,
    ended: &Sender<Origin>,
    busy: &Arc<Mutex<()>>,
) -> Result<(), CaptureError> {
    let (tap, ended, busy) = (tap.clone(), ended.clone(), Arc::clone(busy));
    let run = move || {
        let mut buffer = vec![0; CHUNK];
        loop {
            let length = match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let _busy = busy.lock();
            let chunk = &buffer[..length];
            let at = tap.now();
            if let Some(open) = &mut target
                && open.write_all(chunk).and_then(|()| open.flush()).is_err()
            {
                target = None;
                // A client that is gone: the server notices when its pipe is closed, as it would without a proxy.
                if from == Origin::Server {
                    break;
                }
                // A server that no longer reads: what the client sends is still recorded.
            }
            tap.bytes(at, from, chunk.to_vec());
        }
        // Closes the other side before anybody waits for it.
        drop(target);
        drop(source);
        tap.closed(from);
        // Nobody waits any more when the proxy has ended.
        let _ = ended.send(from);
    };
    std::thread::Builder::new().name(format!("{from:?}")).spawn(run).map(|_| ()).map_err(CaptureError::Write)
}
