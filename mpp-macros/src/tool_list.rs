//! `tools![…]`: paths of functions become the set of their tools.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Path, Token, parse::Parser, punctuated::Punctuated, spanned::Spanned};

use crate::{crate_path, errors::Errors};

/// The whole of `tools!`.
pub(crate) fn tools(paths: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let paths = errors.keep(Punctuated::<Path, Token![,]>::parse_terminated.parse2(paths));
    let krate = errors.keep(crate_path::find(None));
    let (Some(paths), Some(krate)) = (paths, krate) else { return errors.to_tokens() };
    let tools = paths.iter().map(|path| quote_spanned!(path.span()=> <#path as #krate::private::ToolFn>::TOOL));
    quote!(#krate::ToolSet::new(::std::vec![#(#tools),*]))
}
