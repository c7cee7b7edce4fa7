//! `#[tool]`: the generated code. Paths are absolute; locals cannot clash with the author's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{ReturnType, spanned::Spanned};

use crate::{function::Tool, parameter::Parameter};

/// The function, a type of the same name that stands for the tool, and the tool as data.
pub(crate) fn tool(tool: &Tool) -> TokenStream {
    let Tool { function, krate, name, shared, .. } = tool;
    let private = quote!(#krate::private);
    let (vis, ident) = (&function.vis, &function.sig.ident);
    let stand_in = Ident::new(&ident.to_string(), ident.span().resolved_at(Span::call_site()));
    let constants = tool.parameters.iter().map(|parameter| constants(parameter, &private));
    let parameters = tool.parameters.iter().map(|parameter| published(parameter, &private));
    let title = match &tool.title {
        Some(title) => quote!(::core::option::Option::Some(#title)),
        None => quote!(::core::option::Option::None),
    };
    let description = &tool.description;
    let level = Ident::new(tool.level, Span::call_site());
    let [read_only, destructive, idempotent, open_world] = tool.hints.map(|hint| match hint {
        Some(hint) => quote!(::core::option::Option::Some(#hint)),
        None => quote!(::core::option::Option::None),
    });
    let returns = returns(tool, &private);
    let call = call(tool, &private);
    quote! {
        #function

        #(#shared)*
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #vis enum #stand_in {}

        #(#shared)*
        const _: () = {
            #(#constants)*
            #returns
            #call
            impl #private::ToolFn for #stand_in {
                const TOOL: &'static #private::Tool = &#private::Tool {
                    name: #name,
                    title: #title,
                    description: #description,
                    security_level: #private::SecurityLevel::#level,
                    annotations: #private::Annotations {
                        read_only_hint: #read_only,
                        destructive_hint: #destructive,
                        idempotent_hint: #idempotent,
                        open_world_hint: #open_world,
                    },
                    module: ::core::module_path!(),
                    parameters: &[#(#parameters),*],
                    returns: __mpp_returns,
                    call: __mpp_call,
                };
            }
            #private::inventory::submit! { #private::Submitted(<#stand_in as #private::ToolFn>::TOOL) }
        };
    }
}

fn constants(parameter: &Parameter, private: &TokenStream) -> TokenStream {
    let Parameter { reader, passing, rules, declared, .. } = parameter;
    let read = &passing.read;
    let others = &rules.constants;
    // On the author's type, so that the compiler points there when the type does not fit.
    let at = declared.span();
    let new = quote_spanned!(at=> #private::Reader::new());
    quote! {
        const #reader: #private::Reader<#read> = #new;
        #(#others)*
    }
}

fn published(parameter: &Parameter, private: &TokenStream) -> TokenStream {
    let Parameter { name, description, passing, default, rules, reader, .. } = parameter;
    let presence = match default {
        Some(default) => {
            let published = &default.published;
            quote!(Default(#published))
        }
        None if passing.inner.is_some() => quote!(Optional),
        None => quote!(Required),
    };
    let rules = &rules.published;
    quote! {
        #private::Parameter {
            name: #name,
            description: #description,
            schema: #reader.schema,
            presence: #private::Presence::#presence,
            rules: &[#(#rules),*],
        }
    }
}

/// Result types are sorted by method resolution, on the author's return type.
fn returns(tool: &Tool, private: &TokenStream) -> TokenStream {
    let returns = &tool.returns;
    let at = result_span(tool);
    let schema = quote_spanned!(at=> (&tag).returns(generator));
    quote! {
        fn __mpp_returns(generator: &mut #private::SchemaGenerator) -> ::core::option::Option<#private::Schema> {
            #[allow(unused_imports)]
            use #private::{KnownOutput as _, PlainResult as _, StructuredOutput as _, WrappedResult as _};
            let tag = #private::Tag::<#returns>::new();
            let tag = (&tag).ok();
            #schema
        }
    }
}

fn call(tool: &Tool, private: &TokenStream) -> TokenStream {
    let ident = &tool.function.sig.ident;
    let values: Vec<Ident> =
        (0..tool.parameters.len()).map(|index| format_ident!("value_{index}", span = Span::mixed_site())).collect();
    let reads = tool.parameters.iter().enumerate().map(|(index, parameter)| read(index, parameter));
    let passed = tool.parameters.iter().zip(&values).map(|(parameter, value)| parameter.passing.argument(value));
    let unwrapped = (!values.is_empty()).then(|| {
        quote! {
            let (#(::core::option::Option::Some(#values),)*) = (#(#values,)*) else {
                return ::core::result::Result::Err(__mpp_arguments.refusal());
            };
        }
    });
    let at = result_span(tool);
    let split = quote_spanned!(at=> (&tag).split(returned));
    let output = quote_spanned!(at=> (&tag).output(value));
    quote! {
        fn __mpp_call(__mpp_arguments: &mut #private::Arguments<'_>) -> ::core::result::Result<#private::Output, #private::RpcError> {
            #[allow(unused_imports)]
            use #private::{KnownOutput as _, PlainResult as _, StructuredOutput as _, WrappedResult as _};
            #(let #values = #reads;)*
            if __mpp_arguments.are_refused() {
                return ::core::result::Result::Err(__mpp_arguments.refusal());
            }
            #unwrapped
            let returned = #ident(#(#passed),*);
            let tag = #private::Tag::of(&returned);
            let outcome = match #split {
                ::core::result::Result::Ok(value) => {
                    let tag = #private::Tag::of(&value);
                    #output
                }
                ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
            };
            outcome.map_err(|error| __mpp_arguments.failed(error))
        }
    }
}

fn read(index: usize, parameter: &Parameter) -> TokenStream {
    let Parameter { passing, default, rules, reader, .. } = parameter;
    let fits = fits(parameter);
    let _ = rules;
    match default {
        Some(default) => {
            let value = &default.value;
            quote!(__mpp_arguments.or_default(#index, &#reader, #fits, || #value))
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

fn result_span(tool: &Tool) -> Span {
    match &tool.function.sig.output {
        ReturnType::Default => tool.function.sig.ident.span().resolved_at(Span::call_site()),
        ReturnType::Type(_, declared) => declared.span().resolved_at(Span::call_site()),
    }
}
