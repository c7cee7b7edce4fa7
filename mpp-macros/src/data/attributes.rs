//! The words in `#[serde(…)]` and `#[schemars(…)]`.

use syn::{Attribute, Expr, ExprLit, Ident, Lit, Token};

/// One word, with the text that it is set to.
pub(super) struct Word {
    pub(super) name: Ident,
    pub(super) text: Option<String>,
    /// Whether it stands in `#[schemars(…)]`.
    pub(super) is_schemars: bool,
}

/// All words of one item, variant or field.
pub(super) struct Words(Vec<Word>);

impl Words {
    /// Collects the words. Derives report errors in the attributes of their crates, so nothing is reported here.
    pub(super) fn of(attributes: &[Attribute]) -> Self {
        let mut words = Vec::new();
        for attribute in attributes {
            let is_schemars = attribute.path().is_ident("schemars");
            if !is_schemars && !attribute.path().is_ident("serde") {
                continue;
            }
            let _ = attribute.parse_nested_meta(|meta| {
                let mut text = None;
                if meta.input.peek(Token![=]) {
                    if let Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) = meta.value()?.parse::<Expr>()? {
                        text = Some(literal.value());
                    }
                } else if meta.input.peek(syn::token::Paren) {
                    let _: proc_macro2::Group = meta.input.parse()?;
                }
                if let Some(name) = meta.path.get_ident() {
                    words.push(Word { name: name.clone(), text, is_schemars });
                }
                Ok(())
            });
        }
        Self(words)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Word> {
        self.0.iter()
    }

    /// Returns serde's word of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Word> {
        self.0.iter().find(|word| !word.is_schemars && word.name == name)
    }

    /// Returns whether serde's word of this name is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns whether `#[schemars(…)]` states the schema.
    pub(super) fn has_schema(&self) -> bool {
        self.0.iter().any(|word| word.is_schemars && (word.name == "with" || word.name == "schema_with"))
    }

    /// Returns serde's word that replaces how a value is deserialized or serialized, unless it names a type, which has a schema
    /// of its own.
    pub(super) fn conversion(&self) -> Option<&Word> {
        self.0.iter().find(|word| {
            let is_type = || word.text.as_deref().is_some_and(names_a_type);
            !word.is_schemars
                && (word.name == "serialize_with"
                    || word.name == "deserialize_with"
                    || (word.name == "with" && !is_type()))
        })
    }

    /// Returns the other names that serde accepts.
    pub(super) fn aliases(&self) -> Vec<String> {
        let aliases = self.0.iter().filter(|word| !word.is_schemars && word.name == "alias");
        aliases.filter_map(|word| word.text.clone()).collect()
    }
}

/// Returns whether a path names a type and not a module: `As::<Duration>`, but not `my_module`.
fn names_a_type(path: &str) -> bool {
    let last = path.split('<').next().unwrap_or_default().trim_end_matches(':').rsplit("::").next().unwrap_or_default();
    last.trim().starts_with(char::is_uppercase)
}
