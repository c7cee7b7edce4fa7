//! `tools![…]`: creates a set of tools from the paths of their functions.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Expr, Path, Token, parse::Parser, punctuated::Punctuated, spanned::Spanned};

use crate::{crate_path, errors::Errors};

/// Expands `tools!`.
pub(crate) fn tools(list: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let list = errors.keep(Punctuated::<Expr, Token![,]>::parse_terminated.parse2(list)).unwrap_or_default();
    let paths: Vec<Path> = list.into_iter().filter_map(|entry| path(entry, &mut errors)).collect();
    let krate = errors.keep(crate_path::find(None));
    match krate {
        Some(krate) if errors.is_empty() => {
            let tools = paths.iter().map(|path| quote_spanned!(path.span()=> <#path as #krate::private::ToolFn>::TOOL));
            quote!(#krate::ToolSet::new(::std::vec![#(#tools),*]))
        }
        _ => errors.to_tokens(),
    }
}

fn path(entry: Expr, errors: &mut Errors) -> Option<Path> {
    match entry {
        Expr::Path(path) if path.qself.is_none() => Some(path.path),
        other => {
            errors.on(
                &other,
                "`tools!` takes paths of functions marked with `#[mpp::tool]`: `tools![find, my_lib::add]`",
            );
            None
        }
    }
}
