//! `#[tool]`: parses and checks the function.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, GenericParam, ItemFn, LitStr, ReturnType, Signature, Type, ext::IdentExt};

use crate::{
    carried, crate_path, docs,
    errors::{Errors, did_you_mean, list},
    fallback,
    options::{self, Opt},
    parameter::Parameter,
    schema_file::SchemaFile,
    types,
};

/// Options that are hints about behaviour; `ToolAnnotations` has setters of these names.
pub(crate) const HINTS: [&str; 4] = ["read_only", "destructive", "idempotent", "open_world"];
pub(crate) const OPTIONS: [&str; 11] = [
    "name",
    "title",
    "description",
    "security_level",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
    "parameters",
    "returns",
    "crate",
];
const LEVELS: [&str; 4] = ["low", "medium", "high", "critical"];

/// A checked function.
pub(crate) struct Tool {
    pub(crate) function: ItemFn,
    pub(crate) krate: TokenStream,
    pub(crate) name: LitStr,
    pub(crate) title: Option<LitStr>,
    pub(crate) description: TokenStream,
    /// Name of a variant of `SecurityLevel`.
    pub(crate) level: &'static str,
    /// Values of the hints, in the order of `HINTS`.
    pub(crate) hints: [Option<bool>; 4],
    pub(crate) parameters: Vec<Parameter>,
    /// The schema of the arguments that replaces the derived one.
    pub(crate) published_parameters: Option<SchemaFile>,
    /// The schema of the result that replaces the derived one.
    pub(crate) published_returns: Option<SchemaFile>,
    /// Attributes that the generated items need, too.
    pub(crate) shared: Vec<Attribute>,
}

/// Parses and checks the function. If there are mistakes, returns what the macro generates instead: the function unchanged,
/// and the errors.
pub(crate) fn parse(options: TokenStream, item: TokenStream) -> Result<Tool, TokenStream> {
    let mut function: ItemFn = syn::parse2(item.clone()).map_err(|error| not_a_function(item, &error))?;
    let mut errors = Errors::default();
    let checked = check(options, &function, &mut errors);
    fallback::strip_parameters(&mut function);
    match checked {
        Some(tool) if errors.is_empty() => Ok(Tool { function, ..tool }),
        _ => Err(fallback::with_errors(&function, &errors)),
    }
}

