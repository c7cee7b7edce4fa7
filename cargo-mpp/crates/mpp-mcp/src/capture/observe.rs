//! Observes a server on Linux: the files it opens, the hosts it connects to, the programs it starts. `strace` does the work.

mod dns;
mod line;
mod trace;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use super::entry::Observed;

/// The program that observes.
const TRACER: &str = "strace";
/// The system calls that are observed. A `?` marks those that not every architecture has.
const CALLS: &str = "execve,?open,openat,?openat2,?creat,?unlink,unlinkat,?rename,renameat,?renameat2,?link,linkat,?symlink,symlinkat,?mkdir,mkdirat,?rmdir,truncate,\
                     connect,bind,sendto,sendmsg,sendmmsg,recvfrom,recvmsg";

/// Returns the command that runs `command` under observation, and writes what it sees to `file`.
#[must_use]
pub fn observed_command(command: &[OsString], file: &Path) -> Command {
    let mut observed = Command::new(TRACER);
    // `-f` follows child processes, `-y` shows the paths of descriptors, `-ttt` the time, and `-s` the bytes of name lookups.
    observed.args(["-f", "-qq", "-y", "-ttt", "-s", "1024", "-e"]).arg(format!("trace={CALLS}")).arg("-o").arg(file);
    observed.arg("--").args(command);
    observed
}

/// Reads what was observed. `started` is the beginning of the capture, and `variables` are the names of those that the server was given.
#[must_use]
pub fn read_observed(trace: &str, started: SystemTime, variables: impl IntoIterator<Item = String>) -> Observed {
    let mut observed = trace::read(trace, started);
    observed.variables = variables.into_iter().collect();
    observed
}
