//! `mpp __compile`: a module from stdin, compiled code on stdout; in a process of its own, so that it can be ended.

use std::io::Read;

use mpp_host::package::Limits;
use mpp_host::sandbox::compile_to_bytes;

use crate::error::Error;
use crate::exit::Exit;
use crate::ui::Ui;

/// Compiles; what the compiler says goes to stderr as it is, for the process that started this one.
pub(crate) fn run(ui: &Ui) -> Result<Exit, Error> {
    bound();
    let mut module = Vec::new();
    std::io::stdin()
        .take(Limits::default().entry)
        .read_to_end(&mut module)
        .map_err(|source| Error::read("the module", std::path::Path::new("stdin"), source))?;
    match compile_to_bytes(&module) {
        Ok(code) => {
            ui.print_raw(&code)?;
            Ok(Exit::Done)
        }
        Err(error) => {
            ui.print_reason(&error.to_string());
            Ok(Exit::Tool)
        }
    }
}

/// The compiler works on a stranger's bytes: it gets memory for the largest honest module and ends with its parent.
#[cfg(target_os = "linux")]
fn bound() {
    use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
    const MEMORY: u64 = 8 << 30;
    // Where the system does not let us, the parent's time limit is what is left.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let _ = setrlimit(Resource::As, Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) });
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

#[cfg(not(target_os = "linux"))]
fn bound() {}
