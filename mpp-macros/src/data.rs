//! `#[data]`: adds the derives, with the paths of the crates that `mpp-sdk` re-exports, and what schemars does not know about
//! serde's attributes.

mod attributes;
mod checks;
mod fields;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Fields, Item, Meta, Token, punctuated::Punctuated};

use crate::{
    crate_path,
    errors::Errors,
    options::{self, Opt},
};
use attributes::Words;
#[cfg(test)]
pub(crate) use checks::COPIED;

pub(crate) const OPTIONS: [&str; 2] = ["open", "crate"];

/// Expands `#[data]`.
pub(crate) fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = options::parse(options, "#[data]", &OPTIONS, &mut errors);
    let option = |key: &str| options.iter().find(|option| option.key == key);
    let at = option("crate").and_then(|option| option.path(&mut errors));
    let is_open = option("open").and_then(|option: &Opt| option.flag(&mut errors)).unwrap_or(false);
    let krate = errors.keep(crate_path::find(at.as_ref()));
    let parsed = errors.keep(syn::parse2::<Item>(item.clone()));
    let expanded = match (krate, parsed) {
        (Some(krate), Some(mut parsed)) => expand(&krate, &mut parsed, is_open, &mut errors),
        _ => None,
    };
    let item = expanded.unwrap_or(item);
    let errors = errors.to_tokens();
    quote!(#item #errors)
}

/// Returns the item with its derives; `None` if it cannot have them.
fn expand(krate: &TokenStream, item: &mut Item, is_open: bool, errors: &mut Errors) -> Option<TokenStream> {
    match item {
        Item::Struct(_) | Item::Enum(_) => {}
        other => {
            errors.on(other, "`#[mpp::data]` applies to structs and enums only");
            return None;
        }
    }
    if own_derives(attributes_of(item), errors) {
        return None;
    }
    checks::item(item, is_open, errors);
    if !errors.is_empty() {
        fields::without_unsupported(item);
    }
    let words = Words::of(attributes_of(item));
    let fields = fields_of(item);
    let is_flattened =
        fields.iter().flat_map(|fields| fields.iter()).any(|field| Words::of(&field.attrs).has("flatten"));
    let has_rule = is_flattened || words.has("deny_unknown_fields");
    let closed = (!is_open && !has_rule).then(|| quote!(, deny_unknown_fields));
    let open = is_open.then(|| quote!(, extend("x-mpp-open" = true)));
    let described = fields::described(item, krate);
    fields::mark(item, &words, is_open, krate);
    let (serde, schemars) = (quote!(#krate::private::serde), quote!(#krate::private::schemars));
    let (serde_path, schemars_path) = (serde.to_string().replace(' ', ""), schemars.to_string().replace(' ', ""));
    Some(quote! {
        #[derive(#serde::Serialize, #serde::Deserialize, #schemars::JsonSchema)]
        #[serde(crate = #serde_path #closed)]
        #[schemars(crate = #schemars_path #open)]
        #item
        #described
    })
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the fields of the struct, or of each variant.
fn fields_of(item: &Item) -> Vec<&Fields> {
    match item {
        Item::Struct(item) => vec![&item.fields],
        Item::Enum(item) => item.variants.iter().map(|variant| &variant.fields).collect(),
        _ => Vec::new(),
    }
}

/// Reports a second derive of the same trait, for which the compiler's error would not name the cause, and returns whether
/// there is one.
fn own_derives(attributes: &[Attribute], errors: &mut Errors) -> bool {
    let mut is_derived = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let Meta::List(list) = &attribute.meta else { continue };
        let Ok(paths) = list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated) else { continue };
        for path in paths {
            let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            if ["Serialize", "Deserialize", "JsonSchema"].contains(&last.as_str()) {
                errors.on(&path, format!("`#[mpp::data]` already derives `{last}`: remove it here"));
                is_derived = true;
            }
        }
    }
    is_derived
}
