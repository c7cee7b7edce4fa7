//! Declared files and directories, and their neighbours.

use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mpp_host::clock::{Clock, SystemClock};
use mpp_host::sandbox::FullDisk;
use mpp_sdk::wire::ErrorKind;
use serde_json::{Value, json};

use crate::both::{NAMES, both};
use crate::fixture::{Run, assert_fails, content, host, module, module_with, sample};

const READ: i64 = 1 << 1;
const WRITE: i64 = 1 << 6;
const CREATE: i32 = 1;
const FOLLOW: i32 = 1;

/// A tool that opens `path` below descriptor 3 and answers with its content or the error number.
fn reads(path: &str) -> Vec<u8> {
    opens(
        path,
        0,
        READ,
        "(call $answer_text (i32.const 8000) (call $read (i32.load (i32.const 5000)) (i32.const 8000)))",
    )
}

/// A tool that opens `path` for writing, writes `new`, and answers with `new` or the error number.
fn writes(path: &str, flags: i32) -> Vec<u8> {
    let then = "
      (i32.store (i32.const 0) (i32.const 7000)) (i32.store (i32.const 4) (i32.const 3))
      (local.set $error (call $fd_write (i32.load (i32.const 5000)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (local.get $error) (then (call $answer_number (local.get $error)))
        (else (call $answer_text (i32.const 7000) (i32.const 3))))";
    opens(path, flags, WRITE, then)
}

fn opens(path: &str, flags: i32, rights: i64, then: &str) -> Vec<u8> {
    let more = format!("(data (i32.const 4096) \"{path}\") (data (i32.const 7000) \"new\")");
    let body = format!(
        "(local $error i32)
         (local.set $error (call $path_open (i32.const 3) (i32.const {FOLLOW}) (i32.const 4096) (i32.const {})
           (i32.const {flags}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 5000)))
         (if (local.get $error) (then (call $answer_number (local.get $error))) (else {then}))",
        path.len()
    );
    module(&more, &body)
}

fn call(module: Vec<u8>, read: &[&str], write: &[&str], host_path: &Path) -> Value {
    let declared = json!({ "filesystem": { "read": read, "write": write } });
    let package = sample(module).set("/capabilities", declared);
    let guest = read.iter().chain(write).next().copied();
    let tool = package.granted(&host(), |grant| match guest {
        Some(guest) => grant.dir(guest, host_path),
        None => grant,
    });
    content(&tool.call("run", "{}"))
}

/// The function that makes directories.
const MKDIR: &str =
    r#"(import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))"#;

/// Creates `given/` with a file, and a secret next to it.
fn world() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("given")).unwrap();
    std::fs::write(root.path().join("given/hello.txt"), "hello").unwrap();
    std::fs::write(root.path().join("secret.txt"), "secret").unwrap();
    root
}

fn is_refused(answer: &Value) -> bool {
    answer.as_str().is_some_and(|text| text.len() == 3 && text != "000" && text.bytes().all(|b| b.is_ascii_digit()))
}

#[test]
fn reads_a_declared_directory() {
    let root = world();
    assert_eq!(call(reads("hello.txt"), &["/data"], &[], &root.path().join("given")), "hello");
}

#[test]
fn a_tool_without_directories_finds_no_file() {
    assert_eq!(call(reads("etc/passwd"), &[], &[], Path::new("/")), "076");
}

#[test]
fn paths_cannot_leave_a_directory() {
    let root = world();
    let given = root.path().join("given");
    symlink("../secret.txt", given.join("up")).unwrap();
    symlink(root.path().join("secret.txt"), given.join("absolute")).unwrap();
    symlink("..", given.join("parent")).unwrap();
    let absolute = root.path().join("secret.txt");
    for path in ["../secret.txt", "up", "absolute", "parent/secret.txt", "./../secret.txt", absolute.to_str().unwrap()]
    {
        let answer = call(reads(path), &["/data"], &[], &given);
        assert!(is_refused(&answer), "{path}: {answer}");
    }
}

