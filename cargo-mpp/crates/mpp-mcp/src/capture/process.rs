//! The server as a child process, in a process group of its own.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::error::CaptureError;

/// A running server, for passing on signals. Launchers such as `npx` start the server as a child of their own, so signals go to
/// the whole process group.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    #[cfg_attr(not(unix), expect(dead_code, reason = "signals are a matter of Unix"))]
    id: u32,
}

impl Process {
    /// Sends a signal, by its number, to the server and its child processes. On systems without signals this does nothing.
    pub fn signal(self, number: i32) {
        #[cfg(unix)]
        if let (Some(pid), Some(signal)) = (
            i32::try_from(self.id).ok().and_then(rustix::process::Pid::from_raw),
            rustix::process::Signal::from_named_raw(number),
        ) {
            // The group may have ended already.
            let _ = rustix::process::kill_process_group(pid, signal);
        }
        #[cfg(not(unix))]
        let _ = number;
    }
}

/// Starts the server with pipes for all three streams.
pub(super) fn start(command: &mut Command) -> Result<(Child, Process), CaptureError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.spawn().map_err(|source| CaptureError::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })?;
    let id = child.id();
    Ok((child, Process { id }))
}

/// Waits until the server has ended, at most for `time`. Returns whether it has.
pub(super) fn ended_within(child: &mut Child, time: Duration) -> bool {
    let step = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match child.try_wait() {
            Ok(None) if waited < time => {
                std::thread::sleep(step);
                waited += step;
            }
            Ok(None) => return false,
            Ok(Some(_)) | Err(_) => return true,
        }
    }
}
