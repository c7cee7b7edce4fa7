//! `#[derive(ToolError)]`: parses and checks the variants.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Member, Meta, Type};

use super::{fields::members, message};
use crate::{
    errors::Errors,
    options::{self, Opt},
};

pub(crate) const OPTIONS: [&str; 4] = ["code", "message", "retryable", "transparent"];

/// A variant of an enum, or a struct.
pub(super) struct Variant<'a> {
    /// `Self` or `Self::Variant`.
    pub(super) path: TokenStream,
    pub(super) kind: Kind,
    /// The field that `source()` returns.
    pub(super) source: Option<Member>,
    /// The field that `#[from]` marks.
    pub(super) from: Option<(Member, &'a Type)>,
}

/// How a variant converts into an error.
pub(super) enum Kind {
    Described { code: LitStr, message: message::Message, retryable: bool },
    Transparent(Member),
}

/// Returns the variants of an enum, or a struct as the only variant.
pub(super) fn all<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<Vec<Variant<'a>>> {
    match &input.data {
        Data::Struct(data) => {
            Some(variant(quote!(Self), &input.ident, &input.attrs, &data.fields, errors).into_iter().collect())
        }
        Data::Enum(data) => {
            if data.variants.is_empty() {
                errors.on(
                    &input.ident,
                    "an error needs a variant: add one with `#[error(code = \"…\", message = \"…\")]`",
                );
            }
            let variants = data.variants.iter().filter_map(|one| {
                let name = &one.ident;
                variant(quote!(Self::#name), name, &one.attrs, &one.fields, errors)
            });
            let variants: Vec<_> = variants.collect();
            repeated_sources(&variants, errors);
            Some(variants)
        }
        Data::Union(data) => {
            errors.on(&data.union_token, "`ToolError` applies to enums and structs only");
            None
        }
    }
}

fn variant<'a>(
    path: TokenStream,
    name: &Ident,
    attributes: &[Attribute],
    fields: &'a Fields,
    errors: &mut Errors,
) -> Option<Variant<'a>> {
    let mut found = attributes.iter().filter(|attribute| attribute.path().is_ident("error"));
    let Some(attribute) = found.next() else {
        let code = snake_case(&name.to_string());
        errors.on(name, format!("a variant needs a code and a message: add `#[error(code = \"{code}\", message = \"…\")]` or `#[error(transparent)]`"));
        return None;
    };
    if let Some(second) = found.next() {
        errors.on(second, "duplicate attribute `#[error]`: write all options in one");
    }
    let options = match &attribute.meta {
        Meta::List(list) if starts_with_text(&list.tokens) => {
            errors.on(
                &list.tokens,
                format!(
                    "write the message as an option, next to a stable code: `#[error(code = \"{}\", message = \"…\")]`",
                    snake_case(&name.to_string())
                ),
            );
            return None;
        }
        Meta::List(list) => options::parse(list.tokens.clone(), "#[error]", &OPTIONS, errors),
        other => {
            errors.on(other, "`#[error]` takes options in parentheses: `#[error(code = \"…\", message = \"…\")]`");
            return None;
        }
    };
    let from = marked(fields, "from", errors);
    let source = from.clone().or_else(|| marked(fields, "source", errors)).map(|(member, _)| member);
    if let Some((_, ty)) = &from
        && fields.len() > 1
    {
        errors.on(ty, "a `#[from]` field must be the only field, since the conversion has no values for others");
    }
    let kind = kind(name, &options, fields, errors)?;
    Some(Variant { path, kind, source, from })
}

