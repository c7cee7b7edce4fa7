//! Turns doc comments into descriptions.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Returns the text of the doc comments among `attributes` as a constant expression; `None` if there is none.
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
        // Only the compiler knows the text of `#[doc = include_str!("…")]`.
        None => Some(quote!(::core::concat!(#(#pieces),*))),
    }
}

/// Joins the lines, without the space after `///` and without Rust examples, which are of no use to a model.
fn unindented(lines: &[String]) -> String {
    let mut text = String::new();
    // Inside a fenced block, whether it is a Rust example.
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

/// Returns whether rustdoc treats a fenced block as Rust, which it does unless another language is named.
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
    fn drops_rust_examples_and_keeps_others() {
        assert_eq!(text(&[" Look up.", "", " ```", " lookup(1);", " ```"]), "Look up.");
        assert_eq!(text(&[" a", " ```rust,no_run", " x", " ```", " b"]), "a\nb");
        assert_eq!(text(&[" a", " ```json", " {}", " ```"]), "a\n```json\n{}\n```");
    }
}
