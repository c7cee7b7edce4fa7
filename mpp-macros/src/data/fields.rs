//! What `#[data]` adds to variants and fields: markers for the schema, strict unit variants, and proofs that fields have
//! schemas.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Fields, Generics, Item, parse_quote, spanned::Spanned, visit::Visit};

use super::{attributes::Words, fields_of};
use crate::{rules::respanned, types};

/// Marks other names, for the published schema, and makes unit variants refuse keys beside their tag.
pub(super) fn mark(item: &mut Item, container: &Words, is_open: bool, krate: &TokenStream) {
    let tag = container.get("tag").and_then(|word| word.text.clone());
    let is_internal = tag.is_some() && !container.has("content");
    let tag = tag.map_or_else(|| quote!(null), |tag| quote!(#tag));
    match item {
        Item::Struct(item) => mark_fields(&mut item.fields),
        Item::Enum(item) => {
            for variant in &mut item.variants {
                let words = Words::of(&variant.attrs);
                let aliases = words.aliases();
                if !aliases.is_empty() {
                    let marker = quote!({ "tag": #tag, "names": [#(#aliases),*] });
                    variant.attrs.push(parse_quote!(#[schemars(extend("x-mpp-aliases" = #marker))]));
                }
                if words.has("other") {
                    variant.attrs.push(parse_quote!(#[schemars(extend("x-mpp-other" = #tag))]));
                }
                let is_unit = matches!(variant.fields, Fields::Unit);
                let is_read = !words.has("other") && !words.has("skip") && !words.has("skip_deserializing");
                if is_internal && is_unit && !is_open && is_read && words.conversion().is_none() {
                    let path = quote!(#krate::private::no_fields).to_string().replace(' ', "");
                    variant.attrs.push(parse_quote!(#[serde(deserialize_with = #path)]));
                }
                mark_fields(&mut variant.fields);
            }
        }
        _ => {}
    }
}

fn mark_fields(fields: &mut Fields) {
    if !matches!(fields, Fields::Named(_)) {
        return;
    }
    for field in fields.iter_mut() {
        let words = Words::of(&field.attrs);
        let aliases = words.aliases();
        if !aliases.is_empty() {
            field.attrs.push(parse_quote!(#[schemars(extend("x-mpp-aliases" = [#(#aliases),*]))]));
        }
        // The author's function may tell `null` from a key that is left out.
        if words.has("deserialize_with") || words.has("with") {
            field.attrs.push(parse_quote!(#[schemars(extend("x-mpp-nullable" = true))]));
        }
    }
}

/// Removes attributes that are reported, and of which serde would report the consequences.
pub(super) fn without_unsupported(item: &mut Item) {
    let is_supported = |attribute: &Attribute| {
        let words = Words::of(std::slice::from_ref(attribute));
        !["remote", "getter", "crate", "field_identifier", "variant_identifier"].iter().any(|word| words.has(word))
    };
    let clean = |fields: &mut Fields| fields.iter_mut().for_each(|field| field.attrs.retain(is_supported));
    match item {
        Item::Struct(item) => {
            item.attrs.retain(is_supported);
            clean(&mut item.fields);
        }
        Item::Enum(item) => {
            item.attrs.retain(is_supported);
            for variant in &mut item.variants {
                variant.attrs.retain(is_supported);
                clean(&mut variant.fields);
            }
        }
        _ => {}
    }
}

/// Returns constants that exist only if the types of all fields have schemas, so that the compiler reports a missing one in the
/// words of `mpp-sdk`. Types that depend on a type parameter are left to the derives.
pub(super) fn described(item: &Item, krate: &TokenStream) -> TokenStream {
    let (generics, conditions) = match item {
        Item::Struct(item) => (&item.generics, conditions(&item.attrs)),
        Item::Enum(item) => (&item.generics, conditions(&item.attrs)),
        _ => return TokenStream::new(),
    };
    let variants: Vec<Vec<&Attribute>> = match item {
        Item::Enum(item) => item.variants.iter().map(|variant| self::conditions(&variant.attrs)).collect(),
        _ => vec![Vec::new()],
    };
    let proofs = fields_of(item).into_iter().zip(&variants).flat_map(|(fields, of_variant)| {
        fields.iter().filter_map(|field| {
            let words = Words::of(&field.attrs);
            let is_described = !words.has_schema() && !words.has("skip") && !words.has("with");
            if !is_described || depends_on(&field.ty, generics) {
                return None;
            }
            let of_field = self::conditions(&field.attrs);
            let ty = types::without_lifetimes(&field.ty);
            let new = respanned(quote!(#krate::private::Described::new()), field.ty.span());
            Some(quote! {
                #(#conditions)* #(#of_variant)* #(#of_field)*
                const _: #krate::private::Described<#ty> = #new;
            })
        })
    });
    proofs.collect()
}

fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}

/// Returns whether a type names a type parameter, a constant parameter or `Self`.
fn depends_on(ty: &syn::Type, generics: &Generics) -> bool {
    struct Finder<'a>(&'a Generics, bool);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_ident(&mut self, ident: &'ast syn::Ident) {
            let is_type = self.0.type_params().any(|parameter| parameter.ident == *ident);
            let is_const = self.0.const_params().any(|parameter| parameter.ident == *ident);
            self.1 |= is_type || is_const || ident == "Self";
        }
        fn visit_macro(&mut self, _: &'ast syn::Macro) {
            self.1 = true;
        }
    }
    let mut finder = Finder(generics, false);
    finder.visit_type(ty);
    finder.1
}
