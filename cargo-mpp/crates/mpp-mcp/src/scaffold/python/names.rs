//! Names in Python: of functions, parameters and types.

use crate::scaffold::names::{is_device, is_identifier, pascal_case, snake_case};

/// Words that name nothing.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
/// Names that a function would hide from the rest of its module, where its body and its types need them.
const HIDDEN: &[&str] = &[
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "compile",
    "complex",
    "dict",
    "dir",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "iter",
    "json",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "mpp",
    "next",
    "not_implemented",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "str",
    "sum",
    "super",
    "tools",
    "tuple",
    "type",
    "vars",
    "zip",
];
/// Names that the bodies of functions use.
const IN_BODY: &[&str] = &["mpp", "not_implemented"];
/// Types that generated code and its bodies use under these names.
const TYPES: &[&str] = &[
    "Annotated",
    "Any",
    "Exception",
    "False",
    "KeyError",
    "Literal",
    "None",
    "NotRequired",
    "OSError",
    "RuntimeError",
    "True",
    "TypeError",
    "TypedDict",
    "ValueError",
];

/// Returns the name of a function and of its module.
pub(super) fn function(name: &str) -> String {
    let mut ident = snake_case(name, "tool");
    if KEYWORDS.contains(&ident.as_str()) || HIDDEN.contains(&ident.as_str()) || is_device(&ident) {
        ident.push('_');
    }
    ident
}

/// Returns the name of a parameter. A name that can be one stays as it is.
pub(super) fn parameter(name: &str) -> String {
    // What begins with two underscores is special, or can be.
    if is_attribute(name) && !IN_BODY.contains(&name) {
        return name.to_owned();
    }
    let mut ident = snake_case(name, "arg");
    if KEYWORDS.contains(&ident.as_str()) || IN_BODY.contains(&ident.as_str()) {
        ident.push('_');
    }
    ident
}

/// Returns whether the fields of a class can have this name.
pub(super) fn is_attribute(name: &str) -> bool {
    is_identifier(name) && !KEYWORDS.contains(&name) && !name.starts_with("__")
}

/// Returns the name of a type.
pub(super) fn class(name: &str) -> String {
    pascal_case(name, "Item", TYPES)
}

#[cfg(test)]
mod tests {
    use super::{class, function, parameter};

    #[test]
    fn functions_are_in_snake_case_and_hide_nothing() {
        for (name, expected) in [
            ("get_current_time", "get_current_time"),
            ("getCurrentTime", "get_current_time"),
            ("resolve-library-id", "resolve_library_id"),
            ("import", "import_"),
            ("list", "list_"),
            ("mpp", "mpp_"),
            ("con", "con_"),
            ("match", "match"),
            ("2fast", "tool_2fast"),
            ("名前", "tool"),
        ] {
            assert_eq!(function(name), expected, "{name}");
        }
    }

    #[test]
    fn parameters_keep_their_name_if_it_can_be_one() {
        for name in ["timezone", "sessionId", "_meta", "self", "type", "list", "match", "URL"] {
            assert_eq!(parameter(name), name);
        }
        for (name, expected) in [
            ("from", "from_"),
            ("None", "none"),
            ("class", "class_"),
            ("filter-by", "filter_by"),
            ("$schema", "schema"),
            ("__debug__", "debug"),
            ("a/b~c", "a_b_c"),
            ("größe", "gr_e"),
            ("mpp", "mpp_"),
            ("", "arg"),
        ] {
            assert_eq!(parameter(name), expected, "{name}");
        }
    }

    #[test]
    fn types_hide_none_of_those_that_are_used() {
        assert_eq!(
            (class("find_result").as_str(), class("any").as_str(), class("2d").as_str()),
            ("FindResult", "AnyData", "Item2d")
        );
    }
}
