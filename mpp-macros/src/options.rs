//! The grammar of `#[tool(…)]`, `#[arg(…)]`, `#[data(…)]` and `#[error(…)]`: `word` or `word = expression`, separated by
//! commas.

use proc_macro2::TokenStream;
use syn::{
    Expr, ExprLit, Ident, Lit, LitBool, LitStr, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::errors::{Errors, did_you_mean, list};

/// One option, with its spans.
pub(crate) struct Opt {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

impl Parse for Opt {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option: `word` or `word = value`"));
        }
        let key = Ident::parse_any(input)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.is_empty() {
                return Err(syn::Error::new(key.span(), format!("`{key} =` needs a value")));
            }
            Some(input.parse()?)
        } else if input.is_empty() || input.peek(Token![,]) {
            None
        } else if input.peek(syn::token::Paren) {
            return Err(input.error(format!("write the value after `=` and without parentheses: `{key} = …`")));
        } else {
            return Err(input.error(format!("expected `{key}` or `{key} = value`, followed by a comma")));
        };
        Ok(Self { key, value })
    }
}

/// Parses the options. Unknown and repeated ones are mistakes.
pub(crate) fn parse(tokens: TokenStream, on: &str, known: &[&str], errors: &mut Errors) -> Vec<Opt> {
    let parsed = errors.keep(Punctuated::<Opt, Token![,]>::parse_terminated.parse2(tokens)).unwrap_or_default();
    let mut options: Vec<Opt> = Vec::new();
    for option in parsed {
        let key = option.key.to_string();
        if !known.contains(&key.as_str()) {
            let hint = did_you_mean(&key, known);
            let hint = if hint.is_empty() { format!(", expected {}", list(known)) } else { hint };
            errors.on(&option.key, format!("unknown option `{key}` of `{on}`{hint}"));
        } else if options.iter().any(|other| other.key == option.key) {
            errors.on(&option.key, format!("duplicate option `{key}`: remove one"));
        } else {
            options.push(option);
        }
    }
    options
}

impl Opt {
    /// `word = "text"`.
    pub(crate) fn string(&self, errors: &mut Errors) -> Option<LitStr> {
        match &self.value {
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Some(text.clone()),
            Some(other) => {
                errors.on(other, format!("`{0}` takes a string: `{0} = \"…\"`", self.key));
                None
            }
            None => {
                errors.on(&self.key, format!("`{0}` needs a value: `{0} = \"…\"`", self.key));
                None
            }
        }
    }

    /// `word`, `word = true` or `word = false`.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Option<bool> {
        match &self.value {
            None => Some(true),
            Some(Expr::Lit(ExprLit { lit: Lit::Bool(LitBool { value, .. }), .. })) => Some(*value),
            Some(other) => {
                errors.on(other, format!("`{0}` takes `true` or `false`: `{0}` or `{0} = false`", self.key));
                None
            }
        }
    }

    /// `word = 12`.
    pub(crate) fn length(&self, errors: &mut Errors) -> Option<usize> {
        let (number, meant) = match &self.value {
            Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => (number.base10_parse().ok(), None),
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => (None, text.value().parse().ok()),
            _ => (None, None),
        };
        if number.is_none() {
            let meant: usize = meant.unwrap_or(80);
            self.wrong(errors, format!("`{0}` takes an integer: `{0} = {meant}`", self.key));
        }
        number
    }

    /// `word = some::path`.
    pub(crate) fn path(&self, errors: &mut Errors) -> Option<Path> {
        match &self.value {
            Some(Expr::Path(path)) if path.qself.is_none() => Some(path.path.clone()),
            _ => {
                self.wrong(errors, format!("`{0}` takes a path: `{0} = my_crate::mpp`", self.key));
                None
            }
        }
    }

    /// Adds an error at the value, or at the key if there is no value.
    pub(crate) fn wrong(&self, errors: &mut Errors, message: impl std::fmt::Display) {
        match &self.value {
            Some(value) => errors.on(value, message),
            None => errors.on(&self.key, message),
        }
    }
}
