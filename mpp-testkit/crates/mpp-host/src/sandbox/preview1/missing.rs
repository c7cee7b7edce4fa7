//! The functions of preview 1 that need files or sockets: they link, and return an error number when they are called.

use wasmtime::{Caller, FuncType, Linker, Val, ValType};

use super::{MODULE, StdioState, errno, view};
use crate::codes::PathAccess;
use crate::sandbox::access_log::access_of_open;

/// Name, parameters (`i` for 32 bits, `I` for 64 bits), and the returned error number.
const MISSING: &[(&str, &str, i32)] = &[
    ("fd_advise", "iIIi", errno::BADF),
    ("fd_allocate", "iII", errno::BADF),
    ("fd_fdstat_set_flags", "ii", errno::BADF),
    ("fd_fdstat_set_rights", "iII", errno::BADF),
    ("fd_filestat_set_size", "iI", errno::BADF),
    ("fd_filestat_set_times", "iIIi", errno::BADF),
    ("fd_readdir", "iiiIi", errno::BADF),
    ("fd_renumber", "ii", errno::BADF),
    ("proc_raise", "i", errno::NOTSUP),
    ("sock_accept", "iii", errno::NOTSOCK),
    ("sock_recv", "iiiiii", errno::NOTSOCK),
    ("sock_send", "iiiii", errno::NOTSOCK),
    ("sock_shutdown", "ii", errno::NOTSOCK),
];

/// What a function does with its path.
#[derive(Clone, Copy)]
enum Use {
    Reads,
    Writes,
    /// The flags and rights of `path_open` decide.
    Opens,
}

/// Name, parameters, the parameters that hold the descriptor, the pointer and the length of a path, and what the path is for.
const PATHS: &[(&str, &str, [usize; 3], Use)] = &[
    ("path_create_directory", "iii", [0, 1, 2], Use::Writes),
    ("path_filestat_get", "iiiii", [0, 2, 3], Use::Reads),
    ("path_filestat_set_times", "iiiiIIi", [0, 2, 3], Use::Writes),
    ("path_link", "iiiiiii", [0, 2, 3], Use::Writes),
    ("path_open", "iiiiiIIii", [0, 2, 3], Use::Opens),
    ("path_readlink", "iiiiii", [0, 1, 2], Use::Reads),
    ("path_remove_directory", "iii", [0, 1, 2], Use::Writes),
    ("path_rename", "iiiiii", [0, 1, 2], Use::Writes),
    ("path_symlink", "iiiii", [2, 3, 4], Use::Writes),
    ("path_unlink_file", "iii", [0, 1, 2], Use::Writes),
];

pub(super) fn add_to_linker(linker: &mut Linker<StdioState>) -> wasmtime::Result<()> {
    let engine = linker.engine().clone();
    let signature = |parameters: &str| {
        let parameters = parameters.bytes().map(|b| if b == b'i' { ValType::I32 } else { ValType::I64 });
        FuncType::new(&engine, parameters, [ValType::I32])
    };
    for &(name, parameters, answer) in MISSING {
        linker.func_new(MODULE, name, signature(parameters), move |_, _, results| {
            if let Some(result) = results.first_mut() {
                *result = Val::I32(answer);
            }
            Ok(())
        })?;
    }
    for &(name, parameters, place, used) in PATHS {
        linker.func_new(MODULE, name, signature(parameters), move |mut guest, given, results| {
            let [fd, at, length] = place.map(|index| number(given, index));
            let access = match used {
                Use::Reads => PathAccess::Read,
                Use::Writes => PathAccess::Write,
                Use::Opens => access_of_open(number(given, 4), given.get(5).and_then(Val::i64).unwrap_or_default()),
            };
            if let Some(result) = results.first_mut() {
                *result = Val::I32(deny(&mut guest, name, fd, (at, length), access)?);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Records that the path is denied, and returns the error number.
fn deny(
    guest: &mut Caller<'_, StdioState>,
    function: &'static str,
    fd: i32,
    (at, length): (i32, i32),
    access: PathAccess,
) -> wasmtime::Result<i32> {
    let (memory, state) = view(guest, function)?;
    if !state.is_root(fd) {
        return Ok(errno::BADF);
    }
    let path = memory.slice(at, length.cast_unsigned() as usize)?;
    state.host_calls.accesses.deny_below("/", path, access);
    Ok(errno::NOTCAPABLE)
}

fn number(given: &[Val], index: usize) -> i32 {
    given.get(index).and_then(Val::i32).unwrap_or_default()
}
