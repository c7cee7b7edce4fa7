//! `#[derive(ToolError)]`: messages with fields in braces, such as `{query}`, `{0}` and `{limit:>3}`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, LitStr, Member};

use super::fields::{binding, members};
use crate::errors::{Errors, did_you_mean, list};

/// A format string, and the fields that it names.
pub(crate) struct Message {
    /// The format string, with `{0}` replaced by `{_0}`, the variable that the field is bound to.
    format: LitStr,
    used: Vec<Member>,
}

impl Message {
    /// Parses a message. A name that is not a field is a mistake.
    pub(crate) fn parse(text: &LitStr, fields: &Fields, errors: &mut Errors) -> Option<Self> {
        let value = text.value();
        let mut format = String::new();
        let mut used: Vec<Member> = Vec::new();
        let mut rest = value.as_str();
        while let Some(brace) = rest.find(['{', '}']) {
            format.push_str(&rest[..brace]);
            rest = &rest[brace..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                format.push_str(&rest[..2]);
                rest = &rest[2..];
                continue;
            }
            let Some(end) = rest.find('}').filter(|_| rest.starts_with('{')) else {
                errors.on(text, "unbalanced brace: write a literal brace as `{{` or `}}`");
                return None;
            };
            let (name, spec) = rest[1..end].split_once(':').map_or((&rest[1..end], ""), |(name, spec)| (name, spec));
            let member = field(name.trim(), fields).or_else(|| {
                errors.on(text, unknown(name.trim(), fields));
                None
            })?;
            let bound = binding(&member);
            format.push_str(&if spec.is_empty() { format!("{{{bound}}}") } else { format!("{{{bound}:{spec}}}") });
            if !used.contains(&member) {
                used.push(member);
            }
            rest = &rest[end + 1..];
        }
        format.push_str(rest);
        Some(Self { format: LitStr::new(&format, text.span()), used })
    }

    /// Returns the patterns that bind the fields, and the expression that writes the message.
    pub(crate) fn write(&self) -> (Vec<TokenStream>, TokenStream) {
        let names: Vec<_> = self.used.iter().map(binding).collect();
        let bindings = self
            .used
            .iter()
            .zip(&names)
            .map(|(member, name)| match member {
                Member::Named(field) => quote!(#field),
                Member::Unnamed(_) => quote!(#member: #name),
            })
            .collect();
        let format = &self.format;
        (bindings, quote!(::core::write!(__mpp_formatter, #format, #(#names = #names),*)))
    }
}

fn field(name: &str, fields: &Fields) -> Option<Member> {
    members(fields).find(|member| match member {
        Member::Named(field) => field == name,
        Member::Unnamed(index) => index.index.to_string() == name,
    })
}

fn unknown(name: &str, fields: &Fields) -> String {
    let names: Vec<String> =
        members(fields).map(|member| binding(&member).to_string().trim_start_matches('_').to_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if name.is_empty() {
        return "empty braces: name a field, as in `{0}` or `{field}`".to_owned();
    }
    if names.is_empty() {
        return format!("unknown field `{name}`: the variant has no fields; write a literal brace as `{{{{`");
    }
    let hint = did_you_mean(name, &names);
    let hint = if hint.is_empty() { format!(", expected {}", list(&names)) } else { hint };
    format!("unknown field `{name}`{hint}")
}