fn kind(name: &Ident, options: &[Opt], fields: &Fields, errors: &mut Errors) -> Option<Kind> {
    let option = |key: &str| options.iter().find(|option| option.key == key);
    if let Some(transparent) = option("transparent") {
        for other in options.iter().filter(|other| other.key != "transparent") {
            errors.on(
                &other.key,
                format!(
                    "a `transparent` variant has the {0} of its inner error: remove `{0}` or `transparent`",
                    other.key
                ),
            );
        }
        let mut members = members(fields);
        return match (members.next(), members.next()) {
            (Some(member), None) => Some(Kind::Transparent(member)),
            _ => {
                errors.on(
                    &transparent.key,
                    "a `transparent` variant needs exactly one field: `Other(#[from] mpp::Error)`",
                );
                None
            }
        };
    }
    let code = match option("code") {
        Some(option) => option.string(errors).and_then(|code| stable(code, errors)),
        None => {
            let code = snake_case(&name.to_string());
            errors.on(
                name,
                format!("a variant needs a stable code, by which programs recognize it: add `code = \"{code}\"`"),
            );
            None
        }
    };
    let message = match option("message") {
        Some(option) => option.string(errors).and_then(|text| message::Message::parse(&text, fields, errors)),
        None => {
            errors.on(
                name,
                "a variant needs a message for the caller, which states what to do next: add `message = \"…\"`",
            );
            None
        }
    };
    let retryable = option("retryable").map_or(Some(false), |option| option.flag(errors));
    Some(Kind::Described { code: code?, message: message?, retryable: retryable? })
}

fn stable(code: LitStr, errors: &mut Errors) -> Option<LitStr> {
    let value = code.value();
    let is_valid = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && value.starts_with(|first: char| first.is_ascii_lowercase());
    if is_valid {
        return Some(code);
    }
    let fixed = snake_case(&value);
    let hint = if fixed.is_empty() { String::new() } else { format!(": write `{fixed}`") };
    errors.on(&code, format!("a code must be in `snake_case`{hint}"));
    None
}

fn marked<'a>(fields: &'a Fields, word: &str, errors: &mut Errors) -> Option<(Member, &'a Type)> {
    let mut found = fields
        .iter()
        .zip(members(fields))
        .filter(|(field, _)| field.attrs.iter().any(|attribute| attribute.path().is_ident(word)));
    let first = found.next().map(|(field, member)| (member, &field.ty));
    if let Some((second, _)) = found.next() {
        errors.on(second, format!("duplicate attribute `#[{word}]`: remove one"));
    }
    first
}

/// Returns the types of all `#[from]` fields, each once, also of variants with mistakes.
pub(super) fn marked_types(input: &DeriveInput) -> Vec<&Type> {
    let fields: Vec<&syn::Field> = match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| variant.fields.iter()).collect(),
        Data::Union(_) => Vec::new(),
    };
    let mut types: Vec<&Type> = Vec::new();
    for field in
        fields.into_iter().filter(|field| field.attrs.iter().any(|attribute| attribute.path().is_ident("from")))
    {
        if !types.contains(&&field.ty) {
            types.push(&field.ty);
        }
    }
    types
}

/// Reports two variants with a `#[from]` field of the same type.
fn repeated_sources(variants: &[Variant<'_>], errors: &mut Errors) {
    let mut seen: Vec<String> = Vec::new();
    for (_, ty) in variants.iter().filter_map(|variant| variant.from.as_ref()) {
        let text = ty.to_token_stream().to_string();
        if seen.contains(&text) {
            errors.on(
                ty,
                "two variants have a `#[from]` field of this type: use `#[source]` in one, and convert with `map_err`",
            );
        }
        seen.push(text);
    }
}

fn starts_with_text(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(proc_macro2::TokenTree::Literal(_)))
}

/// Converts a name to snake case: `CrmDown` and `CRMDown` to `crm_down`.
fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut code = String::new();
    for (index, character) in characters.iter().enumerate() {
        let follows_lower = index > 0 && characters[index - 1].is_lowercase();
        let leads_lower = characters.get(index + 1).is_some_and(|next| next.is_lowercase());
        let starts_word = character.is_uppercase() && (follows_lower || leads_lower);
        if (starts_word || !character.is_ascii_alphanumeric()) && !code.is_empty() && !code.ends_with('_') {
            code.push('_');
        }
        if character.is_ascii_alphanumeric() {
            code.push(character.to_ascii_lowercase());
        }
    }
    code.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn converts_names_to_snake_case() {
        for (name, code) in [
            ("CrmDown", "crm_down"),
            ("CRM-Down", "crm_down"),
            ("CRMDown", "crm_down"),
            ("NotFound2", "not_found2"),
            ("é", ""),
        ] {
            assert_eq!(snake_case(name), code);
        }
    }
}
