//! Refuses attributes that change what a type accepts or writes without changing its published schema.

use syn::{Attribute, Field, Fields, Item, Meta, Token, Type, punctuated::Punctuated};

use super::attributes::{Word, Words};
use crate::{errors::Errors, types};

/// serde's words that `#[schemars(…)]` understands, too.
pub(crate) const COPIED: [&str; 17] = [
    "rename",
    "rename_all",
    "rename_all_fields",
    "deny_unknown_fields",
    "tag",
    "content",
    "untagged",
    "default",
    "skip",
    "skip_serializing",
    "skip_serializing_if",
    "skip_deserializing",
    "flatten",
    "transparent",
    "into",
    "from",
    "try_from",
];

/// Checks the attributes of the item, its variants and its fields.
pub(super) fn item(item: &Item, is_open: bool, errors: &mut Errors) {
    match item {
        Item::Struct(item) => {
            common(&item.attrs, errors);
            let words = Words::of(&item.attrs);
            container(&words, errors);
            if let Some(word) = words.get("tag") {
                errors.on(
                    &word.name,
                    "`tag` on a struct writes a key that its schema does not have: add a field for it, or an enum of one variant",
                );
            }
            fields(&item.fields, words.get("default"), errors);
        }
        Item::Enum(item) => {
            common(&item.attrs, errors);
            let container_words = Words::of(&item.attrs);
            container(&container_words, errors);
            for variant in &item.variants {
                common(&variant.attrs, errors);
                let words = Words::of(&variant.attrs);
                conversion(&words, errors);
                let is_untagged = container_words.has("untagged") || words.has("untagged");
                if let Some(word) = words.get("alias").filter(|_| is_untagged) {
                    errors
                        .on(&word.name, "`alias` has no effect here, since an untagged variant has no name: remove it");
                }
                if let Some(word) = words.get("other").filter(|_| !is_open) {
                    errors.on(
                        &word.name,
                        "with `other` every name is right, so that a misspelled argument is not noticed: mark an enum that reads data \
                         of other programs with `#[mpp::data(open)]`",
                    );
                }
                fields(&variant.fields, None, errors);
            }
        }
        _ => {}
    }
}

/// Checks what applies everywhere.
fn common(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg_attr")) {
        let Meta::List(list) = &attribute.meta else { continue };
        let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else { continue };
        // The first part is the condition.
        if parts.iter().skip(1).any(|part| part.path().is_ident("serde") || part.path().is_ident("schemars")) {
            errors.on(
                attribute,
                "`cfg_attr` hides this attribute from `#[mpp::data]`, and the schema is part of the signed package: write the \
                 attribute without a condition, or define the type twice with `#[cfg]`",
            );
        }
    }
    for word in Words::of(attributes).iter() {
        let name = word.name.to_string();
        if name == "crate" {
            errors.on(&word.name, "`#[mpp::data]` sets `crate`: remove it here");
        } else if word.is_schemars && COPIED.contains(&name.as_str()) {
            errors.on(
                &word.name,
                format!("this changes the published schema, but not what the tool accepts: write `#[serde({name} …)]`"),
            );
        }
    }
}

fn container(words: &Words, errors: &mut Errors) {
    for word in words.iter().filter(|word| !word.is_schemars) {
        match word.name.to_string().as_str() {
            "remote" => errors.on(
                &word.name,
                "`remote` describes another type, which still cannot be an argument or a result: convert with `from` and `into`, \
                 or wrap the type in a struct of your own",
            ),
            "field_identifier" | "variant_identifier" => errors.on(
                &word.name,
                format!("`{}` has no JSON Schema: use an enum without it", word.name),
            ),
            _ => {}
        }
    }
}

fn fields(fields: &Fields, container_default: Option<&Word>, errors: &mut Errors) {
    let is_tuple = matches!(fields, Fields::Unnamed(_));
    if let Some(word) = container_default.filter(|_| is_tuple) {
        tuple_default(word, errors);
    }
    for field in fields {
        common(&field.attrs, errors);
        let words = Words::of(&field.attrs);
        conversion(&words, errors);
        optional(field, &words, container_default.is_some(), errors);
        if let Some(word) = words.get("getter") {
            errors.on(&word.name, "`getter` belongs to `remote`, which `#[mpp::data]` does not support: remove it");
        }
        if is_tuple {
            if let Some(word) = words.get("default") {
                tuple_default(word, errors);
            }
            for name in ["alias", "rename"] {
                if let Some(word) = words.get(name) {
                    errors
                        .on(&word.name, format!("`{name}` has no effect here, since the field has no name: remove it"));
                }
            }
        }
    }
}

fn tuple_default(word: &Word, errors: &mut Errors) {
    errors.on(
        &word.name,
        "`default` in a tuple makes it shorter than its schema says: give the fields names, or use `Option`",
    );
}

/// Refuses a conversion function, whose JSON type only the author knows.
fn conversion(words: &Words, errors: &mut Errors) {
    if let Some(word) = words.conversion().filter(|_| !words.has_schema()) {
        errors.on(
            &word.name,
            format!(
                "the schema cannot show what `{}` accepts or writes: name a type with the same JSON beside it, \
                 `#[schemars(with = \"String\")]`",
                word.name
            ),
        );
    }
}

/// Reports an `Option` that serde requires nevertheless.
fn optional(field: &Field, words: &Words, has_default: bool, errors: &mut Errors) {
    let replaces = |name: &str| words.has(name);
    let is_option = |ty: &Type| types::container(ty).as_deref() == Some("Option");
    if (replaces("deserialize_with") || replaces("with"))
        && is_option(&field.ty)
        && !has_default
        && !words.has("default")
    {
        errors.on(
            &field.ty,
            "with a conversion function, serde requires this key although its type is `Option`: add `#[serde(default)]`",
        );
    }
}
