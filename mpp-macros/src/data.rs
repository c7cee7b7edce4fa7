//! `#[data]`: adds the derives, with the paths of the crates that `mpp-sdk` re-exports.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Item, Meta, Token, punctuated::Punctuated};

use crate::{
    crate_path,
    errors::Errors,
    options::{self, Opt},
};

/// Expands `#[data]`.
pub(crate) fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = options::parse(options, "#[data]", &["open", "crate"], &mut errors);
    let attributes = attributes(&options, &item, &mut errors);
    match attributes {
        Some(attributes) if errors.is_empty() => quote!(#attributes #item),
        _ => {
            let errors = errors.to_tokens();
            quote!(#item #errors)
        }
    }
}

fn attributes(options: &[Opt], item: &TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let option = |key: &str| options.iter().find(|option| option.key == key);
    let at = option("crate").and_then(|option| option.path(errors));
    let is_open = option("open").and_then(|option| option.flag(errors)).unwrap_or(false);
    let krate = errors.keep(crate_path::find(at.as_ref()))?;
    let parsed = errors.keep(syn::parse2::<Item>(item.clone()))?;
    let (attributes, fields): (&[Attribute], Vec<&syn::Fields>) = match &parsed {
        Item::Struct(item) => (&item.attrs, vec![&item.fields]),
        Item::Enum(item) => (&item.attrs, item.variants.iter().map(|variant| &variant.fields).collect()),
        other => {
            errors.on(other, "`#[mpp::data]` applies to structs and enums only");
            return None;
        }
    };
    own_derives(attributes, errors);
    let is_flattened = fields.iter().flat_map(|fields| fields.iter()).any(|field| serde_word(&field.attrs, "flatten"));
    let is_closed_already = serde_word(attributes, "deny_unknown_fields");
    let closed = (!is_open && !is_flattened && !is_closed_already).then(|| quote!(, deny_unknown_fields));
    let (serde, schemars) = (quote!(#krate::private::serde), quote!(#krate::private::schemars));
    let (serde_path, schemars_path) = (serde.to_string().replace(' ', ""), schemars.to_string().replace(' ', ""));
    Some(quote! {
        #[derive(#serde::Serialize, #serde::Deserialize, #schemars::JsonSchema)]
        #[serde(crate = #serde_path #closed)]
        #[schemars(crate = #schemars_path)]
    })
}

/// Reports a second derive of the same trait, for which the compiler's error would not name the cause.
fn own_derives(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let Meta::List(list) = &attribute.meta else { continue };
        let Ok(paths) = list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated) else { continue };
        for path in paths {
            let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            if ["Serialize", "Deserialize", "JsonSchema"].contains(&last.as_str()) {
                errors.on(&path, format!("`#[mpp::data]` already derives `{last}`: remove it here"));
            }
        }
    }
}

/// Returns whether `#[serde(word)]` is among the attributes.
fn serde_word(attributes: &[Attribute], word: &str) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        let mut found = false;
        // serde's derive reports errors in its attributes.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(word);
            if meta.input.peek(Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                let _: proc_macro2::Group = meta.input.parse()?;
            }
            Ok(())
        });
        found
    })
}
