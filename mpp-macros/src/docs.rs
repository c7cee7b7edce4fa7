//! Doc comments, as descriptions.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the doc comments among `attributes`, as a constant expression; nothing where there is none.
pub(crate) fn text(attributes: &[Attribute]) -> Option<TokenStream> {
    let pieces: Vec<&Expr> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) => Some(&pair.value),
            _ => None,
        })
        .collect();
    let literals: Option<Vec<String>> = pieces
        .iter()
        .map(|piece| match piece {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        })
        .collect();
    match literals {
        Some(lines) => Some(unindented(&lines)).filter(|text| !text.is_empty()).map(ToTokens::into_token_stream),
        // `#[doc = include_str!("…")]`: only the compiler knows the text.
        None => Some(quote!(::core::concat!(#(#pieces),*))),
    }
}

/// One space after `///` is not part of the text.
fn unindented(lines: &[String]) -> String {
    let lines: Vec<&str> = lines
        .iter()
        .flat_map(|text| text.split('\n'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::unindented;

    #[test]
    fn keeps_lines_and_inner_indentation() {
        let lines = [" Look up.", "", "   - by name", " "].map(str::to_owned);
        assert_eq!(unindented(&lines), "Look up.\n\n  - by name");
    }
}
