//! The one table of the functions that a host provides to modules: names, parameters, results, capabilities and documentation.
//!
//! The Gatekeeper checks imports against this table. The C header, the declarations in the SDKs of other languages and the
//! reference in the book are generated from it.
//!
//! Documentation is plain text. Paragraphs are separated by empty lines, and an indented line is an example that is not wrapped.
//! In backticks, the name of a function or of a status stands for whatever a language calls it.

mod table;
mod types;
mod wit;

pub use self::table::{GROUPS, INTRODUCTION, STATUSES};
pub use self::types::{Answer, Group, HostFunction, Kind, Parameter, Requirement, Returned, StatusEntry};
pub use self::wit::{PACKAGE, package as wit_package};

/// The WebAssembly module from which the functions are imported.
pub const MODULE: &str = "mpp_v1";
/// The version of the functions, which is part of the name of [`MODULE`].
pub const VERSION: u32 = 1;

/// Returns every function, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static HostFunction> {
    GROUPS.iter().flat_map(|group| group.functions)
}

/// Returns the function with the given name.
#[must_use]
pub fn find(name: &str) -> Option<&'static HostFunction> {
    all().find(|function| function.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mpp_sdk::wire::Status;

    use super::{STATUSES, all, find};

    #[test]
    fn signatures_are_those_of_the_imports() {
        let of = |name: &str| find(name).expect("a function").signature();
        assert_eq!(
            ["reply_len", "reply_take", "http_send", "kv_set", "kv_list", "kv_compare_and_swap", "kv_increment"]
                .map(of),
            [":i", "i", "ii:i", "iiiiI:i", "iiiii:i", "iiiiiiI:i", "iiI:i"]
        );
    }

    #[test]
    fn names_are_unique_and_statuses_are_complete() {
        let names: BTreeSet<&str> = all().map(|function| function.name).collect();
        assert_eq!(names.len(), all().count());
        for (index, entry) in STATUSES.iter().enumerate() {
            let code = -1 - i32::try_from(index).expect("a small number");
            assert_eq!((entry.status as i32, Status::from_code(code)), (code, entry.status), "{}", entry.name);
        }
        let next = -1 - i32::try_from(STATUSES.len()).expect("a small number");
        assert_eq!(Status::from_code(next), Status::Unavailable, "a status is missing in the table");
    }
}
