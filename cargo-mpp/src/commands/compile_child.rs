//! `mpp __compile`: compiles the module on stdin to machine code on stdout, in a process that its parent can kill.

use std::io::Read;

use mpp_home::FileError;
use mpp_host::causes::with_causes;
use mpp_host::package::Limits;
use mpp_host::sandbox::compile_to_bytes;

use crate::error::Error;
use crate::exit::Exit;
use crate::ui::Ui;

/// Compiles the module. The error of the compiler goes to stderr as it is, for the process that started this one.
pub(crate) fn run(ui: &Ui) -> Result<Exit, Error> {
    bound();
    let mut module = Vec::new();
    std::io::stdin()
        .take(Limits::default().entry)
        .read_to_end(&mut module)
        .map_err(|source| FileError::read("the module", std::path::Path::new("stdin"), source))?;
    match compile_to_bytes(&module) {
        Ok(code) => {
            ui.print_raw(&code)?;
            Ok(Exit::Done)
        }
        Err(error) => {
            ui.print_reason(&with_causes(&error));
            Ok(Exit::Tool)
        }
    }
}

/// Limits this process: it compiles untrusted bytes, so it gets enough memory for the largest valid module and ends with its parent.
#[cfg(target_os = "linux")]
fn bound() {
    use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
    const MEMORY: u64 = 8 << 30;
    // If the system does not allow it, the parent's time limit remains.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let _ = setrlimit(Resource::As, Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) });
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

#[cfg(not(target_os = "linux"))]
fn bound() {}