fn not_a_function(item: TokenStream, error: &syn::Error) -> TokenStream {
    let message = match syn::parse2::<syn::Item>(item.clone()) {
        Ok(syn::Item::Fn(_)) | Err(_) => error.clone(),
        Ok(other) => syn::Error::new_spanned(
            other,
            "`#[mpp::tool]` applies to functions only: `#[mpp::tool] fn find(query: &str) -> String { … }`",
        ),
    };
    let error = message.to_compile_error();
    quote!(#item #error)
}

fn check(options: TokenStream, function: &ItemFn, errors: &mut Errors) -> Option<Tool> {
    let options = options::parse(options, "#[tool]", &OPTIONS, errors);
    let option = |key: &str| options.iter().find(|option| option.key == key);
    signature(&function.sig, errors);
    let at = option("crate").and_then(|option| option.path(errors));
    let krate = errors.keep(crate_path::find(at.as_ref()));
    let name = name(&function.sig, option("name"), errors);
    let title = option("title").and_then(|option| option.string(errors));
    let description = description(function, option("description"), errors);
    let level = option("security_level").map_or(Some("Low"), |option| level(option, errors));
    let hints = HINTS.map(|hint| option(hint).and_then(|option| option.flag(errors)));
    if let (Some(true), Some(true), Some(option)) = (hints[0], hints[1], option("destructive")) {
        errors.on(&option.key, "a tool cannot be both `read_only` and `destructive`: remove one");
    }
    let published_parameters = option("parameters").and_then(|option| SchemaFile::read(option, errors));
    let published_returns = option("returns").and_then(|option| SchemaFile::read(option, errors));
    let krate = krate?;
    let parameters = parameters(&function.sig, &krate, errors);
    if let Some(file) = &published_parameters {
        file.check_parameters(&parameters, errors);
    }
    returns(&function.sig, errors);
    Some(Tool {
        function: function.clone(),
        krate,
        name,
        title,
        description: description?,
        level: level?,
        hints,
        parameters,
        published_parameters,
        published_returns,
        shared: carried::attributes(&function.attrs),
    })
}

fn signature(signature: &Signature, errors: &mut Errors) {
    if let Some(asyncness) = &signature.asyncness {
        errors.on(asyncness, "a tool runs synchronously: remove `async`");
    }
    if let Some(unsafety) = &signature.unsafety {
        errors.on(unsafety, "a tool must be safe to call with all arguments that its schema allows: remove `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        errors.on(abi, "a tool must be an ordinary Rust function: remove `extern`");
    }
    for parameter in &signature.generics.params {
        let (tokens, what) = match parameter {
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(parameter) => (parameter.to_token_stream(), "type"),
            GenericParam::Const(parameter) => (parameter.to_token_stream(), "value"),
        };
        errors.on(
            &tokens,
            format!("a tool cannot be generic, since it has one schema: use a concrete {what}, and call the generic function from the tool"),
        );
    }
    if let Some(variadic) = &signature.variadic {
        errors.on(variadic, "a tool cannot be variadic: take a `Vec<T>`");
    }
}

fn name(signature: &Signature, option: Option<&Opt>, errors: &mut Errors) -> LitStr {
    let given = option.and_then(|option| option.string(errors));
    let is_given = given.is_some();
    let name = given.unwrap_or_else(|| LitStr::new(&signature.ident.unraw().to_string(), signature.ident.span()));
    let value = name.value();
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !value.bytes().all(is_valid) || !(1..=64).contains(&value.len()) {
        let fix = if is_given {
            let valid: String =
                value.chars().map(|c| if u8::try_from(c).is_ok_and(is_valid) { c } else { '_' }).take(64).collect();
            if valid.is_empty() { String::new() } else { format!(", for example `{valid}`") }
        } else {
            ": set one with `name = \"…\"`".to_owned()
        };
        errors.on(&name, format!("a tool's name consists of 1 to 64 of the characters `A-Z a-z 0-9 _ -`{fix}"));
    }
    name
}

fn description(function: &ItemFn, option: Option<&Opt>, errors: &mut Errors) -> Option<TokenStream> {
    let given = match option {
        Some(option) => option.string(errors).map(ToTokens::into_token_stream),
        None => docs::text(&function.attrs),
    };
    if given.is_none() && option.is_none() {
        errors.on(
            &function.sig.ident,
            "a tool needs a description, which a model reads before it calls the tool: add a `///` comment to the function",
        );
    }
    given
}

fn level(option: &Opt, errors: &mut Errors) -> Option<&'static str> {
    let text = option.string(errors)?;
    match text.value().as_str() {
        "low" => Some("Low"),
        "medium" => Some("Medium"),
        "high" => Some("High"),
        "critical" => Some("Critical"),
        other => {
            let hint = did_you_mean(&other.to_lowercase(), &LEVELS);
            errors.on(&text, format!("unknown security level `{other}`, expected {}{hint}", list(&LEVELS)));
            None
        }
    }
}

fn parameters(signature: &Signature, krate: &TokenStream, errors: &mut Errors) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for (index, input) in signature.inputs.iter().enumerate() {
        let parameter = match input {
            FnArg::Receiver(receiver) => {
                errors.on(receiver, "a tool cannot have a `self` parameter, since no value outlives a call: remove `self`, and move the function out of the `impl`");
                None
            }
            FnArg::Typed(typed) => Parameter::parse(index, typed, krate, errors),
        };
        if let Some(parameter) = parameter {
            if let Some(other) = parameters.iter().find(|other| other.name.value() == parameter.name.value()) {
                errors.on(&parameter.name, format!("two arguments are named `{}`: rename one", other.name.value()));
            }
            if contains_impl_trait(&parameter.declared) {
                errors.on(
                    &parameter.declared,
                    "an argument cannot have the type `impl Trait`, since a tool has one schema: use a concrete type",
                );
            }
            parameters.push(parameter);
        }
    }
    parameters
}

fn returns(signature: &Signature, errors: &mut Errors) {
    let ReturnType::Type(_, declared) = &signature.output else { return };
    match types::ungrouped(declared) {
        Type::Never(never) => errors.on(never, "a tool must return: use a result type, or no return type"),
        other if contains_impl_trait(other) => errors.on(
            other,
            "a tool cannot return `impl Trait`, since it publishes the schema of its result: use a concrete type, for example `Vec<T>` with `.collect()`",
        ),
        _ => {}
    }
}

fn contains_impl_trait(declared: &Type) -> bool {
    struct Finder(bool);
    impl<'ast> syn::visit::Visit<'ast> for Finder {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    syn::visit::Visit::visit_type(&mut finder, declared);
    finder.0
}
