//! Compiled code on disk: compiled once, by one process, and believed only when it is ours.
//!
//! The directory belongs to this user alone (0700), files are 0600, opened beneath the directory without following
//! links, with owner and mode checked, written beside and renamed. Compiled code is native code, so each entry is also
//! sealed with a key that lives in the directory: whoever can put a file there (a restored backup, a shared disk) but
//! not read the key cannot put code here. What does not check out is not an error: it is compiled again.

mod files;
mod seal;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use files::PrivateDir;
use seal::Key;

use wasmtime::component::Component;
use wasmtime::{Engine, Module, Precompiled};

use super::compile::{Compile, CompileError};
use super::program::Code;

/// How long to wait for another process that compiles the same module, before compiling it too.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where compiled code is kept.
#[derive(Debug)]
pub(crate) struct CodeCache {
    path: PathBuf,
}

/// Compiled code, and whether it was there already.
pub(crate) struct Compiled {
    pub(crate) code: Vec<u8>,
    pub(crate) was_cached: bool,
}

impl CodeCache {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The code for `module` under these engine settings: from the cache, or compiled and put there.
    pub(crate) fn get(
        &self,
        module: &[u8],
        fingerprint: &str,
        compiler: &dyn Compile,
    ) -> Result<Compiled, CompileError> {
        let name = name_of(module, fingerprint);
        // A cache that cannot be used costs time and nothing else.
        let Ok((dir, key)) = self.open() else {
            return Ok(Compiled { code: compiler.compile(module)?, was_cached: false });
        };
        if let Some(code) = read(&dir, &key, &name) {
            return Ok(Compiled { code, was_cached: true });
        }
        // Two letters of the hash: few lock files, and few modules that wait for each other without need.
        let _lock = dir.lock(&format!("lock-{}", &name[..2]), PATIENCE);
        if let Some(code) = read(&dir, &key, &name) {
            return Ok(Compiled { code, was_cached: true });
        }
        let code = compiler.compile(module)?;
        let sealed = seal::seal(&key, &name, &code);
        // A full disk, for example. The next call compiles again.
        let _ = dir.write(&name, &sealed);
        Ok(Compiled { code, was_cached: false })
    }

    fn open(&self) -> std::io::Result<(PrivateDir, Key)> {
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

/// Makes compiled code runnable.
///
/// The only unsafe code of this crate.
#[allow(unsafe_code, reason = "compiled code is believed, which no type can express; see the comment below")]
pub(super) fn deserialize(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Code> {
    // SAFETY: `deserialize` demands bytes that this version of wasmtime produced. They come from a `Compile`, whose
    // contract says so, either directly or through `CodeCache::get`, which returns only what it has sealed itself with
    // a key that only this user can read. wasmtime refuses, safely, what another version or other settings produced.
    // The bytes are copied, so that no file can change beneath them.
    match Engine::detect_precompiled(bytes) {
        Some(Precompiled::Component) => unsafe { Component::deserialize(engine, bytes) }.map(Code::Component),
        _ => unsafe { Module::deserialize(engine, bytes) }.map(Code::Module),
    }
}

fn read(dir: &PrivateDir, key: &Key, name: &str) -> Option<Vec<u8>> {
    seal::open(key, name, dir.read(name)?)
}

fn name_of(module: &[u8], fingerprint: &str) -> String {
    let digest = Sha256::digest(module);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}-{fingerprint}.code")
}

#[cfg(test)]
mod tests;
