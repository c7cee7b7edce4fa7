//! `#[derive(ToolError)]`: each variant has a stable code and a message, or is transparent.

mod fields;
mod message;
mod variant;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Generics};

use crate::{crate_path, errors::Errors};
#[cfg(test)]
pub(crate) use variant::OPTIONS;
use variant::{Kind, Variant};

/// Expands the derive.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let krate = errors.keep(crate_path::find(None));
    let variants = variant::all(&input, &mut errors);
    match (krate, variants) {
        (Some(krate), Some(variants)) if errors.is_empty() => expand(&input, &krate, &variants),
        (krate, _) => {
            let stand_in = krate.map(|krate| stand_in(&input, &krate));
            let errors = errors.to_tokens();
            quote!(#stand_in #errors)
        }
    }
}

fn expand(input: &DeriveInput, krate: &TokenStream, variants: &[Variant<'_>]) -> TokenStream {
    let Generics { where_clause, .. } = &input.generics;
    let (impl_generics, ty_generics, _) = input.generics.split_for_impl();
    let name = &input.ident;
    let displays = variants.iter().map(display);
    let sources = variants.iter().map(source);
    let conversions = variants.iter().map(|variant| conversion(variant, krate));
    let froms = variants.iter().filter_map(|variant| {
        let (member, ty) = variant.from.as_ref()?;
        let path = &variant.path;
        Some(quote! {
            impl #impl_generics ::core::convert::From<#ty> for #name #ty_generics #where_clause {
                fn from(source: #ty) -> Self {
                    #path { #member: source }
                }
            }
        })
    });
    quote! {
        impl #impl_generics ::core::fmt::Display for #name #ty_generics #where_clause {
            fn fmt(&self, __mpp_formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(#displays)* }
            }
        }
        impl #impl_generics ::std::error::Error for #name #ty_generics #where_clause {
            fn source(&self) -> ::core::option::Option<&(dyn ::std::error::Error + 'static)> {
                match self { #(#sources)* }
            }
        }
        impl #impl_generics ::core::convert::From<#name #ty_generics> for #krate::Error #where_clause {
            fn from(error: #name #ty_generics) -> Self {
                error.__mpp_into_error()
            }
        }
        impl #impl_generics #name #ty_generics #where_clause {
            #[doc(hidden)]
            fn __mpp_into_error(self) -> #krate::Error {
                match self { #(#conversions)* }
            }
        }
        #(#froms)*
    }
}

fn display(variant: &Variant<'_>) -> TokenStream {
    let path = &variant.path;
    match &variant.kind {
        Kind::Transparent(member) => {
            quote!(#path { #member: inner } => ::core::fmt::Display::fmt(inner, __mpp_formatter),)
        }
        Kind::Described { message, .. } => {
            let (bindings, write) = message.write();
            quote!(#path { #(#bindings,)* .. } => #write,)
        }
    }
}

fn source(variant: &Variant<'_>) -> TokenStream {
    let path = &variant.path;
    match (&variant.kind, &variant.source) {
        (Kind::Transparent(member), _) => quote!(#path { #member: inner } => ::std::error::Error::source(inner),),
        (_, Some(member)) => quote!(#path { #member: inner, .. } => ::core::option::Option::Some(inner),),
        (_, None) => quote!(#path { .. } => ::core::option::Option::None,),
    }
}

fn conversion(variant: &Variant<'_>, krate: &TokenStream) -> TokenStream {
    let path = &variant.path;
    match &variant.kind {
        Kind::Transparent(member) => quote!(#path { #member: inner } => ::core::convert::Into::into(inner),),
        Kind::Described { code, retryable, .. } => {
            let retryable = retryable.then(|| quote!(.retryable()));
            let error = quote!(#krate::Error::new(#code, ::std::string::ToString::to_string(error)) #retryable);
            match &variant.source {
                Some(_) => quote! {
                    ref error @ #path { .. } => #krate::private::caused(#error, ::std::error::Error::source(error)),
                },
                None => quote!(ref error @ #path { .. } => #error,),
            }
        }
    }
}

/// Returns implementations that do nothing, for a type with mistakes: without them the compiler would also report each `?`.
fn stand_in(input: &DeriveInput, krate: &TokenStream) -> TokenStream {
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let name = &input.ident;
    let froms = variant::marked_types(input).into_iter().map(|ty| {
        quote! {
            impl #impl_generics ::core::convert::From<#ty> for #name #ty_generics #where_clause {
                fn from(_: #ty) -> Self {
                    ::core::unreachable!()
                }
            }
        }
    });
    quote! {
        impl #impl_generics ::core::fmt::Display for #name #ty_generics #where_clause {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::result::Result::Ok(())
            }
        }
        impl #impl_generics ::std::error::Error for #name #ty_generics #where_clause {}
        impl #impl_generics ::core::convert::From<#name #ty_generics> for #krate::Error #where_clause {
            fn from(_: #name #ty_generics) -> Self {
                ::core::convert::From::from("")
            }
        }
        #(#froms)*
    }
}
