//! What a call uses of its files and variables: the functions of preview 1 that name a path or read the environment, watched.
//!
//! Each does what `wasmtime-wasi` does, and notes before which declared path it is about. Those that write do nothing once
//! the call is over, and the one that waits does so on a timer. Components are not watched.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use wasmtime::{AsContextMut, Caller, Extern, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as preview1, WasiSnapshotPreview1};

use super::guest_memory::GuestMemory;
use super::host_calls::HasHostCalls;
use super::preview1::clock::Wait;
use super::preview1::{MODULE, errno};
use super::stop::Stop;
use super::wasi::WasiState;

/// The descriptor of the first directory that a guest is given.
const FIRST: i32 = 3;

/// A directory as the guest sees it; its descriptor says which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A declared directory.
    Directory(String),
    /// A directory with the copies of declared files: for each its name in it, and the declared path.
    Files(Vec<(String, String)>),
}

/// What one call used.
#[derive(Debug, Default)]
pub(crate) struct Used {
    places: Arc<[Place]>,
    /// Declared paths, by the guest's names.
    pub(crate) paths: BTreeSet<String>,
    /// Whether the environment was read.
    pub(crate) variables: bool,
}

impl Used {
    /// Nothing yet, of these.
    pub(crate) fn of(places: Arc<[Place]>) -> Self {
        Self { places, ..Self::default() }
    }

    /// A call in process asks for `path`, as the guest names it.
    pub(crate) fn note_guest(&mut self, path: &Path) {
        let names = self.places.iter().flat_map(|place| match place {
            Place::Directory(guest) => path.starts_with(guest).then_some(guest).into_iter().collect::<Vec<_>>(),
            Place::Files(files) => {
                files.iter().map(|(_, guest)| guest).filter(|guest| path == Path::new(guest)).collect()
            }
        });
        self.paths.extend(names.cloned());
    }

    /// A function was called about `path` in the directory with this descriptor.
    fn note(&mut self, descriptor: i32, path: &[u8]) {
        let place = usize::try_from(descriptor.saturating_sub(FIRST)).ok().and_then(|index| self.places.get(index));
        match place {
            Some(Place::Directory(guest)) if !self.paths.contains(guest) => drop(self.paths.insert(guest.clone())),
            Some(Place::Files(files)) => {
                let mut parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && part != b".");
                let name = parts.next_back().filter(|_| parts.next().is_none());
                self.paths.extend(
                    files.iter().find(|(known, _)| name == Some(known.as_bytes())).map(|(_, path)| path.clone()),
                );
            }
            _ => {}
        }
    }
}

/// Puts a watched function in the place of `wasmtime-wasi`'s: its parameters, then each descriptor, path and length of a path.
macro_rules! watch {
    ($linker:ident, $name:ident($($arg:ident: $kind:ty),*) $(, ($fd:ident, $path:ident, $len:ident))*) => {
        $linker.func_wrap_async(
            MODULE,
            stringify!($name),
            |mut guest: Caller<'_, WasiState>, ($($arg,)*): ($($kind,)*)| {
                Box::new(async move {
                    let (bytes, state) = view(&mut guest)?;
                    $({
                        let at = $path.cast_unsigned() as usize;
                        let path = bytes.get(at..at.saturating_add($len.cast_unsigned() as usize));
                        state.host_calls().used.note($fd, path.unwrap_or_default());
                    })*
                    preview1::$name(&mut state.wasi, &mut wiggle::GuestMemory::Unshared(bytes), $($arg),*).await
                })
            },
        )?;
    };
}

/// The guest's memory and the call's state, as every function of `wasmtime-wasi` wants them. A call that was given up while
/// a file operation held it does nothing more when that comes back.
fn view<'a>(guest: &'a mut Caller<'_, WasiState>) -> wasmtime::Result<(&'a mut [u8], &'a mut WasiState)> {
    let fuel = guest.as_context_mut().hostcall_fuel();
    let memory = guest.get_export("memory").and_then(Extern::into_memory).ok_or(Stop::NoMemory)?;
    let (bytes, state) = memory.data_and_store_mut(guest);
    state.running.check()?;
    state.wasi.set_hostcall_fuel(fuel);
    Ok((bytes, state))
}

