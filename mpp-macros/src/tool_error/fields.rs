//! Names of a variant's fields, and of the variables that they are bound to.

use proc_macro2::Span;
use quote::format_ident;
use syn::{Fields, Ident, Index, Member};

/// Returns the fields' names, or their positions.
pub(super) fn members(fields: &Fields) -> impl Iterator<Item = Member> + '_ {
    fields.iter().enumerate().map(|(index, field)| match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index { index: index as u32, span: Span::call_site() }),
    })
}

/// Returns the variable that a field is bound to.
pub(super) fn binding(member: &Member) -> Ident {
    match member {
        Member::Named(name) => name.clone(),
        Member::Unnamed(index) => format_ident!("_{}", index.index),
    }
}
