//! The macros of `mpp-sdk`, which re-exports them: `#[mpp_sdk::tool]`, `#[mpp_sdk::data]`, `#[derive(mpp_sdk::ToolError)]`
//! and `mpp_sdk::tools!`.
//!
//! Each macro parses its input into a model that keeps the spans, checks the model, and generates code. If there are
//! mistakes it returns the author's code unchanged, with one compile error per mistake.
#![forbid(unsafe_code)]

mod carried;
mod crate_path;
mod data;
mod docs;
mod errors;
mod expand;
mod fallback;
mod function;
mod options;
mod parameter;
#[cfg(test)]
mod reference;
mod rules;
mod schema_file;
mod tool_error;
mod tool_list;
mod types;

use proc_macro::TokenStream;

#[cfg_attr(not(doctest), doc = include_str!("pages/tool.md"))]
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    function::parse(options.into(), item.into()).map_or_else(|mistakes| mistakes, |tool| expand::tool(&tool)).into()
}

#[cfg_attr(not(doctest), doc = include_str!("pages/data.md"))]
#[proc_macro_attribute]
pub fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    data::data(options.into(), item.into()).into()
}

#[cfg_attr(not(doctest), doc = include_str!("pages/tool_error.md"))]
#[proc_macro_derive(ToolError, attributes(error, from, source))]
pub fn tool_error(item: TokenStream) -> TokenStream {
    tool_error::derive(item.into()).into()
}

#[cfg_attr(not(doctest), doc = include_str!("pages/tools.md"))]
#[proc_macro]
pub fn tools(paths: TokenStream) -> TokenStream {
    tool_list::tools(paths.into()).into()
}
