//! Ctrl-C: child processes are ended, half-written files removed, and the process exits with 130.
//!
//! The handler is installed only where there is something to clean up (children, files): without it a process that gets
//! SIGINT just ends, and shells report 130 as well.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use mpp_build::Cancel;

use crate::exit::Exit;

/// How long the main thread gets to end by itself once its children are gone.
const GRACE: Duration = Duration::from_millis(1_500);

static HAPPENED: AtomicBool = AtomicBool::new(false);
static PATIENT: AtomicBool = AtomicBool::new(true);
static INSTALL: Once = Once::new();
static CANCELS: Mutex<Vec<Cancel>> = Mutex::new(Vec::new());
static FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Whether the user asked to stop.
pub(crate) fn happened() -> bool {
    HAPPENED.load(Ordering::SeqCst)
}

/// From now on, Ctrl-C (and SIGTERM, SIGHUP) cleans up before the process ends.
pub(crate) fn watch() {
    INSTALL.call_once(|| {
        // Fails only where another handler is installed; then that one decides.
        let _ = ctrlc::set_handler(stop);
    });
}

/// From now on there is nothing left that the main thread would clean up: Ctrl-C ends the process at once.
pub(crate) fn end_at_once() {
    PATIENT.store(false, Ordering::SeqCst);
}

/// Sets `cancel` on Ctrl-C.
pub(crate) fn cancel_on_interrupt(cancel: &Cancel) {
    CANCELS.lock().unwrap_or_else(PoisonError::into_inner).push(cancel.clone());
}

/// Removes `path` on Ctrl-C as long as the guard lives.
pub(crate) fn remove_on_interrupt(path: &Path) -> FileGuard {
    FILES.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    FileGuard(path.to_owned())
}

/// See [`remove_on_interrupt`].
#[derive(Debug)]
pub(crate) struct FileGuard(PathBuf);

impl Drop for FileGuard {
    fn drop(&mut self) {
        FILES.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

fn stop() {
    let again = HAPPENED.swap(true, Ordering::SeqCst);
    CANCELS.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(Cancel::cancel);
    children::end_all();
    if !again && PATIENT.load(Ordering::SeqCst) {
        // The main thread sees its child fail, unwinds (temporary directories go) and exits with 130 itself.
        std::thread::sleep(GRACE);
        children::end_all();
    }
    for path in FILES.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = std::fs::remove_file(path);
    }
    leave();
}

#[expect(clippy::exit, reason = "the handler's thread ends the process when the main thread did not")]
fn leave() -> ! {
    std::process::exit(i32::from(Exit::Interrupted as u8))
}

#[cfg(target_os = "linux")]
mod children {
    //! Descendants of this process, found through `/proc`.

    use std::collections::BTreeMap;

    use rustix::process::{Pid, Signal, kill_process};

    /// Ends every descendant: asked first (cargo removes its locks), from the leaves up.
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
                // `pid (name) state parent …`; the name may hold anything, so read from its last parenthesis.
                let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
                Some((pid, parent))
            })
            .collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod children {
    //! Elsewhere the terminal itself signals the whole foreground group, children included.

    pub(super) fn end_all() {}
}
