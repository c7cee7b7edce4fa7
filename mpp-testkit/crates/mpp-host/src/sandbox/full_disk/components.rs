//! The functions of WASI 0.2 that need disk space, as they behave on a simulated full disk.

use bytes::Bytes;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p2::{DynOutputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::FullDisk;
use crate::sandbox::logged_components::VERSION;
use crate::sandbox::wasi::WasiState;

/// How much a stream takes in one piece, of which nothing is written.
const CHUNK: usize = 64 * 1024;

type Store<'a> = StoreContextMut<'a, WasiState>;
type Fd = Resource<Descriptor>;
/// The result of a function that opens a stream.
type Opened = wasmtime::Result<(Result<Resource<DynOutputStream>, ErrorCode>,)>;

/// Replaces the functions in `linker` that need disk space.
pub(in crate::sandbox) fn add_to_linker(disk: &FullDisk, linker: &mut Linker<WasiState>) -> wasmtime::Result<()> {
    let (to_write, to_append, to_place, to_create) = (disk.clone(), disk.clone(), disk.clone(), disk.clone());
    linker.allow_shadowing(true);
    let mut types = linker.instance(&format!("wasi:filesystem/types@{VERSION}"))?;
    types.func_wrap("[method]descriptor.write-via-stream", move |store: Store<'_>, (_, _): (Fd, u64)| -> Opened {
        stream(store, &to_write)
    })?;
    types.func_wrap("[method]descriptor.append-via-stream", move |store: Store<'_>, (_,): (Fd,)| -> Opened {
        stream(store, &to_append)
    })?;
    types.func_wrap(
        "[method]descriptor.write",
        move |_: Store<'_>, (_, _, _): (Fd, Vec<u8>, u64)| -> wasmtime::Result<(Result<u64, ErrorCode>,)> {
            to_place.count();
            Ok((Err(ErrorCode::InsufficientSpace),))
        },
    )?;
    types.func_wrap(
        "[method]descriptor.create-directory-at",
        move |_: Store<'_>, (_, _): (Fd, String)| -> wasmtime::Result<(Result<(), ErrorCode>,)> {
            to_create.count();
            Ok((Err(ErrorCode::InsufficientSpace),))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

fn stream(mut store: Store<'_>, disk: &FullDisk) -> Opened {
    let stream: DynOutputStream = Box::new(FullStream(disk.clone()));
    Ok((Ok(store.data_mut().ctx().table.push(stream)?),))
}

/// A stream to a file on the full disk.
struct FullStream(FullDisk);

impl OutputStream for FullStream {
    fn write(&mut self, _: Bytes) -> StreamResult<()> {
        self.0.count();
        let full: std::io::Error = rustix::io::Errno::NOSPC.into();
        Err(StreamError::LastOperationFailed(full.into()))
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for FullStream {
    async fn ready(&mut self) {}
}
