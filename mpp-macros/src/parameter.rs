//! One parameter: its name, description, default and rules.

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

const OPTIONS: [&str; 10] =
    ["name", "rename", "default", "range", "min_len", "max_len", "pattern", "format", "example", "examples"];

/// A parameter, checked.
pub(crate) struct Parameter {
    /// The published key.
    pub(crate) name: LitStr,
    pub(crate) description: TokenStream,
    pub(crate) passing: Passing,
    pub(crate) declared: Type,
    pub(crate) default: Option<Default>,
    pub(crate) rules: Rules,
    /// Constants of the generated code.
    pub(crate) reader: Ident,
}

/// What is passed where the argument is left out.
pub(crate) struct Default {
    /// A function of the generated code, that gives it.
    pub(crate) function: Ident,
    /// An expression of the type that is read.
    pub(crate) value: TokenStream,
    /// The same as a `Constant`.
    pub(crate) published: TokenStream,
}

impl Parameter {
    /// Reads a parameter; nothing where it is too wrong to go on.
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
}

fn ident(parameter: &PatType, errors: &mut Errors) -> Option<Ident> {
    match &*parameter.pat {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => Some(pattern.ident.clone()),
        other => {
            errors.on(other, "an argument needs a name: write `name: Type`, and take it apart in the body");
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
                "an argument cannot be there in some builds only, since its schema is signed: write two functions, each with `#[cfg]`",
            );
        } else if path.is_ident("arg") {
            match &attribute.meta {
                Meta::List(list) => {
                    for option in options::parse(list.tokens.clone(), "#[arg]", &OPTIONS, errors) {
                        if all.iter().any(|other| other.key == option.key) {
                            errors.on(&option.key, format!("`{}` is given twice; remove one", option.key));
                        }
                        all.push(option);
                    }
                }
                other => errors.on(other, "`#[arg]` takes options in parentheses: `#[arg(default = 10)]`"),
            }
        } else if path.is_ident("serde") || path.is_ident("schemars") || path.is_ident("validate") {
            errors.on(
                attribute,
                "this attribute does not work on a parameter: use `#[arg(name = …, default = …, range = …)]`, or put it on a field of a \
                 `#[mpp::data]` struct",
            );
        } else if !path.is_ident("doc") && !fallback::is_accepted_by_rustc(attribute) {
            errors.on(attribute, "a parameter of a tool takes a doc comment and `#[arg(…)]`; remove this");
        }
    }
    all
}

fn name(ident: &Ident, options: &[Opt], errors: &mut Errors) -> LitStr {
    let mut names = options.iter().filter(|option| option.key == "name" || option.key == "rename");
    let given = names.next().and_then(|option| option.text(errors));
    if let Some(second) = names.next() {
        errors.on(&second.key, "`name` and `rename` mean the same; remove one");
    }
    let name = given.unwrap_or_else(|| LitStr::new(&ident.unraw().to_string(), ident.span()));
    if name.value().is_empty() {
        errors.on(&name, "an argument's name cannot be empty");
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
            "an `Option` is `None` where the argument is left out: write the type without `Option`, or remove `default`",
        );
        return None;
    }
    let at = option.value.as_ref().map_or(option.key.span(), Spanned::span);
    let Some(value) = &option.value else {
        let value = quote_spanned!(at=> <#read as ::core::default::Default>::default());
        let published = quote!(#private::Constant::Computed(|| #private::json(#function())));
        return Some(Default { function, value, published });
    };
    errors.keep(rules::fits_type(&option.key, value, read))?;
    let is_text = matches!(value, Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(_), .. }));
    // `default = "here"` for a `String`, `default = [1, 2]` for a `Vec`: what is written is not what is owned.
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
        quote!(#private::Constant::Computed(|| #private::json(#function())))
    };
    Some(Default { function, value: owned, published })
}

/// A literal default that its own range refuses.
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