#[test]
fn a_readable_directory_cannot_be_written() {
    let root = world();
    let given = root.path().join("given");
    for (path, flags) in [("hello.txt", 0), ("hello.txt", 8), ("new.txt", CREATE)] {
        let answer = call(writes(path, flags), &["/data"], &[], &given);
        assert!(is_refused(&answer), "{path} {flags}: {answer}");
    }
    assert_eq!(std::fs::read_to_string(given.join("hello.txt")).unwrap(), "hello");
    assert!(!given.join("new.txt").exists());
    let more = "(data (i32.const 4096) \"hello.txt\")";
    let unlink = "(call $answer_number (call $unlink (i32.const 3) (i32.const 4096) (i32.const 9)))";
    assert!(is_refused(&call(module(more, unlink), &["/data"], &[], &given)));
    assert!(given.join("hello.txt").exists());
}

#[test]
fn a_writable_directory_can_be_written() {
    let root = world();
    let given = root.path().join("given");
    assert_eq!(call(writes("new.txt", CREATE), &[], &["/data"], &given), "new");
    assert_eq!(std::fs::read_to_string(given.join("new.txt")).unwrap(), "new");
}

#[test]
fn a_full_disk_refuses_and_counts_operations_that_need_space() {
    for (index, name) in NAMES.into_iter().enumerate() {
        let root = world();
        let given = root.path().join("given");
        let disk = FullDisk::default();
        let call = |module: Vec<u8>| {
            let declared = json!({ "filesystem": { "read": [], "write": ["/data"] } });
            let package = &both(sample(module).set("/capabilities", declared))[index];
            content(&package.granted(&host(), |grant| grant.dir("/data", &given).disk_full(&disk)).call("run", "{}"))
        };
        assert_eq!(call(reads("hello.txt")), "hello", "{name}: who reads needs no room");
        assert_eq!(disk.refused(), 0, "{name}");
        assert_eq!(call(writes("new.txt", CREATE)), "051", "{name}: `ENOSPC`");
        assert_eq!(call(writes("hello.txt", 0)), "051", "{name}");
        assert_eq!(disk.refused(), 2, "{name}");
        assert_eq!(std::fs::read_to_string(given.join("new.txt")).unwrap(), "", "{name}");
        assert_eq!(std::fs::read_to_string(given.join("hello.txt")).unwrap(), "hello", "{name}");
        let directory = "(call $answer_number (call $mkdir (i32.const 3) (i32.const 4096) (i32.const 3)))";
        let makes = module_with(MKDIR, "(data (i32.const 4096) \"sub\")", directory);
        assert_eq!(call(makes), "051", "{name}: a directory needs room, too");
        assert!(!given.join("sub").exists(), "{name}");
        assert_eq!(disk.refused(), 3, "{name}");
    }
}

#[test]
fn a_mapped_directory_stays_the_same_if_its_path_changes() {
    let root = world();
    let given = root.path().join("given");
    let declared = json!({ "filesystem": { "read": ["/data"], "write": [] } });
    let package = sample(reads("hello.txt")).set("/capabilities", declared);
    let tool = package.granted(&host(), |grant| grant.dir("/data", &given));
    std::fs::rename(&given, root.path().join("moved")).unwrap();
    std::fs::create_dir(&given).unwrap();
    std::fs::write(given.join("hello.txt"), "other").unwrap();
    assert_eq!(content(&tool.call("run", "{}")), "hello");
}

#[test]
fn a_declared_file_does_not_expose_its_neighbours() {
    let root = world();
    let file = root.path().join("given/hello.txt");
    std::fs::write(root.path().join("given/neighbour.txt"), "neighbour").unwrap();
    assert_eq!(call(reads("hello.txt"), &["/data/hello.txt"], &[], &file), "hello");
    for path in ["neighbour.txt", "../secret.txt"] {
        assert!(is_refused(&call(reads(path), &["/data/hello.txt"], &[], &file)), "{path}");
    }
    assert!(is_refused(&call(writes("hello.txt", 0), &["/data/hello.txt"], &[], &file)));
}

