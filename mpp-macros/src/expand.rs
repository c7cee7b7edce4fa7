//! `#[tool]`: generates the code. Paths are absolute, and names of locals cannot clash with the author's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{ReturnType, spanned::Spanned};

use crate::{
    function::{HINTS, Tool},
    parameter::Parameter,
    rules::respanned,
    schema_file::SchemaFile,
    types,
};

/// Generates the function, a type of the same name that implements `ToolFn`, and the tool's data.
pub(crate) fn tool(tool: &Tool) -> TokenStream {
    let Tool { function, krate, name, shared, .. } = tool;
    let private = quote!(#krate::private);
    let (vis, ident) = (&function.vis, &function.sig.ident);
    let mut stand_in = ident.clone();
    stand_in.set_span(ident.span().resolved_at(Span::call_site()));
    let constants = tool.parameters.iter().map(|parameter| constants(parameter, &private));
    let parameters = tool.parameters.iter().map(|parameter| published(parameter, &private));
    let about = tool.parameters.iter().map(|parameter| about(parameter, &private));
    let title = match &tool.title {
        Some(title) => quote!(::core::option::Option::Some(#title)),
        None => quote!(::core::option::Option::None),
    };
    let description = &tool.description;
    let level = Ident::new(tool.level, Span::call_site());
    let hints = HINTS.iter().zip(tool.hints).filter_map(|(name, hint)| {
        let name = Ident::new(name, Span::call_site());
        hint.map(|hint| quote!(.#name(#hint)))
    });
    let published_parameters = published_file(tool.published_parameters.as_ref());
    let published_returns = published_file(tool.published_returns.as_ref());
    let run = run(tool, &private);
    quote! {
        #function

        #(#shared)*
        #[doc(hidden)]
        #vis enum #stand_in {}

        #(#shared)*
        const _: () = {
            #(#constants)*
            #run
            const __MPP_ABOUT: &#private::About = &#private::About {
                title: #title,
                description: #description,
                security_level: #private::SecurityLevel::#level,
                annotations: #private::ToolAnnotations::new() #(#hints)*,
                parameters: &[#(#about),*],
                published_parameters: #published_parameters,
                published_returns: #published_returns,
            };
            impl #private::ToolFn for #stand_in {
                const TOOL: &'static #private::Tool = &#private::Tool {
                    name: #name,
                    about: |_| __MPP_ABOUT,
                    module: ::core::module_path!(),
                    parameters: &[#(#parameters),*],
                    run: __mpp_run,
                };
            }
            #private::inventory::submit! { #private::Submitted(<#stand_in as #private::ToolFn>::TOOL) }
        };
    }
}

/// Returns an expression for the text of a schema file, as an `Option`.
fn published_file(file: Option<&SchemaFile>) -> TokenStream {
    match file.map(SchemaFile::text) {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

fn constants(parameter: &Parameter, private: &TokenStream) -> TokenStream {
    let Parameter { reader, passing, rules, declared, default, .. } = parameter;
    let read = &passing.read;
    let others = &rules.constants;
    // Spanned at the author's type, so that the compiler points there if the type lacks a trait.
    let new = respanned(quote!(#private::Reader::new()), declared.span());
    let default = default.as_ref().map(|default| {
        let (name, value) = (&default.function, &default.value);
        quote!(fn #name() -> #read { #value })
    });
    quote! {
        const #reader: #private::Reader<#read> = #new;
        #(#others)*
        #default
    }
}

fn published(parameter: &Parameter, private: &TokenStream) -> TokenStream {
    let (name, rules) = (&parameter.name, &parameter.rules.published);
    quote!(#private::Parameter { name: #name, rules: &[#(#rules),*] })
}

fn about(parameter: &Parameter, private: &TokenStream) -> TokenStream {
    let Parameter { description, passing, default, reader, .. } = parameter;
    let presence = match default {
        Some(default) => {
            let published = &default.published;
            quote!(Default(#published))
        }
        None if passing.inner.is_some() => quote!(Optional),
        None => quote!(Required),
    };
    quote! {
        #private::AboutParameter {
            description: #description,
            schema: #reader.schema,
            presence: #private::Presence::#presence,
        }
    }
}

/// Generates the function that runs the tool. Method resolution selects how to convert its return type.
fn run(tool: &Tool, private: &TokenStream) -> TokenStream {
    let ident = &tool.function.sig.ident;
    let values: Vec<Ident> = (0..tool.parameters.len())
        .map(|index| format_ident!("__mpp_value_{index}", span = Span::call_site()))
        .collect();
    // Declared outside of the `match`, since the function's return value may borrow from them.
    let held: Vec<Ident> =
        (0..values.len()).map(|index| format_ident!("__mpp_held_{index}", span = Span::call_site())).collect();
    let reads = tool.parameters.iter().enumerate().map(|(index, parameter)| read(index, parameter));
    let passed = tool.parameters.iter().zip(&held).map(|(parameter, value)| parameter.passing.argument(value));
    let unwrapped = (!values.is_empty()).then(|| {
        quote! {
            let (#(::core::option::Option::Some(#values),)*) = (#(#values,)*) else { return #private::Done::Refused };
            #(#held = #values;)*
        }
    });
    let (ok, err) = result_spans(tool);
    let split = quote_spanned!(err=> __mpp_tag.split(__mpp_returned));
    let kind = quote_spanned!(ok=> (&__mpp_tag.ok()).kind());
    quote! {
        fn __mpp_run(__mpp_job: #private::Job<'_, '_>) -> #private::Done {
            use #private::{KnownOutput as _, PlainResult as _, StructuredOutput as _, WrappedResult as _};
            #(let #held;)*
            let __mpp_returned = match __mpp_job {
                #private::Job::Describe => ::core::option::Option::None,
                #private::Job::Call(__mpp_arguments) => {
                    #(let #values = #reads;)*
                    if __mpp_arguments.has_mistakes() {
                        return #private::Done::Refused;
                    }
                    #unwrapped
                    ::core::option::Option::Some(#ident(#(#passed),*))
                }
            };
            let __mpp_tag = &#private::Tag::of(&__mpp_returned);
            let __mpp_kind = #kind;
            match __mpp_returned {
                ::core::option::Option::Some(__mpp_returned) => {
                    #private::Done::Called(#split.and_then(__mpp_kind.output))
                }
                ::core::option::Option::None => #private::Done::Described(__mpp_kind.returns),
            }
        }
    }
}

fn read(index: usize, parameter: &Parameter) -> TokenStream {
    let Parameter { passing, default, reader, .. } = parameter;
    let fits = fits(parameter);
    match default {
        Some(default) => {
            let function = &default.function;
            quote!(__mpp_arguments.or_default(#index, &#reader, #fits, #function))
        }
        None if passing.inner.is_some() => {
            quote!(__mpp_arguments.or_default(#index, &#reader, #fits, || ::core::option::Option::None))
        }
        None => quote!(__mpp_arguments.required(#index, &#reader, #fits)),
    }
}

fn fits(parameter: &Parameter) -> TokenStream {
    let conditions = &parameter.rules.conditions;
    if conditions.is_empty() {
        quote!(|_| true)
    } else if parameter.passing.inner.is_some() {
        quote!(|value| value.as_ref().is_none_or(|value| #(#conditions)&&*))
    } else {
        quote!(|value| #(#conditions)&&*)
    }
}

/// Returns the spans at which the compiler reports an unsuitable result type and an unsuitable error type.
fn result_spans(tool: &Tool) -> (Span, Span) {
    let ReturnType::Type(_, declared) = &tool.function.sig.output else {
        let at = tool.function.sig.ident.span().resolved_at(Span::call_site());
        return (at, at);
    };
    let (ok, err) = types::result(declared).unwrap_or((declared, declared));
    (ok.span().resolved_at(Span::call_site()), err.span().resolved_at(Span::call_site()))
}
