//! The macros of `mpp-sdk`, which re-exports them: `#[mpp_sdk::tool]`, `#[mpp_sdk::data]`, `#[derive(mpp_sdk::ToolError)]`
//! and `mpp_sdk::tools!`.
//!
//! Each macro parses its input into a model that keeps the spans, checks the model, and generates code. If there are
//! mistakes it returns the author's code unchanged, with one compile error per mistake.
#![forbid(unsafe_code)]

mod crate_path;
mod data;
mod docs;
mod errors;
mod expand;
mod fallback;
mod function;
mod options;
mod parameter;
mod rules;
mod tool_error;
mod tool_list;
mod types;

use proc_macro::TokenStream;

/// Turns a function into a tool that an agent can call.
///
/// The function's doc comment is the description that a model reads before it calls the tool. The doc comments of the
/// parameters describe the arguments.
///
/// ```
/// /// Look up customers by name.
/// #[mpp_sdk::tool(read_only, security_level = "medium")]
/// fn lookup(
///     /// A name, or the beginning of one.
///     #[arg(min_len = 1, example = "Ada")]
///     query: &str,
///     /// Maximum number of customers to return.
///     #[arg(default = 10, range = 1..=100)]
///     limit: usize,
///     /// Only customers of this company.
///     company: Option<String>,
/// ) -> Vec<String> {
///     let _ = (query, limit, company);
///     Vec::new()
/// }
/// # fn main() {}
/// ```
///
/// # Options of the function
/// | option | meaning |
/// |---|---|
/// | `name = "…"` | the published name, `[A-Za-z0-9_-]{1,64}`; the default is the function's |
/// | `title = "…"` | a name for people |
/// | `description = "…"` | replaces the doc comment |
/// | `security_level = "…"` | `low` (default), `medium`, `high` or `critical` |
/// | `read_only`, `destructive`, `idempotent`, `open_world` | MCP's hints; `= false` states the opposite |
/// | `crate = path` | path of `mpp-sdk`, for crates that re-export it |
///
/// # Options of a parameter: `#[arg(…)]`
/// | option | meaning |
/// |---|---|
/// | `name = "…"` | the published key; the default is the parameter's name |
/// | `default = expression`, `default` | the value of an omitted argument; without an expression `Default::default()` |
/// | `range = 1..=100` | bounds of a number |
/// | `min_len = 1`, `max_len = 80` | bounds of a length: characters of text, elements of a list, keys of a map |
/// | `pattern = "…"`, `format = "email"` | a regular expression or a JSON Schema format for text; the host enforces it |
/// | `example = …`, `examples = […]` | values that a model sees in the schema |
///
/// An argument can have any type that implements `serde::Deserialize` and `schemars::JsonSchema`, or be a reference to
/// one. An `Option<T>` can be omitted. Arguments are validated before the function runs: unknown keys are rejected with a
/// suggestion, and all mistakes are reported at once.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    function::tool(options.into(), item.into()).into()
}

/// Makes a struct or enum usable as an argument and as a result.
///
/// Derives serde's `Serialize` and `Deserialize` and schemars' `JsonSchema`, from the versions that `mpp-sdk` uses.
/// Deserialization rejects unknown keys.
///
/// ```
/// #[mpp_sdk::data]
/// #[derive(Debug, Clone)]
/// #[serde(rename_all = "camelCase")]
/// struct Customer {
///     /// The name on the invoice.
///     full_name: String,
///     #[serde(default)]
///     tags: Vec<String>,
/// }
/// # fn main() {}
/// ```
///
/// `#[mpp_sdk::data(open)]` ignores unknown keys instead, for data from other programs. So does a type with
/// `#[serde(flatten)]`, since serde cannot tell whether a key belongs to the flattened field.
#[proc_macro_attribute]
pub fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    data::data(options.into(), item.into()).into()
}

/// Makes an enum or struct the error of a tool, with a stable code, a message for the caller, and whether to retry.
///
/// ```
/// #[derive(Debug, mpp_sdk::ToolError)]
/// enum LookupError {
///     #[error(code = "not_found", message = "no customer matches `{query}`; try the e-mail")]
///     NotFound { query: String },
///     #[error(code = "book_unreadable", retryable, message = "the address book could not be read")]
///     Book(#[from] std::io::Error),
///     #[error(transparent)]
///     Other(#[from] mpp_sdk::Error),
/// }
///
/// let error = mpp_sdk::Error::from(LookupError::NotFound { query: "ada".into() });
/// assert_eq!((error.code(), error.message()), ("not_found", "no customer matches `ada`; try the e-mail"));
/// ```
///
/// Implements `Display` (the message), `std::error::Error`, `From` for each `#[from]` field, and
/// `From<Self> for mpp_sdk::Error`. A `#[from]` or `#[source]` field is the error's source. The source's text does not
/// reach the caller unless the message includes it.
#[proc_macro_derive(ToolError, attributes(error, from, source))]
pub fn tool_error(item: TokenStream) -> TokenStream {
    tool_error::derive(item.into()).into()
}

/// Creates a set of tools from the paths of their functions, for `mpp_sdk::serve_tools`.
///
/// ```
/// mod arithmetic {
///     /// Add two numbers.
///     #[mpp_sdk::tool]
///     pub fn add(a: i64, b: i64) -> i64 {
///         a + b
///     }
/// }
/// assert_eq!(mpp_sdk::tools![arithmetic::add].names(), ["add"]);
/// ```
#[proc_macro]
pub fn tools(paths: TokenStream) -> TokenStream {
    tool_list::tools(paths.into()).into()
}
