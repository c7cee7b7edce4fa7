//! Names: from what a server calls its tools, arguments and values to identifiers of Rust.

use std::collections::BTreeSet;

/// Keywords of Rust, also those that are reserved for later.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
/// Further words that cannot name a function, a module or an argument: primitive types, which the type of a tool's name would hide, and
/// crates and functions that generated code names.
const IN_USE: &[&str] = &[
    "union",
    "bool",
    "char",
    "str",
    "f16",
    "f32",
    "f64",
    "f128",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "alloc",
    "core",
    "std",
    "mpp",
    "mpp_testkit",
    "proc_macro",
    "test",
    "main",
    "tests",
    "tools",
    "not_implemented",
];
/// Names that no file can have on Windows.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];
/// Types that generated code uses under these names.
const TYPES: &[&str] = &[
    "BTreeMap", "Box", "Err", "Error", "Map", "None", "Ok", "Option", "Result", "Self", "Some", "String", "Value",
    "Vec",
];
/// Maximum length of a tool's name, and of identifiers.
const LONGEST: usize = 64;
const LONGEST_TYPE: usize = 40;

/// Returns a name that a package's tool can have: `[A-Za-z0-9_-]{1,64}`.
pub(super) fn tool(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' })
        .take(LONGEST)
        .collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

/// Returns an identifier of Rust in snake case, which is no reserved word.
pub(super) fn snake(name: &str, fallback: &str) -> String {
    let mut ident = snake_case(name, fallback);
    if is_reserved(&ident) || IN_USE.contains(&ident.as_str()) {
        ident.push('_');
    }
    ident
}

/// Returns an identifier in snake case, which can be a reserved word.
pub(super) fn snake_case(name: &str, fallback: &str) -> String {
    let mut words = words(name).join("_");
    words.truncate(LONGEST);
    let words = words.trim_end_matches('_');
    match words.chars().next() {
        None => fallback.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{fallback}_{words}"),
        Some(_) => words.to_owned(),
    }
}

/// Returns an identifier of Rust in Pascal case, which is none of the types that generated code uses.
pub(super) fn pascal(name: &str, fallback: &str) -> String {
    pascal_case(name, fallback, TYPES)
}

/// Returns an identifier in Pascal case, which is none of the names that are `taken`.
pub(super) fn pascal_case(name: &str, fallback: &str, taken: &[&str]) -> String {
    let mut ident: String = words(name).iter().map(|word| capitalized(word)).collect();
    ident.truncate(LONGEST_TYPE);
    if ident.is_empty() || ident.starts_with(|c: char| c.is_ascii_digit()) {
        ident.insert_str(0, fallback);
    }
    if taken.contains(&ident.as_str()) {
        ident.push_str("Data");
    }
    ident
}

/// Returns the names of an enumeration's variants; `None` if the values do not give distinct ones.
pub(super) fn variants(values: &[String]) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    values
        .iter()
        .map(|value| {
            let is_named = value.chars().any(|c| c.is_ascii_alphabetic())
                && value.chars().all(|c| c.is_ascii_alphanumeric() || " _-./:".contains(c));
            let name = pascal(value, "Value");
            (is_named && value.len() <= LONGEST_TYPE && seen.insert(name.clone())).then_some(name)
        })
        .collect()
}

/// Returns `name`, with a number if it is taken, and takes it.
pub(super) fn unique(name: String, separator: &str, taken: &mut BTreeSet<String>) -> String {
    let mut found = name.clone();
    let mut number = 2;
    while !taken.insert(found.clone()) {
        let cut = name.len().min(LONGEST - 6);
        found = format!("{}{separator}{number}", &name[..cut]);
        number += 1;
    }
    found
}

/// Returns distinct identifiers for keys, which `of` makes. A key that is an identifier keeps its name.
pub(super) fn identifiers<'a>(keys: impl Iterator<Item = &'a str> + Clone, of: impl Fn(&str) -> String) -> Vec<String> {
    let mut taken: BTreeSet<String> = keys.clone().filter(|key| of(key) == *key).map(str::to_owned).collect();
    keys.map(|key| match of(key) {
        ident if ident == key => ident,
        ident => unique(ident, "_", &mut taken),
    })
    .collect()
}

/// Returns whether a name consists of letters, digits and underscores of ASCII, and begins with no digit.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Returns whether no file can have this name on Windows.
pub(super) fn is_device(name: &str) -> bool {
    let is_port = ["com", "lpt"].iter().any(|port| name.strip_prefix(port).is_some_and(|rest| rest.len() == 1));
    DEVICES.contains(&name) || is_port
}

