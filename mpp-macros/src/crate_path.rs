//! The path of `mpp-sdk` in the author's crate.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// Returns the path of `mpp-sdk`: the one given with `crate = …`, or else the name of the dependency in `Cargo.toml`.
pub(crate) fn find(given: Option<&syn::Path>) -> syn::Result<TokenStream> {
    if let Some(path) = given {
        return Ok(quote!(#path));
    }
    match crate_name("mpp-sdk") {
        // `extern crate self as mpp_sdk` makes the path valid inside the crate; in its tests and examples it is valid anyway.
        Ok(FoundCrate::Itself) => Ok(quote!(::mpp_sdk)),
        Ok(FoundCrate::Name(name)) => {
            let name = Ident::new(&name, Span::call_site());
            Ok(quote!(::#name))
        }
        Err(error) => Err(syn::Error::new(
            Span::call_site(),
            format!(
                "`mpp-sdk` is not a dependency of this crate ({error}); add `mpp = {{ package = \"mpp-sdk\", version = \"0.1\" }}` \
                 to Cargo.toml, or give the path of a re-export: `crate = path`"
            ),
        )),
    }
}
