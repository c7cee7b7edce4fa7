//! Runs a child process, forwards its output line by line, and terminates it when the build is cancelled.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use mpp_host::CancelHandle;

/// The stream that a line was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// The way in which a child process ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Exit(ExitStatus),
    Cancelled,
}

/// Maximum length of a line in bytes; a longer one is forwarded in pieces.
const MAX_LINE: usize = 1 << 20;
/// Interval at which the handle is checked while a child writes nothing.
const TICK: Duration = Duration::from_millis(50);

/// Runs `command` with an empty stdin and passes each line of its output to `on_line`.
pub(crate) fn run(
    mut command: Command,
    cancel: &CancelHandle,
    mut on_line: impl FnMut(Stream, String),
) -> std::io::Result<Ended> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (sender, lines) = channel();
    let readers = [
        child.stdout.take().map(|pipe| read_lines(pipe, Stream::Stdout, sender.clone())),
        child.stderr.take().map(|pipe| read_lines(pipe, Stream::Stderr, sender.clone())),
    ];
    drop(sender);
    loop {
        if cancel.is_cancelled() {
            end(&mut child)?;
            return Ok(Ended::Cancelled);
        }
        match lines.recv_timeout(TICK) {
            Ok((stream, line)) => on_line(stream, line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    drop(readers);
    let status = child.wait()?;
    // Ctrl-C on a terminal reaches the child as well, and the child may end before this process cancels the build.
    if cancel.is_cancelled() { Ok(Ended::Cancelled) } else { Ok(Ended::Exit(status)) }
}

fn read_lines(
    pipe: impl Read + Send + 'static,
    stream: Stream,
    lines: Sender<(Stream, String)>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        // A carriage return ends a line that the next one overwrites, as in cargo's progress bar.
        let mut overwritten = false;
        while let Ok(available @ [_, ..]) = pipe.fill_buf() {
            let end = available.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let taken = end.unwrap_or(available.len()).min(MAX_LINE.saturating_sub(line.len()));
            line.extend_from_slice(&available[..taken]);
            let terminator = available.get(taken).copied().filter(|_| end == Some(taken));
            pipe.consume(taken + usize::from(terminator.is_some()));
            if terminator.is_none() && line.len() < MAX_LINE {
                continue;
            }
            // The end of `\r\n` is not a line of its own.
            let is_rest = overwritten && line.is_empty();
            overwritten = terminator == Some(b'\r');
            if !is_rest && lines.send((stream, String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
            line.clear();
        }
        if !line.is_empty() {
            let _ = lines.send((stream, String::from_utf8_lossy(&line).into_owned()));
        }
    })
}

/// Sends the child an interrupt signal, and kills it if it does not exit within two seconds.
fn end(child: &mut Child) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // An error means that the child has already exited.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        for _ in 0..40 {
            if child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(TICK);
        }
    }
    child.kill()?;
    child.wait().map(drop)
}

#[cfg(all(test, unix))]
mod tests {
    use super::{CancelHandle, Command, Ended, Stream, run};

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn forwards_both_streams_line_by_line() {
        let mut seen = Vec::new();
        let ended =
            run(sh("echo out; echo err >&2; printf last; exit 3"), &CancelHandle::new(), |s, l| seen.push((s, l)))
                .expect("run");
        assert!(matches!(ended, Ended::Exit(status) if status.code() == Some(3)));
        assert!(seen.contains(&(Stream::Stdout, "out".to_owned())), "{seen:?}");
        assert!(seen.contains(&(Stream::Stderr, "err".to_owned())), "{seen:?}");
        assert!(seen.contains(&(Stream::Stdout, "last".to_owned())), "{seen:?}");
    }

    #[test]
    fn a_line_that_is_overwritten_is_a_line() {
        let mut seen = Vec::new();
        let script = r"printf '1/2\r2/2\rdone\r\n\nend\n' >&2";
        run(sh(script), &CancelHandle::new(), |_, line| seen.push(line)).expect("run");
        assert_eq!(seen, ["1/2", "2/2", "done", "", "end"]);
    }

    #[test]
    fn a_cancelled_child_has_exited_when_run_returns() {
        let cancel = CancelHandle::new();
        let mut pid = None;
        let ended = run(sh("echo $$; exec sleep 600"), &cancel, |_, line| {
            pid = line.parse::<i32>().ok();
            cancel.cancel();
        });
        assert!(matches!(ended, Ok(Ended::Cancelled)));
        let pid = rustix::process::Pid::from_raw(pid.expect("the child printed its process id")).expect("an id");
        rustix::process::test_kill_process(pid).expect_err("no process has this id");
    }
}
