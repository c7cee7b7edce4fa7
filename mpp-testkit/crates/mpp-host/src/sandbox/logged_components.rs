//! The functions of WASI 0.2 that take a path or read the environment, with an access log: what `logged_wasi` does for modules.
//!
//! A path that is not declared, and a change of one that is declared for reading, fail with `not-permitted`, by which a tool
//! recognizes a denial. Functions that write do nothing once the call has ended.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceTable};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::cli::environment::Host as _;
use wasmtime_wasi::p2::bindings::filesystem::preopens::Host as _;
use wasmtime_wasi::p2::bindings::filesystem::types::{self, DescriptorFlags, ErrorCode, HostDescriptor, OpenFlags};
use wasmtime_wasi::p2::bindings::io::streams::{self, HostOutputStream};
use wasmtime_wasi::p2::{DynOutputStream, FsResult, StreamResult};

use super::host_calls::HasHostCalls as _;
use super::wasi::WasiState;
use crate::codes::PathAccess;

/// The version of WASI that `wasmtime-wasi` defines. Components may import older ones, which are resolved to it.
pub(super) const VERSION: &str = "0.2.12";

type Store<'a> = StoreContextMut<'a, WasiState>;
type Fd = Resource<Descriptor>;
type Stream = Resource<DynOutputStream>;

/// Replaces a function that takes paths with a logged one. The arguments are the function with its parameters, what it does with
/// its paths, and for each path the parameters that hold its descriptor and the path.
macro_rules! log_access {
    ($types:ident, $name:literal, $function:ident($($arg:ident: $kind:ty),*), $access:expr, $(($fd:ident, $path:ident)),*) => {
        $types.func_wrap_async(
            concat!("[method]descriptor.", $name),
            |mut store: Store<'_>, ($($arg,)*): ($($kind,)*)| {
                Box::new(async move {
                    let state = store.data_mut();
                    state.running.check()?;
                    let access: PathAccess = $access;
                    let paths = [$(($fd.rep(), $path.clone())),*];
                    if let Some(refused) = before(state, &paths, access) {
                        return Ok((Err(refused),));
                    }
                    let result = HostDescriptor::$function(&mut state.filesystem(), $($arg),*).await;
                    Ok((after(state, &paths, access, result)?,))
                })
            },
        )?;
    };
}

/// Replaces a function of files that takes no path and that changes one, for the result type `$result`. `$is_effect` is whether it
/// can change a file that was opened for reading, so that the effect was not announced when it was opened.
macro_rules! while_running {
    ($types:ident, $name:literal, $function:ident($($arg:ident: $kind:ty),*), $is_effect:literal) => {
        $types.func_wrap_async(
            concat!("[method]descriptor.", $name),
            |mut store: Store<'_>, ($($arg,)*): ($($kind,)*)| {
                Box::new(async move {
                    let state = store.data_mut();
                    state.running.check()?;
                    if $is_effect && !may_change_some_file(state) {
                        return Ok((Err(ErrorCode::Io),));
                    }
                    let result = HostDescriptor::$function(&mut state.filesystem(), $($arg),*).await;
                    Ok((converted(state, result)?,))
                })
            },
        )?;
    };
}

/// Replaces a function that writes to a stream, which can be a file.
macro_rules! write_while_running {
    ($streams:ident, $name:literal, $function:ident($($arg:ident: $kind:ty),*)) => {
        $streams.func_wrap_async(
            concat!("[method]output-stream.", $name),
            |mut store: Store<'_>, ($($arg,)*): ($($kind,)*)| {
                Box::new(async move {
                    let state = store.data_mut();
                    state.running.check()?;
                    let table = state.ctx().table;
                    let result = HostOutputStream::$function(table, $($arg),*).await;
                    Ok((answered(table, result)?,))
                })
            },
        )?;
    };
}

/// Logs an access to each path, and announces it if it changes something outside of the sandbox. Returns the error to answer with
/// if it may not happen.
fn before(state: &mut WasiState, paths: &[(u32, String)], access: PathAccess) -> Option<ErrorCode> {
    for (descriptor, path) in paths {
        let place = state.place_of(*descriptor);
        let mut calls = state.host_calls();
        if !calls.accesses.note(place, path.as_bytes(), access) {
            return Some(ErrorCode::NotPermitted);
        }
        if access == PathAccess::Write && calls.accesses.leads_outside(place) && !calls.effects.may_happen() {
            return Some(ErrorCode::Io);
        }
    }
    None
}

/// Logs the failure of an access. Returns the result to answer with.
fn after<T>(
    state: &mut WasiState,
    paths: &[(u32, String)],
    access: PathAccess,
    result: FsResult<T>,
) -> wasmtime::Result<Result<T, ErrorCode>> {
    let error = match converted(state, result)? {
        Ok(value) => return Ok(Ok(value)),
        Err(error) => error,
    };
    let is_refusal = matches!(error, ErrorCode::Access | ErrorCode::NotPermitted | ErrorCode::ReadOnly);
    let places: Vec<(i32, &[u8])> =
        paths.iter().map(|(descriptor, path)| (state.place_of(*descriptor), path.as_bytes())).collect();
    let is_denied = state.host_calls().accesses.failed(&places, access, is_refusal);
    Ok(Err(if is_denied { ErrorCode::NotPermitted } else { error }))
}

/// Separates the errors that a component receives from those that end the call.
fn converted<T>(state: &mut WasiState, result: FsResult<T>) -> wasmtime::Result<Result<T, ErrorCode>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => types::Host::convert_error_code(&mut state.filesystem(), error).map(Err),
    }
}

