//! A cache of compiled code on disk: each module is compiled once, by one process, and entries are authenticated.
//!
//! Only this user can access the directory (0700). Files have mode 0600; they are opened relative to the directory without
//! following links, their owner and mode are checked, and they are written to a temporary file and renamed. Because compiled
//! code is native code, each entry is also sealed with a key that is stored in the directory: someone who can place a file
//! there (through a restored backup or a shared disk) but cannot read the key cannot inject code. An entry that fails a check
//! is not an error: the module is compiled again.
//!
//! The directory also holds notes of which modules the Gatekeeper has found valid, with the same seal.

mod seal;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use seal::Key;

use wasmtime::component::Component;
use wasmtime::{Engine, Module};

use super::compile::{Compile, CompileError};
use crate::gatekeeper::KnownModules;
use crate::private_dir::{Identity, PrivateDir, read_all};

/// How long to wait for another process that compiles the same module before compiling it here too.
const PATIENCE: Duration = Duration::from_secs(120);

/// The cache of compiled code in one directory.
#[derive(Debug)]
pub(crate) struct CodeCache {
    path: PathBuf,
    /// Entries whose seal this process has verified. A file that has not changed since is not hashed again.
    checked: Mutex<HashMap<String, Identity>>,
}

/// Compiled code, and whether it came from the cache.
pub(crate) struct Compiled {
    pub(crate) code: CompiledCode,
    pub(crate) was_cached: bool,
}

/// The location of compiled code.
#[derive(Debug)]
pub(crate) enum CompiledCode {
    /// Code in memory that was just compiled.
    Bytes(Vec<u8>),
    /// A cache entry whose seal was verified. The seal follows the code.
    File(File),
}

/// Compiled code that was loaded into an engine.
pub(super) enum Code {
    Module(Module),
    Component(Component),
}

impl CodeCache {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), checked: Mutex::default() }
    }

    /// Returns the code for `module`, whose SHA-256 is `digest`, for the engine settings with this `fingerprint`. On a cache
    /// miss, the module is compiled and the code is stored.
    pub(crate) fn get(
        &self,
        module: &[u8],
        digest: &str,
        fingerprint: &str,
        compiler: &dyn Compile,
    ) -> Result<Compiled, CompileError> {
        let name = format!("{digest}-{fingerprint}.code");
        // Without a usable cache, the module is compiled each time.
        let Ok((dir, key)) = self.open() else {
            return Ok(Compiled { code: CompiledCode::Bytes(compiler.compile(module)?), was_cached: false });
        };
        if let Some(file) = self.read(&dir, &key, &name) {
            return Ok(Compiled { code: CompiledCode::File(file), was_cached: true });
        }
        // Two digits of the hash keep the number of lock files low, and different modules rarely wait for each other.
        let _lock = dir.lock(&format!("lock-{}", name.get(..2).unwrap_or_default()), PATIENCE);
        if let Some(file) = self.read(&dir, &key, &name) {
            return Ok(Compiled { code: CompiledCode::File(file), was_cached: true });
        }
        let code = compiler.compile(module)?;
        let sealed = seal::seal(&key, &name, &code);
        // Writing fails on a full disk, for example. The next call then compiles again.
        let _ = dir.write(&name, &sealed);
        Ok(Compiled { code: CompiledCode::Bytes(code), was_cached: false })
    }

    /// Opens the entry `name` if its seal is valid.
    fn read(&self, dir: &PrivateDir, key: &Key, name: &str) -> Option<File> {
        let (file, identity) = dir.open(name)?;
        let checked = || self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked().get(name) != Some(&identity) {
            seal::check(key, name, &file, identity.size).ok().filter(|ours| *ours)?;
            checked().insert(name.to_owned(), identity);
        }
        Some(file)
    }

    /// Returns the file name of the note that the module `name` is valid.
    fn note(name: &str) -> String {
        format!("{name}-{}.valid", env!("CARGO_PKG_VERSION"))
    }

    fn open(&self) -> io::Result<(PrivateDir, Key)> {
        let dir = PrivateDir::open_or_make(&self.path)?;
        let key = match dir.read(seal::KEY_FILE).and_then(|bytes| Key::from_bytes(&bytes)) {
            Some(key) => key,
            None => {
                let _lock = dir.lock("lock-key", PATIENCE);
                match dir.read(seal::KEY_FILE).and_then(|bytes| Key::from_bytes(&bytes)) {
                    Some(key) => key,
                    None => {
                        let key = Key::generate()?;
                        dir.write(seal::KEY_FILE, key.as_bytes())?;
                        key
                    }
                }
            }
        };
        Ok((dir, key))
    }
}

/// A note is an empty file with a seal: only someone who could also store code here can mark a module as valid.
impl KnownModules for CodeCache {
    fn is_known(&self, name: &str) -> bool {
        let name = Self::note(name);
        self.open().is_ok_and(|(dir, key)| self.read(&dir, &key, &name).is_some())
    }

    fn remember(&self, name: &str) {
        let name = Self::note(name);
        if let Ok((dir, key)) = self.open() {
            // If the note cannot be stored, the next process validates the module again.
            let _ = dir.write(&name, &seal::seal(&key, &name, &[]));
        }
    }
}

/// Loads compiled code into `engine`.
///
/// This is the only unsafe code of this crate.
#[allow(unsafe_code, reason = "compiled code is believed, which no type can express; see the comment below")]
pub(super) fn deserialize(engine: &Engine, code: &CompiledCode, is_component: bool) -> wasmtime::Result<Code> {
    // SAFETY: `deserialize` requires bytes that this version of wasmtime produced. They come from a `Compile`, whose
    // contract guarantees that, either directly or through `CodeCache::get`, which returns only files that it has sealed
    // itself with a key that only this user can read. wasmtime safely rejects code that another version or other settings
    // produced. A file is mapped and must not change while it is in use: the modes of the file and its directory allow only
    // this user to write, and this program replaces entries by renaming and never writes into one.
    match (code, is_component) {
        (CompiledCode::Bytes(bytes), true) => unsafe { Component::deserialize(engine, bytes) }.map(Code::Component),
        (CompiledCode::Bytes(bytes), false) => unsafe { Module::deserialize(engine, bytes) }.map(Code::Module),
        (CompiledCode::File(file), true) => {
            // wasmtime maps a component by its path only. The path of a descriptor is the file that was checked, wherever it is now.
            unsafe { Component::deserialize_file(engine, descriptor(file)) }
                .or_else(|_| unsafe { Component::deserialize(engine, read_all(file)?) })
                .map(Code::Component)
        }
        (CompiledCode::File(file), false) => {
            unsafe { Module::deserialize_open_file(engine, file.try_clone()?) }.map(Code::Module)
        }
    }
}

/// Returns a path that opens the file of a descriptor again. Only Linux has such a path, if `/proc` is mounted.
fn descriptor(file: &File) -> PathBuf {
    Path::new("/proc/self/fd").join(file.as_raw_fd().to_string())
}

#[cfg(test)]
mod tests;
