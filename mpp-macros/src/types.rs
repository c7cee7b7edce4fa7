//! Types of parameters and results: the type to deserialize, and how to pass its value to the function.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    GenericArgument, Lifetime, PathArguments, Type, TypeReference,
    spanned::Spanned,
    visit::{self, Visit},
    visit_mut::{self, VisitMut},
};

/// How a parameter receives its value.
pub(crate) struct Passing {
    /// The deserialized type, which borrows nothing.
    pub(crate) read: Type,
    /// The type inside of `Option`, if there is one.
    pub(crate) inner: Option<Type>,
    how: How,
}

enum How {
    Value,
    Reference,
    OptionOfReference,
    OptionOfTarget,
}

impl Passing {
    /// Returns how to pass a parameter of this type. For a reference, an owned value is deserialized and borrowed.
    pub(crate) fn of(declared: &Type) -> syn::Result<Self> {
        let declared = ungrouped(declared);
        if let Type::Reference(reference) = declared {
            return Ok(Self { read: owned(reference)?.0, inner: None, how: How::Reference });
        }
        match option(declared).map(ungrouped) {
            None => {
                owns_its_data(declared)?;
                Ok(Self { read: without_lifetimes(declared), inner: None, how: How::Value })
            }
            Some(Type::Reference(reference)) => {
                let (inner, is_target) = owned(reference)?;
                let how = if is_target { How::OptionOfTarget } else { How::OptionOfReference };
                Ok(Self { read: optional(&inner), inner: Some(inner), how })
            }
            Some(inner) => {
                owns_its_data(inner)?;
                Ok(Self { read: without_lifetimes(declared), inner: Some(without_lifetimes(inner)), how: How::Value })
            }
        }
    }

    /// Returns the expression that passes `value` to the function.
    pub(crate) fn argument(&self, value: &syn::Ident) -> TokenStream {
        match self.how {
            How::Value => quote!(#value),
            How::Reference => quote!(&#value),
            How::OptionOfReference => quote!(#value.as_ref()),
            How::OptionOfTarget => quote!(#value.as_deref()),
        }
    }

    /// Returns the type that rules apply to: the one inside of `Option`, or the whole.
    pub(crate) fn ruled(&self) -> &Type {
        self.inner.as_ref().unwrap_or(&self.read)
    }
}

/// Returns the owned type for a reference, and whether it dereferences to the target (as `String` does to `str`).
fn owned(reference: &TypeReference) -> syn::Result<(Type, bool)> {
    if let Some(mutability) = &reference.mutability {
        return Err(syn::Error::new(mutability.span(), "an argument cannot be `&mut T`: take `&T`, or `mut name: T`"));
    }
    if let Some(lifetime) = reference.lifetime.as_ref().filter(|lifetime| lifetime.ident == "static") {
        let message =
            "an argument is read from the request and lives for one call: take `&T` without `'static`, or `T`";
        return Err(syn::Error::new(lifetime.span(), message));
    }
    let target = ungrouped(&reference.elem);
    let span = target.span();
    let owned = match target {
        Type::Slice(slice) => {
            let element = without_lifetimes(&slice.elem);
            if matches!(ungrouped(&slice.elem), Type::Reference(_)) {
                return Err(syn::Error::new(
                    slice.elem.span(),
                    "an argument cannot be a slice of references: take `&[String]` instead of `&[&str]`",
                ));
            }
            quote_spanned!(span=> ::std::vec::Vec<#element>)
        }
        Type::Path(path) if is_named(path, "str") => quote_spanned!(span=> ::std::string::String),
        Type::Path(path) if is_named(path, "Path") => quote_spanned!(span=> ::std::path::PathBuf),
        other => {
            owns_its_data(other)?;
            return Ok((without_lifetimes(other), false));
        }
    };
    Ok((syn::parse2(owned)?, true))
}

/// Refuses types that borrow: a value is deserialized from the request, and nothing outlives it that it could borrow from.
/// `Cow` owns its data after deserialization, and `'static` says that a type borrows nothing.
fn owns_its_data(declared: &Type) -> syn::Result<()> {
    struct Finder(Option<syn::Error>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
            let owned = match ungrouped(&reference.elem) {
                Type::Path(path) if is_named(path, "str") => "`String` instead of `&str`",
                Type::Slice(_) => "`Vec<T>` instead of `&[T]`",
                _ => "`T` instead of `&T`",
            };
            let message =
                format!("an argument owns its data, since it is deserialized from the request: use {owned} here");
            self.0.get_or_insert_with(|| syn::Error::new_spanned(reference, message));
        }
        fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
            if segment.ident == "Cow"
                && let PathArguments::AngleBracketed(arguments) = &segment.arguments
            {
                let types = arguments.args.iter().filter(|argument| matches!(argument, GenericArgument::Type(_)));
                return types.for_each(|argument| self.visit_generic_argument(argument));
            }
            visit::visit_path_segment(self, segment);
        }
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            if lifetime.ident != "static" {
                let message = format!(
                    "an argument owns its data, since it is deserialized from the request: use a type without the lifetime \
                     `{lifetime}` (fields of the type `String` instead of `&str`), or write `'static` if the type borrows nothing"
                );
                self.0.get_or_insert_with(|| syn::Error::new_spanned(lifetime, message));
            }
        }
    }
    let mut finder = Finder(None);
    finder.visit_type(declared);
    finder.0.map_or(Ok(()), Err)
}

fn optional(inner: &Type) -> Type {
    let span = inner.span();
    syn::parse_quote_spanned!(span=> ::core::option::Option<#inner>)
}

/// Returns the `T` of `Option<T>`.
fn option(declared: &Type) -> Option<&Type> {
    let Type::Path(path) = declared else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(inner) if arguments.args.len() == 1 => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the `T` and the `E` of a type written as `Result<T, E>`.
pub(crate) fn result(declared: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = ungrouped(declared) else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut types = arguments.args.iter().map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    });
    let ok = types.next()??;
    Some((ok, types.next().flatten().unwrap_or(declared)))
}

/// Removes the invisible groups in which macros wrap types.
pub(crate) fn ungrouped(declared: &Type) -> &Type {
    match declared {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}

fn is_named(path: &syn::TypePath, name: &str) -> bool {
    path.path.segments.last().is_some_and(|segment| segment.ident == name && segment.arguments.is_none())
}

/// Returns the name of a type without parameters, such as `u8` or `String`.
pub(crate) fn word(declared: &Type) -> Option<String> {
    match ungrouped(declared) {
        Type::Path(path) => {
            path.path.segments.last().filter(|last| last.arguments.is_none()).map(|last| last.ident.to_string())
        }
        _ => None,
    }
}

/// Returns the last name in a type's path: `Vec` for `std::vec::Vec<u8>`.
pub(crate) fn container(declared: &Type) -> Option<String> {
    match ungrouped(declared) {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}

/// Replaces every lifetime by `'static`: schemas do not depend on lifetimes, and deserialized values own their data.
pub(crate) fn without_lifetimes(declared: &Type) -> Type {
    struct Static;
    impl VisitMut for Static {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            let span = reference.and_token.span();
            reference.lifetime.get_or_insert_with(|| Lifetime::new("'static", span));
            visit_mut::visit_type_reference_mut(self, reference);
        }
    }
    let mut changed = declared.clone();
    Static.visit_type_mut(&mut changed);
    changed
}
