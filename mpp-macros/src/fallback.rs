//! The output after a mistake: the author's function without the macro's attributes, so that no further errors follow.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{FnArg, ItemFn};

/// Removes attributes that the compiler does not accept on parameters: `#[arg]` and doc comments.
pub(crate) fn strip_parameters(function: &mut ItemFn) {
    for input in &mut function.sig.inputs {
        let attributes = match input {
            FnArg::Typed(parameter) => &mut parameter.attrs,
            FnArg::Receiver(receiver) => &mut receiver.attrs,
        };
        attributes.retain(is_accepted_by_rustc);
    }
}

/// Returns whether the compiler accepts the attribute on a parameter.
pub(crate) fn is_accepted_by_rustc(attribute: &syn::Attribute) -> bool {
    ["allow", "expect", "warn", "deny", "forbid", "cfg", "cfg_attr"].iter().any(|name| attribute.path().is_ident(name))
}

/// Returns the function and the errors.
pub(crate) fn with_errors(function: &ItemFn, errors: &crate::errors::Errors) -> TokenStream {
    let mut tokens = function.to_token_stream();
    tokens.extend(errors.to_tokens());
    tokens
}
