//! Names in TypeScript and JavaScript: of files, constants and types.

use crate::scaffold::names::{is_device, pascal_case, snake_case, words};

/// Names that a constant cannot have: reserved words, what generated code imports, and what bodies use.
const RESERVED: &[&str] = &[
    "abstract",
    "any",
    "arguments",
    "async",
    "audio",
    "await",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "clearState",
    "console",
    "const",
    "continue",
    "crypto",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "env",
    "eval",
    "export",
    "extends",
    "false",
    "fetch",
    "finally",
    "for",
    "from",
    "function",
    "get",
    "given",
    "globalThis",
    "handle",
    "if",
    "image",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "is",
    "jsonSchema",
    "keyof",
    "kv",
    "let",
    "module",
    "namespace",
    "never",
    "new",
    "notImplemented",
    "null",
    "number",
    "object",
    "of",
    "package",
    "parameters",
    "private",
    "protected",
    "public",
    "queueMicrotask",
    "readonly",
    "require",
    "return",
    "returns",
    "set",
    "setInterval",
    "setTimeout",
    "static",
    "string",
    "structuredClone",
    "super",
    "switch",
    "symbol",
    "text",
    "this",
    "throw",
    "tool",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unknown",
    "var",
    "void",
    "while",
    "with",
    "yield",
];
/// Types that generated code and its bodies use under these names.
const TYPES: &[&str] = &[
    "AbortSignal",
    "Array",
    "Boolean",
    "Content",
    "Date",
    "Error",
    "Function",
    "Headers",
    "JSON",
    "JsonSchema",
    "Map",
    "Math",
    "Number",
    "Object",
    "Promise",
    "Record",
    "Request",
    "Response",
    "Set",
    "String",
    "Symbol",
    "ToolError",
    "URL",
    "Url",
];

/// Returns the name of a tool's file without its ending.
pub(super) fn file(name: &str) -> String {
    let mut ident = snake_case(name, "tool");
    if is_device(&ident) {
        ident.push('_');
    }
    ident
}

/// Returns the name of the constant of a tool, in camel case.
pub(super) fn constant(file: &str) -> String {
    let mut ident = String::new();
    for (index, word) in words(file).iter().enumerate() {
        let mut chars = word.chars();
        let first = chars.next().map(|first| if index == 0 { first } else { first.to_ascii_uppercase() });
        ident.extend(first.into_iter().chain(chars));
    }
    if RESERVED.contains(&ident.as_str()) {
        ident.push_str("Tool");
    }
    ident
}

/// Returns the name of a type.
pub(super) fn class(name: &str) -> String {
    pascal_case(name, "Item", TYPES)
}

#[cfg(test)]
mod tests {
    use super::{class, constant, file};

    #[test]
    fn constants_are_in_camel_case_and_hide_nothing() {
        for (name, expected) in [
            ("get_current_time", "getCurrentTime"),
            ("fetch", "fetchTool"),
            ("delete", "deleteTool"),
            ("read-file", "readFile"),
            ("HTTPGet", "httpGet"),
            ("名前", "toolTool"),
        ] {
            assert_eq!(constant(&file(name)), expected, "{name}");
        }
        assert_eq!((file("con").as_str(), file("2nd").as_str()), ("con_", "tool_2nd"));
    }

    #[test]
    fn types_hide_none_of_those_that_are_used() {
        assert_eq!((class("url").as_str(), class("find_result").as_str()), ("UrlData", "FindResult"));
    }
}
