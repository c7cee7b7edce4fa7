//! Compiled code on disk: compiled once, by one process, and believed only when it is ours.
//!
//! The directory belongs to this user alone (0700), files are 0600, opened beneath the directory without following
//! links, with owner and mode checked, written beside and renamed. Compiled code is native code, so each entry is also
//! sealed with a key that lives in the directory: whoever can put a file there (a restored backup, a shared disk) but
//! not read the key cannot put code here. What does not check out is not an error: it is compiled again.
//!
//! Beside the code lie notes of which modules the Gatekeeper found valid, under the same seal.

mod seal;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use seal::Key;

use wasmtime::component::Component;
use wasmtime::{Engine, Module};

use super::compile::{Compile, CompileError};
use crate::gatekeeper::KnownModules;
use crate::private_dir::{Identity, PrivateDir, read_all};

/// How long to wait for another process that compiles the same module, before compiling it too.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where compiled code is kept.
#[derive(Debug)]
pub(crate) struct CodeCache {
    path: PathBuf,
    /// Entries whose seal this process has checked: a file that has not changed since need not be hashed again.
    checked: Mutex<HashMap<String, Identity>>,
}

/// Compiled code, and whether it was there already.
pub(crate) struct Compiled {
    pub(crate) code: CompiledCode,
    pub(crate) was_cached: bool,
}

/// Where compiled code is.
#[derive(Debug)]
pub(crate) enum CompiledCode {
    /// Compiled just now.
    Bytes(Vec<u8>),
    /// An entry of the cache whose seal is ours; the seal follows the code.
    File(File),
}

/// Compiled code in memory.
pub(super) enum Code {
    Module(Module),
    Component(Component),
}

impl CodeCache {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), checked: Mutex::default() }
    }

    /// The code for `module`, whose SHA-256 is `digest`, under these engine settings: from the cache, or compiled and put
    /// there.
    pub(crate) fn get(
        &self,
        module: &[u8],
        digest: &str,
        fingerprint: &str,
        compiler: &dyn Compile,
    ) -> Result<Compiled, CompileError> {
        let name = format!("{digest}-{fingerprint}.code");
        // A cache that cannot be used costs time and nothing else.
        let Ok((dir, key)) = self.open() else {
            return Ok(Compiled { code: CompiledCode::Bytes(compiler.compile(module)?), was_cached: false });
        };
        if let Some(file) = self.read(&dir, &key, &name) {
            return Ok(Compiled { code: CompiledCode::File(file), was_cached: true });
        }
        // Two letters of the hash: few lock files, and few modules that wait for each other without need.
        let _lock = dir.lock(&format!("lock-{}", name.get(..2).unwrap_or_default()), PATIENCE);
        if let Some(file) = self.read(&dir, &key, &name) {
            return Ok(Compiled { code: CompiledCode::File(file), was_cached: true });
        }
        let code = compiler.compile(module)?;
        let sealed = seal::seal(&key, &name, &code);
        // A full disk, for example. The next call compiles again.
        let _ = dir.write(&name, &sealed);
        Ok(Compiled { code: CompiledCode::Bytes(code), was_cached: false })
    }

    /// The entry, where its seal is ours.
    fn read(&self, dir: &PrivateDir, key: &Key, name: &str) -> Option<File> {
        let (file, identity) = dir.open(name)?;
        let checked = || self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked().get(name) != Some(&identity) {
            seal::check(key, name, &file, identity.size).ok().filter(|ours| *ours)?;
            checked().insert(name.to_owned(), identity);
        }
        Some(file)
    }

    /// The name of the note that the module of that name is valid.
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

/// An empty file with a seal: nobody can say of a module that it is valid who could not as well put code here for it.
impl KnownModules for CodeCache {
    fn is_known(&self, name: &str) -> bool {
        let name = Self::note(name);
        self.open().is_ok_and(|(dir, key)| self.read(&dir, &key, &name).is_some())
    }

    fn remember(&self, name: &str) {
        let name = Self::note(name);
        if let Ok((dir, key)) = self.open() {
            // Where it cannot be kept, the next one looks for itself.
            let _ = dir.write(&name, &seal::seal(&key, &name, &[]));
        }
    }
}

/// Makes compiled code runnable.
///
/// The only unsafe code of this crate.
#[allow(unsafe_code, reason = "compiled code is believed, which no type can express; see the comment below")]
pub(super) fn deserialize(engine: &Engine, code: &CompiledCode, is_component: bool) -> wasmtime::Result<Code> {
    // SAFETY: `deserialize` demands bytes that this version of wasmtime produced. They come from a `Compile`, whose
    // contract says so, either directly or through `CodeCache::get`, which returns only files that it has sealed itself
    // with a key that only this user can read. wasmtime refuses, safely, what another version or other settings produced.
    // A file is mapped and must not change while it is in use: it lies in a directory and has a mode that let only this
    // user write, and this program replaces entries by renaming and never writes into one.
    match (code, is_component) {
        (CompiledCode::Bytes(bytes), true) => unsafe { Component::deserialize(engine, bytes) }.map(Code::Component),
        (CompiledCode::Bytes(bytes), false) => unsafe { Module::deserialize(engine, bytes) }.map(Code::Module),
        (CompiledCode::File(file), true) => {
            unsafe { Component::deserialize(engine, read_all(file)?) }.map(Code::Component)
        }
        (CompiledCode::File(file), false) => {
            unsafe { Module::deserialize_open_file(engine, file.try_clone()?) }.map(Code::Module)
        }
    }
}

#[cfg(test)]
mod tests;
