//! Tests of the cache, including manipulated files in its directory.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{CodeCache, Compile, CompileError, Compiled, CompiledCode, KnownModules};

/// A slow stand-in for the compiler that counts its runs and returns the module with a prefix.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Compile for Counting {
    fn compile(&self, module: &[u8]) -> Result<Vec<u8>, CompileError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(30));
        Ok([b"code of ", module].concat())
    }
}

fn digest_of(module: &[u8]) -> String {
    crate::package::hex(crate::package::sha256(module))
}

/// Returns the code without the seal.
fn bytes(compiled: &Compiled) -> Vec<u8> {
    match &compiled.code {
        CompiledCode::Bytes(bytes) => bytes.clone(),
        CompiledCode::File(file) => {
            let mut bytes = crate::private_dir::read_all(file).unwrap();
            bytes.truncate(bytes.len() - 32);
            bytes
        }
    }
}

struct Fixture {
    _root: tempfile::TempDir,
    path: PathBuf,
    compiler: Counting,
}

impl Fixture {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("deep").join("cache");
        Self { _root: root, path, compiler: Counting::default() }
    }

    /// Returns whether the code came from the cache.
    fn get(&self, module: &[u8], fingerprint: &str) -> bool {
        let digest = digest_of(module);
        let compiled = CodeCache::new(&self.path).get(module, &digest, fingerprint, &self.compiler).unwrap();
        assert_eq!(bytes(&compiled), [b"code of ", module].concat());
        compiled.was_cached
    }

    fn entries(&self) -> Vec<PathBuf> {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(&self.path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "code"))
            .collect();
        entries.sort();
        entries
    }

    fn entry(&self) -> PathBuf {
        let entries = self.entries();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries[0].clone()
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn compiles_once_and_stores_the_code_privately() {
    let fixture = Fixture::new();
    assert!(!fixture.get(b"a", "x86"));
    assert!(fixture.get(b"a", "x86"));
    assert_eq!(mode(&fixture.path), 0o700);
    assert_eq!(mode(&fixture.entry()), 0o600);
    assert_eq!(mode(&fixture.path.join("key")), 0o600);
}

#[test]
fn each_module_and_engine_has_its_own_entry() {
    let fixture = Fixture::new();
    fixture.get(b"a", "x86");
    assert!(!fixture.get(b"b", "x86"));
    assert!(!fixture.get(b"a", "arm"));
    assert_eq!(fixture.entries().len(), 3);
}

#[test]
fn a_modified_entry_is_compiled_again() {
    let fixture = Fixture::new();
    fixture.get(b"a", "x86");
    let entry = fixture.entry();
    let good = std::fs::read(&entry).unwrap();
    for at in [0, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&entry, bad).unwrap();
        assert!(!fixture.get(b"a", "x86"), "byte {at}");
        assert!(fixture.get(b"a", "x86"), "byte {at} was not repaired");
    }
    for length in [0, 5, good.len() - 1] {
        std::fs::write(&entry, &good[..length]).unwrap();
        assert!(!fixture.get(b"a", "x86"), "{length} bytes");
    }
}

#[test]
fn a_change_after_the_seal_check_is_detected() {
    let fixture = Fixture::new();
    let cache = CodeCache::new(&fixture.path);
    let get = || cache.get(b"a", &digest_of(b"a"), "x86", &fixture.compiler).unwrap().was_cached;
    assert!(!get());
    assert!(get());
    assert!(get(), "the checked entry is still good");
    let mut bad = std::fs::read(fixture.entry()).unwrap();
    bad[3] ^= 1;
    // File timestamps advance in ticks of the kernel's clock.
    std::thread::sleep(Duration::from_millis(20));
    std::fs::write(fixture.entry(), bad).unwrap();
    assert!(!get());
}

#[test]
fn an_exchanged_entry_is_compiled_again() {
    let fixture = Fixture::new();
    fixture.get(b"a", "x86");
    let first = fixture.entry();
    fixture.get(b"b", "x86");
    let second = fixture.entries().into_iter().find(|path| *path != first).unwrap();
    std::fs::copy(&first, &second).unwrap();
    assert!(!fixture.get(b"b", "x86"));
}

