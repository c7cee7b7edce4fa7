//! The forms of the values in tables that authors write: what each key takes, and what it is filled with in examples.

/// The form of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// A string, such as this one.
    Text(&'static str),
    /// One of these strings, the first of which is the usual one.
    Choice(&'static [&'static str]),
    /// A whole number, such as this one.
    Number(u64, Unit),
    /// `true` or `false`, such as this one.
    Flag(bool),
    /// A list of values of one form.
    List(&'static Form),
    /// A table with these keys and no others.
    Table(&'static [Field]),
    /// A table with the author's own keys and strings as values, such as this pair.
    Map(&'static str, &'static str),
    /// A value of the first form, or of the second, which is a table.
    Either(&'static Form, &'static Form),
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// Whether the table cannot be without it.
    pub(crate) needed: bool,
}

/// What a number counts, so that a number with a unit can be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Mebibytes,
    Milliseconds,
}

const fn optional(name: &'static str, form: Form) -> Field {
    Field { name, form, needed: false }
}

const fn needed(name: &'static str, form: Form) -> Field {
    Field { name, form, needed: true }
}

const PATHS: Form = Form::List(&Form::Text("/data"));

const INJECTED: Form = Form::Table(&[
    needed("host", Form::Text("api.example.com")),
    needed("inject", Form::Map("authorization", "Bearer ${API_KEY}")),
]);

const CAPABILITIES: Form = Form::Table(&[
    optional("network", Form::List(&Form::Either(&Form::Text("api.example.com"), &INJECTED))),
    optional("filesystem", Form::Table(&[optional("read", PATHS), optional("write", PATHS)])),
    optional("env_vars", Form::List(&Form::Text("API_KEY"))),
    optional("kv", Form::Table(&[needed("max_bytes", Form::Number(1_048_576, Unit::Bytes))])),
]);

const PRIVACY_FILTERS: Form = Form::Table(&[
    optional("enabled", Form::Flag(true)),
    optional("patterns", Form::List(&Form::Text("email"))),
    optional(
        "custom_patterns",
        Form::List(&Form::Table(&[
            needed("regex", Form::Text("CUST-[0-9]{8}")),
            needed("id", Form::Text("customer_id")),
            optional("description", Form::Text("Internal customer number")),
        ])),
    ),
    optional(
        "exempt",
        Form::List(&Form::Table(&[
            needed("pointer", Form::Text("/results/*/id")),
            needed("reason", Form::Text("ids of public records")),
        ])),
    ),
]);

/// `[package.metadata.mpp]` in `Cargo.toml`.
pub(crate) const METADATA: Form = Form::Table(&[
    optional("package_id", Form::Text("com.example.my-tool")),
    optional("name", Form::Text("my-tool")),
    optional(
        "publisher",
        Form::Table(&[
            optional("name", Form::Text("Example Ltd")),
            optional("url", Form::Text("https://example.com")),
            optional("key_id", Form::Text("pub_a1b2c3d4e5f67890")),
        ]),
    ),
    optional(
        "runtime",
        Form::Table(&[
            optional("timeout_ms", Form::Number(30_000, Unit::Milliseconds)),
            optional("memory_limit_mb", Form::Number(64, Unit::Mebibytes)),
            optional("max_output_bytes", Form::Number(8_388_608, Unit::Bytes)),
            optional("stack_bytes", Form::Number(1_048_576, Unit::Bytes)),
            optional("type", Form::Choice(&["wasm32-wasi", "wasm32-wasip1"])),
        ]),
    ),
    optional("capabilities", CAPABILITIES),
    optional("privacy_filters", PRIVACY_FILTERS),
    optional("assets", Form::List(&Form::Text("data/*.json"))),
    optional("bin", Form::Text("my-tool")),
    optional("features", Form::List(&Form::Text("extra"))),
    optional(
        "dev",
        Form::Table(&[optional("dirs", Form::Map("/data", "sample")), optional("env", Form::Map("API_KEY", "test"))]),
    ),
]);

/// The object `build` in `manifest.json`.
pub(crate) const BUILD: Form =
    Form::Table(&[optional("command", Form::Text("make")), optional("output", Form::Text("out/tool.wasm"))]);

impl Form {
    /// Returns the keys of a table; empty for any other form.
    pub(crate) fn fields(&self) -> &'static [Field] {
        match self {
            Self::Table(fields) => fields,
            Self::Either(_, table) => table.fields(),
            _ => &[],
        }
    }

    /// Describes what a value of this form is.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Text(_) | Self::Choice(_) => "a string".to_owned(),
            Self::Number(..) => "a whole number".to_owned(),
            Self::Flag(_) => "`true` or `false`".to_owned(),
            Self::List(Self::Text(_)) => "a list of strings".to_owned(),
            Self::List(Self::Either(..)) => "a list of strings and tables".to_owned(),
            Self::List(_) => "a list of tables".to_owned(),
            Self::Table(fields) => format!("a table with {}", keys(fields)),
            Self::Map(..) => "a table of strings".to_owned(),
            Self::Either(one, other) => format!("{}, or {}", one.words(), other.words()),
        }
    }
}

/// Lists the keys of a table.
pub(crate) fn keys(fields: &[Field]) -> String {
    fields.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ")
}
