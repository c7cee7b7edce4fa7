//! Attributes of a function that the generated items need, too.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta, Token, parse_quote, punctuated::Punctuated};

/// Returns the conditions and the lint levels of a function, for the items that are generated beside it.
///
/// An expectation becomes a permission, since the generated code need not fulfil it. A deprecated function may be called by the
/// code that makes it a tool.
pub(crate) fn attributes(function: &[Attribute]) -> Vec<Attribute> {
    function.iter().filter_map(|attribute| carried(&attribute.meta)).map(|meta| parse_quote!(#[#meta])).collect()
}

fn carried(meta: &Meta) -> Option<TokenStream> {
    let path = meta.path();
    match meta {
        _ if path.is_ident("deprecated") => Some(quote!(allow(deprecated))),
        Meta::List(list) if path.is_ident("cfg") || path.is_ident("allow") => Some(quote!(#list)),
        Meta::List(list) if path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(quote!(allow(#lints)))
        }
        Meta::List(list) if path.is_ident("cfg_attr") => {
            let mut parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?.into_iter();
            let condition = parts.next()?;
            let carried: Vec<TokenStream> = parts.filter_map(|part| carried(&part)).collect();
            (!carried.is_empty()).then(|| quote!(cfg_attr(#condition, #(#carried),*)))
        }
        _ => None,
    }
}
