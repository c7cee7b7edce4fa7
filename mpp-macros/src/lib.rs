//! The macros of `mpp-sdk`. Use them from there: `#[mpp_sdk::tool]`, `#[mpp_sdk::data]`, `#[derive(mpp_sdk::ToolError)]` and
//! `mpp_sdk::tools!`.
//!
//! Each works in four steps: parse into a model that keeps the spans, check the model, generate, and on a mistake give back the
//! author's own code with one error per mistake.
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

/// Makes a function a tool that an agent can call.
///
/// The function's doc comment is what the model reads before it calls; the doc comments of its parameters describe the
/// arguments.
///
/// ```
/// /// Look up customers by name.
/// #[mpp_sdk::tool(read_only, security_level = "medium")]
/// fn lookup(
///     /// A name, or the beginning of one.
///     #[arg(min_len = 1, example = "Ada")]
///     query: &str,
///     /// How many at most.
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
/// # The function
/// | option | meaning |
/// |---|---|
/// | `name = "…"` | the published name, `[A-Za-z0-9_-]{1,64}`; else the function's |
/// | `title = "…"` | a name for people |
/// | `description = "…"` | in place of the doc comment |
/// | `security_level = "…"` | `low` (default), `medium`, `high` or `critical` |
/// | `read_only`, `destructive`, `idempotent`, `open_world` | MCP's hints; `= false` says the contrary |
/// | `crate = path` | where `mpp-sdk` is, for crates that re-export it |
///
/// # Each parameter: `#[arg(…)]`
/// | option | meaning |
/// |---|---|
/// | `name = "…"` | the published key; else the parameter's |
/// | `default = expression`, `default` | what is passed where the argument is left out |
/// | `range = 1..=100` | bounds of a number |
/// | `min_len = 1`, `max_len = 80` | bounds of a length: characters, elements or keys |
/// | `pattern = "…"`, `format = "email"` | of text; published, and enforced by the host |
/// | `example = …`, `examples = […]` | shown to the model |
///
/// Any type can be an argument that implements `serde::Deserialize` and `schemars::JsonSchema`, and a reference to one.
/// `Option<T>` may be left out. What the schema says is enforced before the function runs: unknown keys are refused with
/// the nearest valid one, and all mistakes are reported at once.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    function::tool(options.into(), item.into()).into()
}

/// Makes a struct or enum usable as an argument and as a result: it derives serde's `Serialize` and `Deserialize` and
/// schemars' `JsonSchema`, from the versions that `mpp-sdk` uses, and refuses unknown keys.
///
/// ```
/// #[mpp_sdk::data]
/// #[derive(Debug, Clone)]
/// #[serde(rename_all = "camelCase")]
/// struct Customer {
///     /// As on the invoice.
///     full_name: String,
///     #[serde(default)]
///     tags: Vec<String>,
/// }
/// # fn main() {}
/// ```
///
/// `#[mpp_sdk::data(open)]` accepts and ignores unknown keys, for what other programs send. A type with
/// `#[serde(flatten)]` is not closed either: serde cannot tell whose key an unknown one is.
#[proc_macro_attribute]
pub fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    data::data(options.into(), item.into()).into()
}

/// Makes an enum or struct the error of a tool: a stable code, whether to retry, and a message that is safe to show.
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
/// It implements `Display` (the message), `std::error::Error` (`#[from]` and `#[source]` fields are the source; their
/// text is not part of the message), `From` for each `#[from]` field, and `From<Self> for mpp_sdk::Error`.
#[proc_macro_derive(ToolError, attributes(error, from, source))]
pub fn tool_error(item: TokenStream) -> TokenStream {
    tool_error::derive(item.into()).into()
}

/// The set of these tools, by the paths of their functions, for `mpp_sdk::serve_tools`.
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
