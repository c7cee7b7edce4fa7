//! The functions of preview 1 that need files or sockets: they link, and return an error number when they are called.

use wasmtime::{FuncType, Linker, Val, ValType};

use super::{MODULE, StdioState, errno};

/// Name, parameters (`i` for 32 bits, `I` for 64 bits), and the returned error number.
const MISSING: &[(&str, &str, i32)] = &[
    ("fd_advise", "iIIi", errno::BADF),
    ("fd_allocate", "iII", errno::BADF),
    ("fd_fdstat_set_flags", "ii", errno::BADF),
    ("fd_fdstat_set_rights", "iII", errno::BADF),
    ("fd_filestat_set_size", "iI", errno::BADF),
    ("fd_filestat_set_times", "iIIi", errno::BADF),
    ("fd_prestat_dir_name", "iii", errno::BADF),
    ("fd_readdir", "iiiIi", errno::BADF),
    ("fd_renumber", "ii", errno::BADF),
    ("path_create_directory", "iii", errno::BADF),
    ("path_filestat_get", "iiiii", errno::BADF),
    ("path_filestat_set_times", "iiiiIIi", errno::BADF),
    ("path_link", "iiiiiii", errno::BADF),
    ("path_open", "iiiiiIIii", errno::BADF),
    ("path_readlink", "iiiiii", errno::BADF),
    ("path_remove_directory", "iii", errno::BADF),
    ("path_rename", "iiiiii", errno::BADF),
    ("path_symlink", "iiiii", errno::BADF),
    ("path_unlink_file", "iii", errno::BADF),
    ("proc_raise", "i", errno::NOTSUP),
    ("sock_accept", "iii", errno::NOTSOCK),
    ("sock_recv", "iiiiii", errno::NOTSOCK),
    ("sock_send", "iiiii", errno::NOTSOCK),
    ("sock_shutdown", "ii", errno::NOTSOCK),
];

pub(super) fn add_to_linker(linker: &mut Linker<StdioState>) -> wasmtime::Result<()> {
    let engine = linker.engine().clone();
    for &(name, parameters, answer) in MISSING {
        let parameters = parameters.bytes().map(|b| if b == b'i' { ValType::I32 } else { ValType::I64 });
        let signature = FuncType::new(&engine, parameters, [ValType::I32]);
        linker.func_new(MODULE, name, signature, move |_, _, results| {
            if let Some(result) = results.first_mut() {
                *result = Val::I32(answer);
            }
            Ok(())
        })?;
    }
    Ok(())
}