/// Returns whether neither a Rust identifier nor a file can have this name: keywords, and devices of Windows.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    KEYWORDS.contains(&name) || is_device(name)
}

/// Splits a name at characters that are no letters or digits of ASCII, and before capitals, into lower-case words.
///
/// ```
/// assert_eq!(mpp_mcp::scaffold::names::words("getHTTPServer-2"), ["get", "http", "server", "2"]);
/// ```
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut is_new = true;
    for (index, char) in chars.iter().enumerate() {
        if !char.is_ascii_alphanumeric() {
            is_new = true;
            continue;
        }
        let before = index.checked_sub(1).map(|before| chars[before]);
        let after = chars.get(index + 1);
        let is_capital = char.is_ascii_uppercase();
        let begins = is_capital
            && (before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                || (before.is_some_and(|c| c.is_ascii_uppercase()) && after.is_some_and(char::is_ascii_lowercase)));
        if is_new || begins {
            words.push(String::new());
        }
        is_new = false;
        if let Some(word) = words.last_mut() {
            word.push(char.to_ascii_lowercase());
        }
    }
    words
}

/// Returns the name of an item of a list with this name.
pub(super) fn singular(name: &str) -> String {
    let is_plain = name.len() > 3 && !name.ends_with("ss") && !name.ends_with("us") && !name.ends_with("is");
    match name {
        _ if name.ends_with("ies") && is_plain => format!("{}y", &name[..name.len() - 3]),
        _ if name.ends_with("ches") || name.ends_with("shes") || name.ends_with("sses") || name.ends_with("xes") => {
            name[..name.len() - 2].to_owned()
        }
        _ if name.ends_with('s') && is_plain => name[..name.len() - 1].to_owned(),
        _ => format!("{name}_item"),
    }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_in_snake_case() {
        for (name, expected) in [
            ("get_current_time", "get_current_time"),
            ("getHTTPServer2URL", "get_http_server2_url"),
            ("resolve-library-id", "resolve_library_id"),
            ("type", "type_"),
            ("Self", "self_"),
            ("str", "str_"),
            ("con", "con_"),
            ("2fast", "arg_2fast"),
            ("größe", "gr_e"),
            ("名前", "arg"),
            ("", "arg"),
            ("__", "arg"),
            ("_meta", "meta"),
        ] {
            assert_eq!(snake(name, "arg"), expected, "{name}");
        }
    }

    #[test]
    fn keys_that_are_identifiers_keep_their_name() {
        let keys = ["foo-bar", "fooBar", "foo_bar", "ref", "ref_"];
        assert_eq!(
            identifiers(keys.into_iter(), |key| snake(key, "arg")),
            ["foo_bar_2", "foo_bar_3", "foo_bar", "ref__2", "ref_"]
        );
    }

    #[test]
    fn types_are_in_pascal_case_and_hide_none_of_ours() {
        for (name, expected) in [
            ("create_entities", "CreateEntities"),
            ("value", "ValueData"),
            ("2d", "Item2d"),
            ("…", "Item"),
            ("HTTPError", "HttpError"),
        ] {
            assert_eq!(pascal(name, "Item"), expected, "{name}");
        }
        assert!(pascal(&"long".repeat(40), "Item").len() <= 40);
    }

    #[test]
    fn variants_need_distinct_names() {
        let names = |values: &[&str]| variants(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["a", "b-c", "1h"]), Some(vec!["A".to_owned(), "BC".to_owned(), "Value1h".to_owned()]));
        for unnamed in [&["a", "A"][..], &["+1", "-1"], &[""], &["é"], &["1"], &["ab", "a_b", "aB"]] {
            assert_eq!(names(unnamed), None, "{unnamed:?}");
        }
    }

    #[test]
    fn names_of_tools_have_the_characters_that_packages_allow() {
        assert_eq!(tool("a.b/c d\u{202e}é"), "a_b_c_d__");
        assert_eq!(tool(&"n".repeat(100)).len(), 64);
        assert_eq!(tool(""), "_");
    }
    #[test]
    fn items_have_the_name_of_one() {
        for (list, item) in [
            ("entities", "entity"),
            ("matches", "match"),
            ("edits", "edit"),
            ("address", "address_item"),
            ("status", "status_item"),
        ] {
            assert_eq!(singular(list), item);
        }
    }
}
