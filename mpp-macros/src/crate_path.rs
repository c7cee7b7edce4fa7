//! Where `mpp-sdk` is, as seen from the author's crate.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The path of `mpp-sdk`: what `crate = …` says, else the name that the author's `Cargo.toml` gives it.
pub(crate) fn find(given: Option<&syn::Path>) -> syn::Result<TokenStream> {
    if let Some(path) = given {
        return Ok(quote!(#path));
    }
    match crate_name("mpp-sdk") {
        // `extern crate self as mpp_sdk` makes this true inside the crate; its tests, examples and doctests see it anyway.
        Ok(FoundCrate::Itself) => Ok(quote!(::mpp_sdk)),
        Ok(FoundCrate::Name(name)) => {
            let name = Ident::new(&name, Span::call_site());
            Ok(quote!(::#name))
        }
        Err(error) => Err(syn::Error::new(
            Span::call_site(),
            format!(
                "`mpp-sdk` is not a dependency of this crate ({error}); add `mpp = {{ package = \"mpp-sdk\", version = \"0.1\" }}` \
                 to Cargo.toml, or say where it is re-exported: `crate = path`"
            ),
        )),
    }
}
