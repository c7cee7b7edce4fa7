//! Attempts to leave a declared directory or file: paths, links, renames, and changes during a call.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::Table;
use crate::fixture::{Run, content, host, module_with, sample};

const IMPORTS: &str = r#"
  (import "wasi_snapshot_preview1" "path_link" (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_readlink" (func $readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory" (func $rmdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_set_times"
    (func $touch (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
"#;
const READ: i64 = 1 << 1;
const WRITE: i64 = 1 << 6;
const CREATE: i32 = 1;
const TRUNCATE: i32 = 8;

/// Two paths for an attempt. The descriptor of the declared directory is 3.
const FIRST: i32 = 4096;
const SECOND: i32 = 4600;

/// A tool that runs `code`, which answers with 0 on success and with the error number otherwise.
fn tool(first: &str, second: &str, code: &str) -> Vec<u8> {
    let data = |at: i32, text: &str| {
        let bytes: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        format!("(data (i32.const {at}) \"{bytes}\")")
    };
    let more = format!("{} {}", data(FIRST, first), data(SECOND, second));
    let place = |at: i32, text: &str| format!("(i32.const {at}) (i32.const {})", text.len());
    let code = code.replace("$1", &place(FIRST, first)).replace("$2", &place(SECOND, second));
    module_with(IMPORTS, &more, &code)
}

/// Opens a path below descriptor `fd`, and answers with the content or the error number.
fn open(fd: i32, path: &str, flags: i32, rights: i64) -> String {
    format!(
        "(local $error i32)
         (local.set $error (call $path_open (i32.const {fd}) (i32.const 1) {path} (i32.const {flags}) (i64.const {rights})
           (i64.const 0) (i32.const 0) (i32.const 5000)))
         (if (local.get $error) (then (call $answer_number (local.get $error)))
           (else (call $answer_text (i32.const 8000) (call $read (i32.load (i32.const 5000)) (i32.const 8000)))))"
    )
}

fn read(path: &str) -> Vec<u8> {
    tool(path, "", &open(3, "$1", 0, READ))
}

fn write(path: &str, flags: i32) -> Vec<u8> {
    tool(path, "", &open(3, "$1", flags, WRITE))
}

/// Answers with the result of a function.
fn number(first: &str, second: &str, call: &str) -> Vec<u8> {
    tool(first, second, &format!("(call $answer_number {call})"))
}

/// If `follow` is 1, symbolic links are followed.
fn link(follow: u8, from: &str, to: &str) -> Vec<u8> {
    number(from, to, &format!("(call $link (i32.const 3) (i32.const {follow}) $1 (i32.const 3) $2)"))
}

fn rename(from: &str, to: &str) -> Vec<u8> {
    number(from, to, "(call $rename (i32.const 3) $1 (i32.const 3) $2)")
}

/// Creates a symbolic link and opens a path through it.
fn symlink_and_read(to: &str) -> Vec<u8> {
    let code = format!("(drop (call $symlink $1 (i32.const 3) $2)) {}", open(3, "$2", 0, READ));
    let (locals, rest) = code.split_once("(local $error i32)").unwrap();
    tool(to, "made-link", &format!("(local $error i32) {locals} {rest}"))
}

/// Creates `given/` with a file and links, and next to it files that no tool may read or change.
struct World {
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let given = root.path().join("given");
        fs::create_dir_all(given.join("sub")).unwrap();
        fs::create_dir(root.path().join("other")).unwrap();
        for name in ["given/hello.txt", "given/neighbour.txt"] {
            fs::write(root.path().join(name), "hello").unwrap();
        }
        for name in ["secret.txt", "other/secret.txt"] {
            fs::write(root.path().join(name), "secret").unwrap();
        }
        symlink("../secret.txt", given.join("up")).unwrap();
        symlink("up", given.join("twice")).unwrap();
        symlink(root.path().join("secret.txt"), given.join("absolute")).unwrap();
        symlink("..", given.join("parent")).unwrap();
        symlink("../other", given.join("sideways")).unwrap();
        symlink("/proc/self/root", given.join("proc")).unwrap();
        symlink("/dev/fd/0", given.join("descriptor")).unwrap();
        symlink("../new.txt", given.join("dangling")).unwrap();
        Self { root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Returns the names and the content of everything outside the given directory.
    fn outside(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        for dir in [self.root.path().to_owned(), self.path("other")] {
            for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
                let metadata = entry.metadata().unwrap();
                let text = if metadata.is_file() { fs::read_to_string(entry.path()).unwrap() } else { String::new() };
                let modified = metadata.is_file().then(|| metadata.modified().unwrap());
                found.insert(entry.path(), format!("{text} {modified:?}"));
            }
        }
        found
    }
}

fn call(module: Vec<u8>, read: &[&str], write: &[&str], here: &Path) -> Value {
    let package = sample(module).set("/capabilities", json!({ "filesystem": { "read": read, "write": write } }));
    let guest = *read.iter().chain(write).next().unwrap();
    content(&package.granted(&host(), |grant| grant.dir(guest, here)).call("run", "{}"))
}

/// Describes the error that the tool received.
fn refusal(answer: &Value) -> Option<&'static str> {
    let number: i32 = answer.as_str().filter(|text| text.len() == 3)?.parse().ok()?;
    Some(match number {
        2 => "may not (acces)",
        8 => "no such descriptor (badf)",
        18 => "is another device (xdev)",
        28 => "is invalid (inval)",
        32 => "a circle of links (loop)",
        37 => "the name is too long (nametoolong)",
        44 => "is not there (noent)",
        54 => "is not a directory (notdir)",
        58 => "is not supported (notsup)",
        63 => "is not permitted (perm)",
        69 => "may only be read (rofs)",
        75 => "leads out (xdev)",
        76 => "goes beyond what was granted (notcapable)",
        25 => "is not text (ilseq)",
        0 => return None,
        _ => "is refused",
    })
}

/// Runs each attempt in a new directory.
fn try_all(kind: &str, declared: [&[&str]; 2], given: &str, attempts: Vec<(&str, Vec<u8>)>) {
    let mut table = Table::new(kind, "error that the tool receives");
    for (what, module) in attempts {
        let world = World::new();
        let before = world.outside();
        let answer = call(module, declared[0], declared[1], &world.path(given));
        let refused = refusal(&answer);
        let unchanged =
            world.outside() == before && fs::read_to_string(world.path("given/hello.txt")).unwrap() == "hello";
        let told = format!("{answer} {}", refused.unwrap_or("it worked"));
        let expected =
            (refused.is_none() || !unchanged).then(|| format!("a refusal, found {answer}, unchanged: {unchanged}"));
        table.row(what, if refused.is_some() { "refused" } else { "worked" }, &told, expected);
    }
    table.done();
}

#[test]
fn no_escape_from_a_writable_directory() {
    let long = "../".repeat(400) + "etc/passwd";
    let absolute = tempfile::NamedTempFile::new().unwrap();
    let absolute = absolute.path().to_str().unwrap().to_owned();
    let stat = |path| number(path, "", "(call $stat (i32.const 3) (i32.const 1) $1 (i32.const 5000))");
    let touch = |path| {
        number(path, "", "(call $touch (i32.const 3) (i32.const 1) $1 (i64.const 0) (i64.const 0) (i32.const 5))")
    };
    try_all(
        "out of /data, which may be written",
        [&[], &["/data"]],
        "given",
        vec![
            ("`..`", read("../secret.txt")),
            ("`..` behind `.`", read("./../secret.txt")),
            ("`..` behind a directory", read("sub/../../secret.txt")),
            ("`..` four hundred times", read(&long)),
            ("an absolute path", read(&absolute)),
            ("an absolute path of the system's", read("/etc/passwd")),
            ("two slashes", read("//etc/passwd")),
            ("a zero byte in the path", read("hello.txt\0/../../secret.txt")),
            ("a symbolic link that leads up", read("up")),
            ("a symbolic link to a symbolic link that leads up", read("twice")),
            ("a symbolic link to an absolute path", read("absolute")),
            ("a symbolic link to the directory above", read("parent/secret.txt")),
            ("a symbolic link to a directory beside it", read("sideways/secret.txt")),
            ("a symbolic link into /proc", read("proc/etc/passwd")),
            ("a symbolic link to a descriptor of the host's", read("descriptor")),
            ("a symbolic link of the tool's own that leads up", symlink_and_read("../secret.txt")),
            ("a symbolic link of the tool's own to an absolute path", symlink_and_read(&absolute)),
            ("another descriptor as the directory", tool("secret.txt", "", &open(4, "$1", 0, READ))),
            ("a stream as the directory", tool("secret.txt", "", &open(0, "$1", 0, READ))),
            ("an invalid descriptor", tool("secret.txt", "", &open(-1, "$1", 0, READ))),
            ("asking about a file above", stat("../secret.txt")),
            ("asking about a file behind a link", stat("up")),
            ("the times of a file above", touch("../secret.txt")),
            ("the times of a file behind a link", touch("up")),
            ("a new file above", write("../new.txt", CREATE)),
            ("a new file behind a link that leads nowhere", write("dangling", CREATE)),
            ("emptying a file above", write("../secret.txt", TRUNCATE)),
            ("emptying a file behind a link", write("up", TRUNCATE)),
            ("a new directory above", number("../new", "", "(call $mkdir (i32.const 3) $1)")),
            ("removing a file above", number("../secret.txt", "", "(call $unlink (i32.const 3) $1)")),
            (
                "removing a file through a link to its directory",
                number("sideways/secret.txt", "", "(call $unlink (i32.const 3) $1)"),
            ),
            ("removing a directory above", number("../other", "", "(call $rmdir (i32.const 3) $1)")),
            ("a hard link to a file above", link(0, "../secret.txt", "mine.txt")),
            ("a hard link to a file behind a link", link(1, "up", "mine.txt")),
            ("a hard link through a link to the directory above", link(0, "parent/secret.txt", "mine.txt")),
            ("a hard link to an absolute path", link(0, &absolute, "mine.txt")),
            ("a hard link of an own file, put above", link(0, "hello.txt", "../theirs.txt")),
            ("renaming a file from above into it", rename("../secret.txt", "mine.txt")),
            ("renaming an own file to above", rename("hello.txt", "../theirs.txt")),
            ("renaming over a file above", rename("hello.txt", "../secret.txt")),
            ("renaming through a link to a directory beside it", rename("hello.txt", "sideways/secret.txt")),
            ("renaming the directory itself", rename(".", "../elsewhere")),
        ],
    );
}

#[test]
fn no_escape_from_a_readable_directory() {
    try_all(
        "changes to /data, which may be read",
        [&["/data"], &[]],
        "given",
        vec![
            ("writing a file", write("hello.txt", 0)),
            ("emptying a file", write("hello.txt", TRUNCATE)),
            ("a new file", write("new.txt", CREATE)),
            ("a new directory", number("new", "", "(call $mkdir (i32.const 3) $1)")),
            ("removing a file", number("hello.txt", "", "(call $unlink (i32.const 3) $1)")),
            ("removing a directory", number("sub", "", "(call $rmdir (i32.const 3) $1)")),
            ("renaming a file", rename("hello.txt", "other.txt")),
            ("a hard link", link(0, "hello.txt", "other.txt")),
            ("a symbolic link", number("hello.txt", "other.txt", "(call $symlink $1 (i32.const 3) $2)")),
            (
                "the times of a file",
                number(
                    "hello.txt",
                    "",
                    "(call $touch (i32.const 3) (i32.const 1) $1 (i64.const 0) (i64.const 0) (i32.const 5))",
                ),
            ),
            ("`..`", read("../secret.txt")),
            ("a symbolic link that leads up", read("up")),
        ],
    );
}

#[test]
fn no_escape_from_a_readable_directory_through_a_writable_one() {
    // Directories are sorted by name: `/in` is descriptor 3, `/out` is 4.
    let mut table =
        Table::new("from /in, which may be read, to /out, which may be written", "error that the tool receives");
    let from_in = |call: &str| number("hello.txt", "mine.txt", call);
    for (what, module) in [
        (
            "a hard link to a file that may only be read",
            from_in("(call $link (i32.const 3) (i32.const 0) $1 (i32.const 4) $2)"),
        ),
        ("taking a file away from there", from_in("(call $rename (i32.const 3) $1 (i32.const 4) $2)")),
        ("putting a file there", from_in("(call $rename (i32.const 4) $1 (i32.const 3) $2)")),
        ("a hard link that is put there", from_in("(call $link (i32.const 4) (i32.const 0) $1 (i32.const 3) $2)")),
    ] {
        let (readable, writable) = (World::new(), World::new());
        let package =
            sample(module).set("/capabilities", json!({ "filesystem": { "read": ["/in"], "write": ["/out"] } }));
        let tool = package
            .granted(&host(), |grant| grant.dir("/in", readable.path("given")).dir("/out", writable.path("given")));
        let answer = content(&tool.call("run", "{}"));
        let refused = refusal(&answer);
        let names = |world: &World| fs::read_dir(world.path("given")).unwrap().count();
        let unchanged = names(&readable) == names(&writable) && !writable.path("given/mine.txt").exists();
        let expected = (refused.is_none() || !unchanged).then(|| format!("a refusal, found {answer}"));
        table.row(what, "refused", &format!("{answer} {}", refused.unwrap_or("it worked")), expected);
    }
    table.done();
}

#[test]
fn no_escape_from_a_file() {
    let attempts = || {
        vec![
            ("the file's neighbour", read("neighbour.txt")),
            ("the directory above the neighbour's", read("../secret.txt")),
            ("a link that lies beside the file", read("up")),
            ("an absolute path", read("/etc/passwd")),
            ("a hard link to the neighbour", link(0, "neighbour.txt", "mine.txt")),
            ("renaming the neighbour", rename("neighbour.txt", "mine.txt")),
        ]
    };
    try_all("beside /data/hello.txt, which may be read", [&["/data/hello.txt"], &[]], "given/hello.txt", attempts());
    try_all("beside /data/hello.txt, which may be written", [&[], &["/data/hello.txt"]], "given/hello.txt", attempts());
    // The host does not follow what replaced the copy when it writes the file back.
    let mut table = Table::new("in place of /data/hello.txt, which may be written", "state of the file");
    let replaced = |code: &str| {
        let code = format!("(drop (call $unlink (i32.const 3) $1)) {code}");
        tool("hello.txt", "../secret.txt", &format!("{code} (call $answer_number (i32.const 0))"))
    };
    for (what, module) in [
        ("removing it", replaced("")),
        ("a symbolic link in its place", replaced("(drop (call $symlink $2 (i32.const 3) $1))")),
        ("a directory in its place", replaced("(drop (call $mkdir (i32.const 3) $1))")),
    ] {
        let world = World::new();
        let before = world.outside();
        let answer = call(module, &[], &["/data/hello.txt"], &world.path("given/hello.txt"));
        let kept = world.outside() == before
            && fs::read_to_string(world.path("given/hello.txt")).is_ok_and(|text| text == "hello")
            && !world.path("given/hello.txt").is_symlink();
        let expected = (answer != "000" || !kept).then(|| format!("the file as it was, found {answer}"));
        table.row(what, "refused", if kept { "unchanged" } else { "changed" }, expected);
    }
    table.done();
}

/// A tool that opens `swap/secret.txt` until it has met both the directory and the refusal fifty times. It answers with
/// the number of the directory's files, or with content that it must never see.
fn opens_while_it_changes() -> Vec<u8> {
    let code = "
      (local $inside i32) (local $refused i32) (local $error i32)
      (loop $again
        (local.set $error (call $path_open (i32.const 3) (i32.const 1) $1 (i32.const 0) (i64.const 2) (i64.const 0)
          (i32.const 0) (i32.const 5000)))
        (if (local.get $error)
          (then (local.set $refused (i32.add (local.get $refused) (i32.const 1))))
          (else
            (if (i32.ne (call $read (i32.load (i32.const 5000)) (i32.const 8000)) (i32.const 6)) (then unreachable))
            (if (i32.eq (i32.load8_u (i32.const 8000)) (i32.const 115))
              (then (call $answer_text (i32.const 8000) (i32.const 6)) (call $exit (i32.const 0))))
            (drop (call $close (i32.load (i32.const 5000))))
            (local.set $inside (i32.add (local.get $inside) (i32.const 1)))))
        (br_if $again (i32.or (i32.lt_u (local.get $inside) (i32.const 50)) (i32.lt_u (local.get $refused) (i32.const 50)))))
      (call $answer_number (i32.const 50))";
    let imports = "(import \"wasi_snapshot_preview1\" \"fd_close\" (func $close (param i32) (result i32)))";
    let more = "(data (i32.const 4096) \"swap/secret.txt\")";
    module_with(imports, more, &code.replace("$1", "(i32.const 4096) (i32.const 15)"))
}

#[test]
fn no_escape_through_changes_during_a_call() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let mut table = Table::new("changes while a call runs", "what the tool received");
    let world = World::new();
    let (swap, other) = (world.path("given/swap"), world.path("given/swapped"));
    fs::create_dir(&swap).unwrap();
    fs::write(swap.join("secret.txt"), "inside").unwrap();
    symlink("../other", &other).unwrap();
    let over = AtomicBool::new(false);
    let answer = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                renameat_with(CWD, &swap, CWD, &other, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let package = sample(opens_while_it_changes())
            .set("/capabilities", json!({ "filesystem": { "read": ["/data"], "write": [] } }));
        let tool = package.granted(&host(), |grant| grant.dir("/data", world.path("given")));
        let output = tool.call("run", "{}");
        over.store(true, Ordering::Relaxed);
        content(&output)
    });
    let told = format!("{answer}: its own file, or a refusal, 50 times each and more");
    let expected = (answer != "050").then(|| format!("its own file or a refusal, found {answer}"));
    table.row("a directory and a link that leads out, exchanged all the time", "refused", &told, expected);

    // The directory that the tool has open is moved; `..` still leads nowhere.
    let moves = World::new();
    fs::rename(moves.path("given/sub"), moves.path("other/sub")).unwrap();
    let answer = call(read("../secret.txt"), &["/data"], &[], &moves.path("other/sub"));
    let told = format!("{answer} {}", refusal(&answer).unwrap_or("it worked"));
    table.row(
        "`..` from a directory that was moved",
        "refused",
        &told,
        refusal(&answer).is_none().then(|| "a refusal".to_owned()),
    );
    table.done();
}
