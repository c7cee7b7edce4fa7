//! Packages for step 3, with entry names that lead outside the package on some operating system.

use super::{Mutation, add, signed};
use crate::package::tamper::RawEntry;

pub(super) fn mutations() -> Vec<Mutation> {
    let named = |code, name: &'static str| {
        let what = format!("an entry named `{}`", name.escape_debug());
        signed(code, what, move |archive| add(archive, RawEntry::stored(name, b"x")))
    };
    vec![
        named("MPP-G301", "/etc/passwd"),
        named("MPP-G302", "../outside"),
        named("MPP-G302", "bin/../../outside"),
        named("MPP-G302", "assets/.."),
        named("MPP-G303", "./README"),
        named("MPP-G303", "assets/./words"),
        named("MPP-G304", "assets//words"),
        named("MPP-G304", ""),
        named("MPP-G305", "..\\outside"),
        named("MPP-G305", "\\\\server\\share"),
        named("MPP-G306", "c:outside"),
        named("MPP-G306", "C:/Windows/x"),
        named("MPP-G307", "a\0.txt"),
        named("MPP-G307", "a\u{1b}[2J"),
        named("MPP-G307", "a\nb"),
        named("MPP-G308", "nul"),
        named("MPP-G308", "assets/COM1.txt"),
        named("MPP-G308", "lpt9.tar.gz"),
        named("MPP-G309", ".hidden"),
        named("MPP-G309", "-rf"),
        named("MPP-G309", "a b"),
        named("MPP-G309", "file:stream"),
        named("MPP-G306", "a:stream"),
        named("MPP-G309", "\u{202e}gpj.exe"),
        named("MPP-G309", "ﬁle"),
        named("MPP-G309", "~root"),
    ]
}
