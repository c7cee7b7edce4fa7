//! Ctrl-C: ends child processes, removes partial files, and exits with 130.
//!
//! The handler is installed only by commands that have something to clean up (child processes, files). Without it, SIGINT ends the
//! process, and shells report 130 as well.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use mpp_host::CancelHandle;

use crate::exit::Exit;

/// The time that the main thread gets to end by itself after its child processes have ended.
const GRACE: Duration = Duration::from_millis(1_500);

static HAPPENED: AtomicBool = AtomicBool::new(false);
static PATIENT: AtomicBool = AtomicBool::new(true);
static INSTALL: Once = Once::new();
static CANCELS: Mutex<Vec<CancelHandle>> = Mutex::new(Vec::new());
static FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Returns whether the program was interrupted.
pub(crate) fn happened() -> bool {
    HAPPENED.load(Ordering::SeqCst)
}

/// Makes Ctrl-C (and SIGTERM, SIGHUP) clean up before the process ends.
pub(crate) fn watch() {
    INSTALL.call_once(|| {
        // Fails only if another handler is installed, which then decides.
        let _ = ctrlc::set_handler(stop);
    });
}

/// Makes Ctrl-C end the process at once, because the main thread has nothing left to clean up.
pub(crate) fn end_at_once() {
    PATIENT.store(false, Ordering::SeqCst);
}

/// Cancels a build on Ctrl-C.
pub(crate) fn cancel_on_interrupt(cancel: &CancelHandle) {
    CANCELS.lock().unwrap_or_else(PoisonError::into_inner).push(cancel.clone());
}

/// Removes `path` on Ctrl-C while the guard exists.
pub(crate) fn remove_on_interrupt(path: &Path) -> FileGuard {
    FILES.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    FileGuard(path.to_owned())
}

/// The guard of [`remove_on_interrupt`].
#[derive(Debug)]
pub(crate) struct FileGuard(PathBuf);

impl Drop for FileGuard {
    fn drop(&mut self) {
        FILES.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

fn stop() {
    let again = HAPPENED.swap(true, Ordering::SeqCst);
    CANCELS.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(CancelHandle::cancel);
    children::end_all();
    if !again && PATIENT.load(Ordering::SeqCst) {
        // The main thread sees its child fail, removes its temporary directories and exits with 130 itself.
        std::thread::sleep(GRACE);
        children::end_all();
    }
    for path in FILES.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = std::fs::remove_file(path);
    }
    leave();
}

#[expect(clippy::exit, reason = "the thread of the handler ends the process if the main thread did not")]
fn leave() -> ! {
    std::process::exit(i32::from(Exit::Interrupted.code()))
}

#[cfg(target_os = "linux")]
mod children {
    //! Descendants of this process, found through `/proc`.

    use std::collections::BTreeMap;

    use rustix::process::{Pid, Signal, kill_process};

    /// Sends SIGTERM to every descendant, leaves first, so that cargo can remove its locks.
    pub(super) fn end_all() {
        let mut parents: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for (pid, parent) in processes() {
            parents.entry(parent).or_default().push(pid);
        }
        let mut found = Vec::new();
        let mut open = vec![i32::try_from(std::process::id()).unwrap_or_default()];
        while let Some(pid) = open.pop() {
            let below = parents.remove(&pid).unwrap_or_default();
            found.extend(&below);
            open.extend(&below);
        }
        for pid in found.into_iter().rev().filter_map(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    fn processes() -> Vec<(i32, i32)> {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|entry| {
                let pid = entry.file_name().to_str()?.parse().ok()?;
                let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
                // `pid (name) state parent …`; the name can contain anything, so reading starts at the last parenthesis.
                let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
                Some((pid, parent))
            })
            .collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod children {
    //! On other systems the terminal signals the whole foreground group, child processes included.

    pub(super) fn end_all() {}
}