/// Puts the watched functions in the place of those that are defined.
pub(crate) fn add_to_linker(linker: &mut Linker<WasiState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    watch!(linker, path_open(a: i32, b: i32, c: i32, d: i32, e: i32, f: i64, g: i64, h: i32, i: i32), (a, c, d));
    watch!(linker, path_create_directory(a: i32, b: i32, c: i32), (a, b, c));
    watch!(linker, path_filestat_get(a: i32, b: i32, c: i32, d: i32, e: i32), (a, c, d));
    watch!(linker, path_filestat_set_times(a: i32, b: i32, c: i32, d: i32, e: i64, f: i64, g: i32), (a, c, d));
    watch!(linker, path_link(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32, g: i32), (a, c, d), (e, f, g));
    watch!(linker, path_readlink(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32), (a, b, c));
    watch!(linker, path_remove_directory(a: i32, b: i32, c: i32), (a, b, c));
    watch!(linker, path_rename(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32), (a, b, c), (d, e, f));
    watch!(linker, path_symlink(a: i32, b: i32, c: i32, d: i32, e: i32), (c, d, e));
    watch!(linker, path_unlink_file(a: i32, b: i32, c: i32), (a, b, c));
    // They name no path; what is over does not write.
    watch!(linker, fd_write(a: i32, b: i32, c: i32, d: i32));
    watch!(linker, fd_pwrite(a: i32, b: i32, c: i32, d: i64, e: i32));
    watch!(linker, fd_filestat_set_size(a: i32, b: i64));
    watch!(linker, fd_filestat_set_times(a: i32, b: i64, c: i64, d: i32));
    linker.func_wrap(MODULE, "environ_get", |mut guest: Caller<'_, WasiState>, list: i32, text: i32| {
        let (bytes, state) = view(&mut guest)?;
        state.host_calls().used.variables = true;
        preview1::environ_get(&mut state.wasi, &mut wiggle::GuestMemory::Unshared(bytes), list, text)
    })?;
    linker.func_wrap_async(
        MODULE,
        "poll_oneoff",
        |mut guest: Caller<'_, WasiState>, (subscriptions, events, count, ready): (i32, i32, i32, i32)| {
            Box::new(async move {
                let (bytes, state) = view(&mut guest)?;
                if count == 1 {
                    // `wasmtime-wasi` would put the thread to sleep, for as long as the guest likes.
                    let mut memory = GuestMemory { bytes: &mut *bytes, function: "poll_oneoff" };
                    let wait = Wait::read(&memory, subscriptions, &state.clock, |_| false)?;
                    if let Some(time) = wait.sleeps() {
                        tokio::time::sleep(time).await;
                        wait.write(&mut memory, events)?;
                        memory.put_u32(ready, 1)?;
                        return Ok(errno::SUCCESS);
                    }
                }
                let mut memory = wiggle::GuestMemory::Unshared(bytes);
                preview1::poll_oneoff(&mut state.wasi, &mut memory, subscriptions, events, count, ready).await
            })
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Place, Used};
    use std::path::Path;

    #[test]
    fn what_is_used_is_told_by_descriptor_and_name() {
        let places = [
            Place::Directory("/data".to_owned()),
            Place::Files(["a.toml", "b.toml"].map(|name| (name.to_owned(), format!("/etc/app/{name}"))).into()),
            Place::Files(vec![("c".to_owned(), "/c".to_owned())]),
        ];
        let used = |calls: &[(i32, &str)]| {
            let mut used = Used::of(places.clone().into());
            calls.iter().for_each(|(descriptor, path)| used.note(*descriptor, path.as_bytes()));
            used.paths.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(used(&[(3, "x/y"), (3, ".."), (4, "./b.toml"), (5, "c")]), ["/c", "/data", "/etc/app/b.toml"]);
        // Another file, another directory, a stream, no descriptor at all.
        assert!(used(&[(4, "c.toml"), (4, "x/a.toml"), (4, "."), (6, "a.toml"), (2, "x"), (-1, "x")]).is_empty());
        assert!(used(&[(i32::MIN, "x"), (i32::MAX, "x")]).is_empty());
        let mut used = Used::of(places.into());
        for path in ["/data/x/y", "/etc/app/b.toml", "/etc/app", "/database", "c", "/c/d"] {
            used.note_guest(Path::new(path));
        }
        assert_eq!(used.paths.into_iter().collect::<Vec<_>>(), ["/data", "/etc/app/b.toml"]);
    }
}
