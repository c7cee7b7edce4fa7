//! Passes on signals to a server in whose place this program was started.

use mpp_mcp::capture::Process;

/// Passes on the signals that ask a process to end or to reload, from now on.
#[cfg(unix)]
pub(crate) fn signals_to(process: Process) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    use signal_hook::iterator::Signals;

    // Without a handler, a signal ends this program as it would without a server.
    let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2]) else { return };
    std::thread::spawn(move || signals.forever().for_each(|signal| process.signal(signal)));
}

/// On other systems the console signals the server itself.
#[cfg(not(unix))]
pub(crate) fn signals_to(_process: Process) {}

/// The signals that ask this program to end, from the moment at which this value exists.
pub(crate) struct EndRequests {
    #[cfg(unix)]
    signals: Option<signal_hook::iterator::Signals>,
    #[cfg(not(unix))]
    asked: std::sync::mpsc::Receiver<()>,
}

impl EndRequests {
    /// Starts to listen for them.
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

        Self { signals: signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]).ok() }
    }

    /// Starts to listen for them.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        let (sender, asked) = std::sync::mpsc::channel();
        // Without a handler, the sender is dropped with the closure, and waiting ends at once.
        let _ = ctrlc::set_handler(move || drop(sender.send(())));
        Self { asked }
    }

    /// Waits for the first one.
    pub(crate) fn wait(self) {
        #[cfg(unix)]
        if let Some(mut signals) = self.signals {
            let _ = signals.forever().next();
        }
        #[cfg(not(unix))]
        let _ = self.asked.recv();
    }
}
