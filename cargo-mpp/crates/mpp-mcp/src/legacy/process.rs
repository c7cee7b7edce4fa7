//! The process of a server: its own process group, a small environment, and the end of what it writes to stderr.

use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::reach::Launch;

/// Bytes of stderr that are kept.
const TAIL: usize = 4 * 1024;

/// How long a server may take to end after each step: the end of its input, and the signal that asks it to end.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long to wait for the rest of stderr after the process has ended: a program that it started may keep the pipe open.
const REST: Duration = Duration::from_secs(1);

/// Pause between two looks at a process that is ending.
const LOOK: Duration = Duration::from_millis(5);

/// A process that was started.
pub(super) struct Process {
    child: Mutex<Child>,
    id: Pid,
    stderr: Arc<Mutex<Vec<u8>>>,
    /// Disconnected when stderr has been read to its end.
    stderr_end: Mutex<Receiver<()>>,
}

impl Process {
    /// Starts the process. Returns the streams to and from it.
    pub(super) fn start(launch: &Launch) -> io::Result<(Self, ChildStdin, ChildStdout)> {
        let (program, arguments) = launch.command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&launch.cwd)
            .env_clear()
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::Other)?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let tail = Arc::default();
        let kept = Arc::clone(&tail);
        let (reading, stderr_end) = channel();
        // A pipe that nobody reads would stop the server.
        std::thread::Builder::new().name("mpp-server-stderr".to_owned()).spawn(move || {
            keep_tail(stderr, &kept);
            drop(reading);
        })?;
        Ok((Self { child: Mutex::new(child), id, stderr: tail, stderr_end: Mutex::new(stderr_end) }, stdin, stdout))
    }

    /// Returns the end of what the server wrote to stderr.
    pub(super) fn stderr(&self) -> String {
        String::from_utf8_lossy(&lock(&self.stderr)).trim().to_owned()
    }

    /// Waits until the process has ended by itself, at most for `patience`.
    fn has_ended(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        // The process is not reaped yet, so that its id stays its own until the group has been ended.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        loop {
            match waitid(WaitId::Pid(self.id), options) {
                Ok(None) if Instant::now() < until => std::thread::sleep(LOOK),
                Ok(None) => return false,
                Ok(Some(_)) | Err(_) => return true,
            }
        }
    }

    /// Ends the process and its group, whose input has been closed: waits, asks, and then ends it. Returns the exit status.
    pub(super) fn end(&self) -> Option<ExitStatus> {
        self.end_after(PATIENCE)
    }

    /// Ends the process and its group as [`end`](Self::end) does, but waits only for `patience` at first.
    pub(super) fn end_after(&self, patience: Duration) -> Option<ExitStatus> {
        let mut child = lock(&self.child);
        if let Ok(Some(status)) = child_status(&mut child, self) {
            return Some(status);
        }
        if !self.has_ended(patience) {
            // A group that does not exist any more has ended.
            let _ = kill_process_group(self.id, Signal::TERM);
            self.has_ended(PATIENCE);
        }
        // Programs that the server started may still run.
        let _ = kill_process_group(self.id, Signal::KILL);
        let status = child.wait().ok();
        // What the process wrote last says why it ended.
        let _ = lock(&self.stderr_end).recv_timeout(REST);
        status
    }
}

/// Returns the status of a process that was reaped before.
fn child_status(child: &mut Child, process: &Process) -> io::Result<Option<ExitStatus>> {
    // A process that has not ended must not be reaped before its group.
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    match waitid(WaitId::Pid(process.id), options) {
        Err(_) => child.try_wait(),
        Ok(_) => Ok(None),
    }
}

fn keep_tail(mut stderr: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 4096];
    loop {
        match stderr.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => {
                let mut kept = lock(kept);
                kept.extend_from_slice(&chunk[..count]);
                let surplus = kept.len().saturating_sub(TAIL);
                kept.drain(..surplus);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
