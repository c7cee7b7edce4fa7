//! `#[tool]`: parses and checks a parameter.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Expr, Ident, LitStr, Meta, Pat, PatType, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    docs,
    errors::Errors,
    fallback, options,
    options::Opt,
    rules::{self, Rules},
    types::{self, Passing, word},
};

pub(crate) const OPTIONS: [&str; 10] =
    ["name", "rename", "default", "range", "min_len", "max_len", "pattern", "format", "example", "examples"];

/// A checked parameter.
pub(crate) struct Parameter {
    /// The published key.
    pub(crate) name: LitStr,
    pub(crate) description: TokenStream,
    pub(crate) passing: Passing,
    pub(crate) declared: Type,
    pub(crate) default: Option<Default>,
    pub(crate) rules: Rules,
    /// Name of a constant in the generated code.
    pub(crate) reader: Ident,
}

/// The value of an omitted argument.
pub(crate) struct Default {
    /// Name of a function in the generated code that returns the value.
    pub(crate) function: Ident,
    /// An expression of the deserialized type.
    pub(crate) value: TokenStream,
    /// The value as a `Constant`.
    pub(crate) published: TokenStream,
}

impl Parameter {
    /// Parses a parameter; `None` if a mistake prevents further checks.
    pub(crate) fn parse(index: usize, parameter: &PatType, krate: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let ident = ident(parameter, errors);
        let options = options_of(&parameter.attrs, errors);
        let passing = errors.keep(Passing::of(&parameter.ty));
        let (ident, passing) = (ident?, passing?);
        let name = name(&ident, &options, errors);
        let default = default(&options, &passing, format_ident!("__mpp_default_{index}"), krate, errors);
        let mut rules = Rules::default();
        let measure = format_ident!("__MPP_MEASURE_{index}");
        for option in &options {
            rules.add(option, &passing, &measure, krate, errors);
        }
        default_in_range(&options, errors);
        Some(Self {
            name,
            description: docs::text(&parameter.attrs).unwrap_or_else(|| quote!("")),
            passing,
            declared: (*parameter.ty).clone(),
            default,
            rules,
            reader: format_ident!("__MPP_READER_{index}"),
        })
    }

    /// Returns whether a call must give the argument.
    pub(crate) fn is_required(&self) -> bool {
        self.default.is_none() && self.passing.inner.is_none()
    }
}

fn ident(parameter: &PatType, errors: &mut Errors) -> Option<Ident> {
    match &*parameter.pat {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => Some(pattern.ident.clone()),
        other => {
            errors.on(other, "an argument needs a name: write `name: Type`, and destructure it in the body");
            None
        }
    }
}

fn options_of(attributes: &[Attribute], errors: &mut Errors) -> Vec<Opt> {
    let mut all: Vec<Opt> = Vec::new();
    for attribute in attributes {
        let path = attribute.path();
        if path.is_ident("cfg") || path.is_ident("cfg_attr") {
            errors.on(
                attribute,
                "`#[cfg]` does not apply to arguments, since the schema is part of the signed package: write two functions with `#[cfg]`",
            );
        } else if path.is_ident("arg") {
            match &attribute.meta {
                Meta::List(list) => {
                    for option in options::parse(list.tokens.clone(), "#[arg]", &OPTIONS, errors) {
                        if all.iter().any(|other| other.key == option.key) {
                            errors.on(&option.key, format!("duplicate option `{}`: remove one", option.key));
                        }
                        all.push(option);
                    }
                }
                other => errors.on(other, "`#[arg]` takes options in parentheses: `#[arg(default = 10)]`"),
            }
        } else if path.is_ident("serde") || path.is_ident("schemars") || path.is_ident("validate") {
            errors.on(
                attribute,
                "this attribute has no effect on a parameter: use `#[arg(name = …, default = …, range = …)]`, or move it to a field of \
                 a `#[mpp::data]` struct",
            );
        } else if !path.is_ident("doc") && !fallback::is_accepted_by_rustc(attribute) {
            errors
                .on(attribute, "a parameter of a tool takes only a doc comment and `#[arg(…)]`: remove this attribute");
        }
    }
    all
}

fn name(ident: &Ident, options: &[Opt], errors: &mut Errors) -> LitStr {
    let mut names = options.iter().filter(|option| option.key == "name" || option.key == "rename");
    let given = names.next().and_then(|option| option.string(errors));
    if let Some(second) = names.next() {
        errors.on(&second.key, "`name` and `rename` are synonyms: remove one");
    }
    let name = given.unwrap_or_else(|| LitStr::new(&ident.unraw().to_string(), ident.span()));
    if name.value().is_empty() {
        errors.on(&name, "the name of an argument cannot be empty");
    }
    name
}

fn default(
    options: &[Opt],
    passing: &Passing,
    function: Ident,
    krate: &TokenStream,
    errors: &mut Errors,
) -> Option<Default> {
    let option = options.iter().find(|option| option.key == "default")?;
    let private = quote!(#krate::private);
    let read = &passing.read;
    if passing.inner.is_some() {
        option.wrong(
            errors,
            "an omitted `Option` argument is `None`: remove `Option` from the type, or remove `default`",
        );
        return None;
    }
    let at = option.value.as_ref().map_or(option.key.span(), Spanned::span);
    let Some(value) = &option.value else {
        let value = quote_spanned!(at=> <#read as ::core::default::Default>::default());
        let published = quote!(#private::Constant::Computed(|_| #private::json(#function())));
        return Some(Default { function, value, published });
    };
    errors.keep(rules::fits_type(&option.key, value, read))?;
    let is_text = matches!(value, Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(_), .. }));
    // `default = "here"` for a `String` and `default = [1, 2]` for a `Vec` need a conversion.
    let is_converted = match types::container(read).as_deref() {
        Some("String" | "PathBuf" | "Cow" | "Box") => is_text,
        Some("Vec" | "VecDeque" | "BTreeSet" | "HashSet") => matches!(value, Expr::Array(_)),
        _ => false,
    };
    let is_float = matches!(word(read).as_deref(), Some("f32" | "f64"));
    let owned = if is_converted {
        quote_spanned!(at=> <#read as ::core::convert::From<_>>::from(#value))
    } else {
        rules::typed(value, is_float)
    };
    let published = if (is_text && is_converted) || rules::number(value).is_some() {
        rules::constant(value, read, &private)
    } else {
        quote!(#private::Constant::Computed(|_| #private::json(#function())))
    };
    Some(Default { function, value: owned, published })
}

/// Reports a literal default outside of a literal range.
fn default_in_range(options: &[Opt], errors: &mut Errors) {
    let value = |key: &str| options.iter().find(|option| option.key == key).and_then(|option| option.value.as_ref());
    if let (Some(default), Some(Expr::Range(range))) = (value("default"), value("range"))
        && let Some(number) = rules::number(default)
        && !rules::contains(range, number)
    {
        errors.on(
            default,
            format!("the default is outside of `range = {}`", quote!(#range).to_string().replace(' ', "")),
        );
    }
}
