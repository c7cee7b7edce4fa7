//! `#[arg(range, min_len, max_len, pattern, format, example, examples)]`: checks rules against the type, publishes them in
//! the schema, and generates the conditions that enforce them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprLit, ExprRange, ExprUnary, Lit, LitFloat, RangeLimits, Type, UnOp, spanned::Spanned};

use crate::{
    errors::Errors,
    options::Opt,
    types::{Passing, word},
};

/// The rules of one parameter.
#[derive(Default)]
pub(crate) struct Rules {
    /// Elements of the generated `Parameter::rules`.
    pub(crate) published: Vec<TokenStream>,
    /// Conditions on `value`, a reference to the restricted type.
    pub(crate) conditions: Vec<TokenStream>,
    /// Constants that the conditions use, and assertions about the type.
    pub(crate) constants: Vec<TokenStream>,
    lengths: (Option<usize>, Option<usize>),
}

const INTEGERS: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];
const FLOATS: [&str; 2] = ["f32", "f64"];

impl Rules {
    /// Adds the rule of one option. `measure` is the name for a constant that measures lengths.
    pub(crate) fn add(
        &mut self,
        option: &Opt,
        passing: &Passing,
        measure: &syn::Ident,
        krate: &TokenStream,
        errors: &mut Errors,
    ) {
        let private = quote!(#krate::private);
        match option.key.to_string().as_str() {
            "range" => self.range(option, passing.ruled(), &private, errors),
            "min_len" | "max_len" => self.length(option, passing.ruled(), measure, &private, errors),
            "pattern" | "format" => self.text(option, passing.ruled(), &private, errors),
            "example" | "examples" => self.examples(option, passing, &private, errors),
            _ => {}
        }
    }

    fn range(&mut self, option: &Opt, ruled: &Type, private: &TokenStream, errors: &mut Errors) {
        let Some(Expr::Range(range)) = &option.value else {
            return option.wrong(errors, "`range` takes a range: `range = 1..=100`, `range = 1..` or `range = ..=100`");
        };
        let Some(word) =
            word(ruled).filter(|word| INTEGERS.contains(&word.as_str()) || FLOATS.contains(&word.as_str()))
        else {
            let hint = match word(ruled).as_deref() {
                Some("String" | "Vec") => "; to bound a length use `min_len` and `max_len`",
                _ => "; use an integer or floating-point type, or validate in the type's `Deserialize`",
            };
            return errors.on(
                &option.key,
                format!("`range` applies to built-in number types, and `{}` is not one{hint}", shown(ruled)),
            );
        };
        let is_float = FLOATS.contains(&word.as_str());
        if let (Some(low), Some(high)) =
            (range.start.as_deref().and_then(number), range.end.as_deref().and_then(number))
        {
            let is_open = matches!(range.limits, RangeLimits::HalfOpen(_));
            if low > high || (is_open && low >= high) {
                return errors.on(range, "this range is empty: the lower bound comes first");
            }
        }
        if range.start.is_none() && range.end.is_none() {
            return errors.on(range, "this range has no bounds: write for example `range = 1..=100`, or remove it");
        }
        let start = range.start.as_deref().map(|bound| typed(bound, is_float));
        let end = range.end.as_deref().map(|bound| typed(bound, is_float));
        let limits = &range.limits;
        let constant = constant_of(&word);
        let cast = match constant {
            "Float" => quote!(f64),
            "Uint" => quote!(u64),
            _ => quote!(i64),
        };
        let variant = syn::Ident::new(constant, option.key.span());
        let print = is_float.then(|| quote!(, #private::float));
        let mut publish = |rule: &str, bound: &TokenStream| {
            let rule = syn::Ident::new(rule, option.key.span());
            self.published.push(quote!(#private::Rule::#rule(#private::Constant::#variant({ const BOUND: #ruled = #bound; BOUND as #cast } #print))));
        };
        if let Some(start) = &start {
            publish("Min", start);
        }
        if let Some(end) = &end {
            publish(if matches!(limits, RangeLimits::Closed(_)) { "Max" } else { "Below" }, end);
        }
        self.conditions.push(quote!((#start #limits #end).contains(value)));
    }

    fn length(&mut self, option: &Opt, ruled: &Type, measure: &syn::Ident, private: &TokenStream, errors: &mut Errors) {
        let Some(length) = option.length(errors) else { return };
        if matches!(self.lengths, (None, None)) {
            let new = respanned(quote!(#private::Measure::new()), option.key.span());
            self.constants.push(quote!(const #measure: #private::Measure<#ruled> = #new;));
        }
        let (rule, condition) = if option.key == "min_len" {
            self.lengths.0 = Some(length);
            (quote!(MinLen), quote!((#measure.length)(value) >= #length))
        } else {
            self.lengths.1 = Some(length);
            (quote!(MaxLen), quote!((#measure.length)(value) <= #length))
        };
        if let (Some(least), Some(most)) = self.lengths
            && least > most
        {
            option.wrong(errors, format!("`min_len` is {least} and `max_len` is {most}: no length satisfies both"));
        }
        self.published.push(quote!(#private::Rule::#rule(#length, #measure.kind)));
        self.conditions.push(condition);
    }

    fn text(&mut self, option: &Opt, ruled: &Type, private: &TokenStream, errors: &mut Errors) {
        let Some(text) = option.string(errors) else { return };
        let rule = if option.key == "pattern" { quote!(Pattern) } else { quote!(Format) };
        let check = respanned(quote!(#private::IsText::new()), option.key.span());
        self.constants.push(quote!(const _: #private::IsText<#ruled> = #check;));
        self.published.push(quote!(#private::Rule::#rule(#text)));
    }

    fn examples(&mut self, option: &Opt, passing: &Passing, private: &TokenStream, errors: &mut Errors) {
        let values: Vec<&Expr> = match (&option.value, option.key == "examples") {
            (Some(Expr::Array(array)), true) if !array.elems.is_empty() => array.elems.iter().collect(),
            (Some(value), false) => vec![value],
            (_, true) => return option.wrong(errors, "`examples` takes a list: `examples = [\"a\", \"b\"]`"),
            (None, false) => return option.wrong(errors, "`example` needs a value: `example = \"a\"`"),
        };
        for value in &values {
            errors.keep(fits_type(&option.key, value, passing.ruled()));
        }
        let values = values.iter().map(|value| constant(value, passing.ruled(), private));
        self.published.push(quote!(#private::Rule::Examples(&[#(#values),*])));
    }
}

/// Returns a `Constant` for a literal, or for the value of an expression of type `ruled`.
pub(crate) fn constant(value: &Expr, ruled: &Type, private: &TokenStream) -> TokenStream {
    let word = word(ruled).unwrap_or_default();
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => quote!(#private::Constant::Text(#text)),
        Expr::Lit(ExprLit { lit: Lit::Bool(truth), .. }) => quote!(#private::Constant::Bool(#truth)),
        _ if number(value).is_some() && (INTEGERS.contains(&word.as_str()) || FLOATS.contains(&word.as_str())) => {
            let variant = syn::Ident::new(constant_of(&word), value.span());
            let is_float = FLOATS.contains(&word.as_str());
            let typed = typed(value, is_float);
            let cast = match constant_of(&word) {
                "Float" => quote!(f64),
                "Uint" => quote!(u64),
                _ => quote!(i64),
            };
            let print = is_float.then(|| quote!(, #private::float));
            quote!(#private::Constant::#variant({ const VALUE: #ruled = #typed; VALUE as #cast } #print))
        }
        _ => {
            let at = value.span();
            quote_spanned!(at=> #private::Constant::Computed(|_| { let value: #ruled = #value; #private::json(value) }))
        }
    }
}

/// Checks that a literal suits the type; the compiler checks other expressions.
pub(crate) fn fits_type(key: &syn::Ident, value: &Expr, ruled: &Type) -> syn::Result<()> {
    let Some(word) = word(ruled) else { return Ok(()) };
    let (fits, fix) = match (value, word.as_str()) {
        (Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), number) if is_number(number) => {
            match text.value().parse::<f64>() {
                Ok(_) => (false, format!("`{key} = {}`", text.value())),
                Err(_) => (false, "a number".to_owned()),
            }
        }
        (Expr::Lit(ExprLit { lit: Lit::Str(_), .. }), "bool") => (false, format!("`{key} = true` or `{key} = false`")),
        (value, "String" | "str" | "bool") if number(value).is_some() => {
            (false, if word == "bool" { "`true` or `false`".to_owned() } else { "a string".to_owned() })
        }
        (Expr::Lit(ExprLit { lit: Lit::Bool(_), .. }), "String" | "str") => (false, "a string".to_owned()),
        (Expr::Lit(ExprLit { lit: Lit::Bool(_), .. }), number) if is_number(number) => (false, "a number".to_owned()),
        (Expr::Lit(ExprLit { lit: Lit::Float(_), .. }), integer) if INTEGERS.contains(&integer) => {
            (false, "an integer".to_owned())
        }
        (value, unsigned)
            if unsigned.starts_with('u') && is_number(unsigned) && number(value).is_some_and(|n| n < 0.0) =>
        {
            (false, "a non-negative number".to_owned())
        }
        _ => (true, String::new()),
    };
    if fits {
        return Ok(());
    }
    Err(syn::Error::new_spanned(value, format!("the argument has the type `{word}`: write {fix}")))
}

/// Moves the tokens to `span`, so that the compiler points there.
pub(crate) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

/// Returns the value of a numeric literal with an optional sign.
pub(crate) fn number(value: &Expr) -> Option<f64> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => number(expr).map(|number| -number),
        Expr::Group(group) => number(&group.expr),
        _ => None,
    }
}

/// Returns whether a value lies in a range of literals.
pub(crate) fn contains(range: &ExprRange, value: f64) -> bool {
    let above = range.start.as_deref().and_then(number).is_none_or(|low| value >= low);
    let below = range.end.as_deref().and_then(number).is_none_or(|high| match range.limits {
        RangeLimits::Closed(_) => value <= high,
        RangeLimits::HalfOpen(_) => value < high,
    });
    above && below
}

/// Returns the literal; an integer literal for a floating-point type becomes a float, so that `range = 0..=1` compiles.
pub(crate) fn typed(value: &Expr, is_float: bool) -> TokenStream {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if is_float && number.suffix().is_empty() => {
            let float = LitFloat::new(&format!("{}.0", number.base10_digits()), number.span());
            quote!(#float)
        }
        Expr::Unary(ExprUnary { op: UnOp::Neg(minus), expr, .. }) => {
            let inner = typed(expr, is_float);
            quote!(#minus #inner)
        }
        other => quote!(#other),
    }
}

fn is_number(word: &str) -> bool {
    INTEGERS.contains(&word) || FLOATS.contains(&word)
}

fn constant_of(word: &str) -> &'static str {
    match word.as_bytes().first() {
        Some(b'f') => "Float",
        Some(b'u') => "Uint",
        _ => "Int",
    }
}

fn shown(ruled: &Type) -> String {
    quote!(#ruled).to_string().replace(":: std :: string :: ", "").replace(":: std :: vec :: ", "").replace(' ', "")
}