/// The same for the errors of streams.
fn answered(table: &mut ResourceTable, result: StreamResult<()>) -> wasmtime::Result<Result<(), streams::StreamError>> {
    match result {
        Ok(()) => Ok(Ok(())),
        Err(error) => streams::Host::convert_stream_error(table, error).map(Err),
    }
}

/// Announces the change of a file that the component has opened, if any can be changed. Returns whether it may happen.
fn may_change_some_file(state: &mut WasiState) -> bool {
    let calls = state.host_calls();
    !calls.accesses.leads_outside(i32::MAX) || calls.effects.may_happen()
}

/// Returns what `open-at` does: creating and truncating change the file system, and so may whoever can write.
fn access_of_open(open: OpenFlags, flags: DescriptorFlags) -> PathAccess {
    let may_write = flags.contains(DescriptorFlags::WRITE) && !open.contains(OpenFlags::DIRECTORY);
    let changes = open.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE);
    if changes || may_write { PathAccess::Write } else { PathAccess::Read }
}

/// Replaces functions that the linker already defines with logged ones.
pub(super) fn add_to_linker(linker: &mut Linker<WasiState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    linker.instance(&format!("wasi:cli/environment@{VERSION}"))?.func_wrap(
        "get-environment",
        |mut store: Store<'_>, (): ()| {
            let state = store.data_mut();
            state.host_calls().accesses.variables = true;
            Ok((wasmtime_wasi::cli::WasiCliView::cli(state).get_environment()?,))
        },
    )?;
    linker.instance(&format!("wasi:filesystem/preopens@{VERSION}"))?.func_wrap(
        "get-directories",
        |mut store: Store<'_>, (): ()| {
            let state = store.data_mut();
            let directories = state.filesystem().get_directories()?;
            state.set_places(directories.iter().map(|(descriptor, _)| descriptor.rep()));
            Ok((directories,))
        },
    )?;
    let mut types = linker.instance(&format!("wasi:filesystem/types@{VERSION}"))?;
    add_paths(&mut types)?;
    while_running!(types, "write", write(fd: Fd, bytes: Vec<u8>, offset: u64), false);
    while_running!(types, "set-size", set_size(fd: Fd, size: u64), true);
    while_running!(types, "set-times", set_times(fd: Fd, accessed: types::NewTimestamp, modified: types::NewTimestamp), true);
    let mut streams = linker.instance(&format!("wasi:io/streams@{VERSION}"))?;
    streams.func_wrap("[method]output-stream.write", |mut store: Store<'_>, (stream, bytes): (Stream, Vec<u8>)| {
        let state = store.data_mut();
        state.running.check()?;
        let table = state.ctx().table;
        let result = HostOutputStream::write(table, stream, bytes);
        Ok((answered(table, result)?,))
    })?;
    write_while_running!(streams, "blocking-write-and-flush", blocking_write_and_flush(stream: Stream, bytes: Vec<u8>));
    write_while_running!(streams, "blocking-write-zeroes-and-flush", blocking_write_zeroes_and_flush(stream: Stream, length: u64));
    linker.allow_shadowing(false);
    Ok(())
}

fn add_paths(types: &mut LinkerInstance<'_, WasiState>) -> wasmtime::Result<()> {
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store: Store<'_>,
         (fd, follow, path, open, flags): (Fd, types::PathFlags, String, OpenFlags, DescriptorFlags)| {
            Box::new(async move {
                let state = store.data_mut();
                state.running.check()?;
                let access = access_of_open(open, flags);
                let paths = [(fd.rep(), path.clone())];
                if let Some(refused) = before(state, &paths, access) {
                    return Ok((Err(refused),));
                }
                let result = HostDescriptor::open_at(&mut state.filesystem(), fd, follow, path, open, flags).await;
                if let Ok(opened) = &result {
                    // The number may have been that of a directory which the component has closed.
                    state.forget_place(opened.rep());
                }
                Ok((after(state, &paths, access, result)?,))
            })
        },
    )?;
    log_access!(types, "create-directory-at", create_directory_at(fd: Fd, path: String), PathAccess::Write, (fd, path));
    log_access!(types, "stat-at", stat_at(fd: Fd, follow: types::PathFlags, path: String), PathAccess::Read, (fd, path));
    log_access!(
        types,
        "metadata-hash-at",
        metadata_hash_at(fd: Fd, follow: types::PathFlags, path: String),
        PathAccess::Read,
        (fd, path)
    );
    log_access!(
        types,
        "set-times-at",
        set_times_at(fd: Fd, follow: types::PathFlags, path: String, accessed: types::NewTimestamp, modified: types::NewTimestamp),
        PathAccess::Write,
        (fd, path)
    );
    log_access!(
        types,
        "link-at",
        link_at(fd: Fd, follow: types::PathFlags, path: String, to: Fd, new_path: String),
        PathAccess::Write,
        (fd, path),
        (to, new_path)
    );
    log_access!(types, "readlink-at", readlink_at(fd: Fd, path: String), PathAccess::Read, (fd, path));
    log_access!(types, "remove-directory-at", remove_directory_at(fd: Fd, path: String), PathAccess::Write, (fd, path));
    log_access!(
        types,
        "rename-at",
        rename_at(fd: Fd, path: String, to: Fd, new_path: String),
        PathAccess::Write,
        (fd, path),
        (to, new_path)
    );
    log_access!(types, "symlink-at", symlink_at(fd: Fd, target: String, path: String), PathAccess::Write, (fd, path));
    log_access!(types, "unlink-file-at", unlink_file_at(fd: Fd, path: String), PathAccess::Write, (fd, path));
    Ok(())
}