#[test]
fn an_entry_sealed_with_another_key_is_compiled_again() {
    let (ours, theirs) = (Fixture::new(), Fixture::new());
    ours.get(b"a", "x86");
    theirs.get(b"a", "x86");
    std::fs::copy(theirs.entry(), ours.entry()).unwrap();
    assert!(!ours.get(b"a", "x86"));
}

#[test]
fn a_writable_or_linked_entry_is_compiled_again() {
    let fixture = Fixture::new();
    fixture.get(b"a", "x86");
    let entry = fixture.entry();
    std::fs::set_permissions(&entry, std::fs::Permissions::from_mode(0o620)).unwrap();
    assert!(!fixture.get(b"a", "x86"));
    assert_eq!(mode(&fixture.entry()), 0o600);

    let elsewhere = fixture.path.join("elsewhere");
    std::fs::rename(&entry, &elsewhere).unwrap();
    symlink(&elsewhere, &entry).unwrap();
    assert!(!fixture.get(b"a", "x86"));
    assert!(!entry.is_symlink());
}

#[test]
fn a_directory_that_other_users_can_write_is_not_used() {
    let fixture = Fixture::new();
    fixture.get(b"a", "x86");
    std::fs::set_permissions(&fixture.path, std::fs::Permissions::from_mode(0o770)).unwrap();
    assert!(!fixture.get(b"a", "x86"));
    assert!(!fixture.get(b"a", "x86"));
}

#[test]
fn a_lost_key_invalidates_the_cache() {
    let fixture = Fixture::new();
    fixture.get(b"a", "x86");
    std::fs::write(fixture.path.join("key"), b"short").unwrap();
    assert!(!fixture.get(b"a", "x86"));
    assert!(fixture.get(b"a", "x86"));
}

#[test]
fn concurrent_requests_compile_once() {
    let fixture = Fixture::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| fixture.get(b"a", "x86"));
        }
    });
    assert_eq!(fixture.compiler.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_failed_compilation_is_not_stored() {
    struct Refuses;
    impl Compile for Refuses {
        fn compile(&self, _: &[u8]) -> Result<Vec<u8>, CompileError> {
            Err(CompileError::refused("no"))
        }
    }
    let fixture = Fixture::new();
    assert!(CodeCache::new(&fixture.path).get(b"a", &digest_of(b"a"), "x86", &Refuses).is_err());
    assert_eq!(fixture.entries(), Vec::<PathBuf>::new());
}

#[test]
fn validated_modules_are_known_to_the_next_process() {
    let fixture = Fixture::new();
    let known = |name: &str| CodeCache::new(&fixture.path).is_known(name);
    assert!(!known("aa-wasip1-1"), "before anything was remembered");
    CodeCache::new(&fixture.path).remember("aa-wasip1-1");
    assert!(known("aa-wasip1-1"));
    assert!(!known("aa-wasip1-2"), "under other rules");
    assert!(!known("bb-wasip1-1"), "another module");
}

#[test]
fn a_note_without_a_valid_seal_is_ignored() {
    let fixture = Fixture::new();
    let cache = || CodeCache::new(&fixture.path);
    let note = |name: &str| fixture.path.join(CodeCache::note(name));
    cache().remember("aa-wasip1-1");
    std::fs::copy(note("aa-wasip1-1"), note("bb-wasip1-1")).unwrap();
    assert!(!cache().is_known("bb-wasip1-1"), "another module's note");
    std::fs::write(note("aa-wasip1-1"), b"").unwrap();
    assert!(!cache().is_known("aa-wasip1-1"), "an empty file");
    std::fs::write(note("aa-wasip1-1"), [0; 32]).unwrap();
    assert!(!cache().is_known("aa-wasip1-1"), "a file of the right length");
    // A sealed code entry is not accepted as a note.
    fixture.get(b"aa", "x86");
    std::fs::copy(fixture.entry(), note("aa-wasip1-1")).unwrap();
    assert!(!cache().is_known("aa-wasip1-1"), "sealed code");
    cache().remember("aa-wasip1-1");
    assert!(cache().is_known("aa-wasip1-1"));
}
