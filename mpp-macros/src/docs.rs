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

/// The lines as one text: one space after `///` is not part of it, and examples in Rust are for people who read the source.
fn unindented(lines: &[String]) -> String {
    let mut text = String::new();
    // Within a fenced block: whether it is an example in Rust.
    let mut fence = None;
    for line in lines.iter().flat_map(|text| text.split('\n')) {
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        match (line.trim_start().strip_prefix("```"), fence) {
            (Some(language), None) => fence = Some(is_rust(language)),
            (Some(_), Some(is_example)) => {
                fence = None;
                if is_example {
                    continue;
                }
            }
            (None, _) => {}
        }
        if fence != Some(true) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.trim_matches('\n').to_owned()
}

/// Whether rustdoc takes a fenced block for Rust: it does, unless another language is named.
fn is_rust(language: &str) -> bool {
    language.split([',', ' ']).filter(|word| !word.is_empty()).all(|word| {
        ["rust", "no_run", "ignore", "should_panic", "compile_fail"].contains(&word) || word.starts_with("edition")
    })
}

#[cfg(test)]
mod tests {
    use super::unindented;

    fn text(lines: &[&str]) -> String {
        unindented(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn keeps_lines_and_inner_indentation() {
        assert_eq!(text(&[" Look up.", "", "   - by name", " "]), "Look up.\n\n  - by name");
    }

    #[test]
    fn leaves_out_examples_in_rust_and_keeps_others() {
        assert_eq!(text(&[" Look up.", "", " ```", " lookup(1);", " ```"]), "Look up.");
        assert_eq!(text(&[" a", " ```rust,no_run", " x", " ```", " b"]), "a\nb");
        assert_eq!(text(&[" a", " ```json", " {}", " ```"]), "a\n```json\n{}\n```");
    }
}
