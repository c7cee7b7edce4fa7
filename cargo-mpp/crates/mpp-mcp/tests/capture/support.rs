//! A server that is compiled once, and captures in memory.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};

use mpp_host::clock::SystemClock;
use mpp_mcp::capture::{Capture, Header, Recorder, Redactor, TransportKind};

/// Returns a command that starts the test server in this state of health.
pub(crate) fn server(mode: &str) -> Command {
    static SERVER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, program) = SERVER.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join(format!("server{}", std::env::consts::EXE_SUFFIX));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/server.rs");
        let status =
            Command::new("rustc").args(["--edition", "2024", "-o"]).arg(&program).arg(source).status().unwrap();
        assert!(status.success());
        (dir, program)
    });
    let mut command = Command::new(program);
    command.arg(mode);
    command
}

/// Starts a recorder that writes to memory.
pub(crate) fn recorder(redactor: Option<Redactor>) -> (Recorder, Memory) {
    let memory = Memory::default();
    let header = Header::new(std::time::UNIX_EPOCH, TransportKind::Stdio);
    (Recorder::start(memory.clone(), header, Arc::new(SystemClock::new()), redactor).unwrap(), memory)
}

/// Bytes that are written by other threads.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    pub(crate) fn capture(&self) -> Capture {
        Capture::parse(self.text().as_bytes()).unwrap()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An input that a test fills, and ends by dropping the sender.
pub(crate) fn input() -> (Sender<Vec<u8>>, Input) {
    let (sender, chunks) = channel();
    (sender, Input { chunks, rest: Vec::new() })
}

pub(crate) struct Input {
    chunks: Receiver<Vec<u8>>,
    rest: Vec<u8>,
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = self.chunks.recv().unwrap_or_default();
        }
        let length = self.rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest.drain(..length);
        Ok(length)
    }
}