#[test]
fn a_declared_file_changes_only_if_the_call_succeeds() {
    let root = world();
    let file = root.path().join("given/hello.txt");
    let inode = std::fs::metadata(&file).unwrap().ino();
    assert_eq!(call(writes("hello.txt", 0), &[], &["/data/hello.txt"], &file), "new");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "newlo");
    assert_ne!(std::fs::metadata(&file).unwrap().ino(), inode, "written in place, not whole");
    assert_eq!(std::fs::read_dir(root.path().join("given")).unwrap().count(), 1);

    std::fs::write(&file, "hello").unwrap();
    let crashes = opens(
        "hello.txt",
        0,
        WRITE,
        "
      (i32.store (i32.const 0) (i32.const 7000)) (i32.store (i32.const 4) (i32.const 3))
      (drop (call $fd_write (i32.load (i32.const 5000)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $answer_number (i32.const 1))
      (call $exit (i32.const 1))",
    );
    let declared = json!({ "filesystem": { "read": [], "write": ["/data/hello.txt"] } });
    let package = sample(crashes).set("/capabilities", declared);
    let output = package.granted(&host(), |grant| grant.dir("/data/hello.txt", &file)).call("run", "{}");
    assert_fails(&output, ErrorKind::ToolCrashed, &["code 1"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "hello");
}

/// The machine's clock, which moves a directory away whenever it is read.
#[derive(Debug)]
struct TakesAway(PathBuf);

impl Clock for TakesAway {
    fn now(&self) -> SystemTime {
        std::fs::remove_dir_all(&self.0).unwrap();
        SystemTime::now()
    }
    fn monotonic(&self) -> Duration {
        SystemClock::new().monotonic()
    }
}

#[test]
fn a_file_that_cannot_be_replaced_fails_the_call() {
    let root = world();
    let (given, file) = (root.path().join("given"), root.path().join("given/hello.txt"));
    let then = "
      (i32.store (i32.const 0) (i32.const 7000)) (i32.store (i32.const 4) (i32.const 3))
      (drop (call $fd_write (i32.load (i32.const 5000)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 16)))
      (call $answer_text (i32.const 7000) (i32.const 3))";
    let declared = json!({ "filesystem": { "read": [], "write": ["/data/hello.txt"] } });
    let package = sample(opens("hello.txt", 0, WRITE, then)).set("/capabilities", declared);
    let tool = package
        .granted(&host(), |grant| grant.dir("/data/hello.txt", &file).guest_clock(Arc::new(TakesAway(given.clone()))));
    let output = tool.call("run", "{}");
    assert_fails(&output, ErrorKind::CapabilityDenied, &["the file `/data/hello.txt` could not be written back"]);
    assert!(!output.json().contains(given.to_str().unwrap()), "{}", output.json());
    // A directory that was moved away is not created again.
    assert!(!given.exists());
}

#[test]
fn a_file_that_blocks_ends_at_the_timeout() {
    let root = world();
    let given = root.path().join("given");
    let pipe = given.join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let declared = json!({ "filesystem": { "read": ["/data"], "write": [] } });
    let package = sample(reads("pipe")).set("/capabilities", declared).set("/runtime/timeout_ms", json!(80));
    let output = package.granted(&host(), |grant| grant.dir("/data", &given)).call("run", "{}");
    assert_fails(&output, ErrorKind::Timeout, &["80 ms"]);
}

#[test]
fn mapped_paths_can_be_listed() {
    let root = world();
    symlink("given", root.path().join("link")).unwrap();
    let declared = json!({ "filesystem": { "read": ["/data"], "write": [] } });
    let package = sample(reads("hello.txt")).set("/capabilities", declared);
    let tool = package.granted(&host(), |grant| grant.dir("/data", root.path().join("link")));
    let [path] = tool.paths() else { panic!("{:?}", tool.paths()) };
    assert_eq!(path.host, root.path().canonicalize().unwrap().join("given"));
    assert_eq!((path.guest.as_str(), path.writable, path.is_file), ("/data", false, false));
}
