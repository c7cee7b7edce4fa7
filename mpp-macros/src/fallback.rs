//! What is given back on a mistake: the author's own function, without our attributes, so that the only errors are ours.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{FnArg, ItemFn};

/// Removes what the compiler does not accept on parameters: `#[arg]` and doc comments.
pub(crate) fn strip_parameters(function: &mut ItemFn) {
    for input in &mut function.sig.inputs {
        let attributes = match input {
            FnArg::Typed(parameter) => &mut parameter.attrs,
            FnArg::Receiver(receiver) => &mut receiver.attrs,
        };
        attributes.retain(is_accepted_by_rustc);
    }
}

/// Attributes that the compiler itself understands on parameters.
pub(crate) fn is_accepted_by_rustc(attribute: &syn::Attribute) -> bool {
    ["allow", "expect", "warn", "deny", "forbid", "cfg", "cfg_attr"].iter().any(|name| attribute.path().is_ident(name))
}

/// The function as its author wrote it, and the errors.
pub(crate) fn with_errors(function: &ItemFn, errors: &crate::errors::Errors) -> TokenStream {
    let mut tokens = function.to_token_stream();
    tokens.extend(errors.to_tokens());
    tokens
}
