//! The tokens of an integration: one impl that holds the table of its handlers.
//!
//! The methods stay as the user wrote them. Each entry of the table takes the arguments from the call one by one,
//! reported under their types, and awaits the method, reported at its name.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::parse_quote_spanned;

use super::about::{About, Schema};
use super::attr::{Event, Options, Part, Request};
use super::block::{Block, Member};
use super::free::{Function, Named};
use super::model::{Handler, Integration, Param, cfgs};
use super::page::{Page, Save};
use super::signature;
use crate::crate_path::CratePath;
use crate::span::{Range, generated};

/// Lets a handler be `async` that waits for nothing: it has to be.
pub(super) fn quieten(member: &mut Member) {
    // First, so that what the user says of the lint counts.
    member.attributes.insert(0, parse_quote_spanned!(generated()=> #[allow(clippy::unused_async)]));
}

/// What a valid block becomes: the table of an integration, or a part of one.
pub(super) fn expand(block: &Block, options: &Options, integration: &Integration) -> TokenStream {
    let own = Ident::new("Self", generated());
    block_impl(block, options, &table(integration, &own, &options.parts, &options.crate_path))
}

/// The same with a body that cannot run, so that code which uses the integration reports nothing of its own.
pub(super) fn fallback(block: &Block, options: &Options) -> TokenStream {
    if block.header.trait_.is_some() || signature::borrow(&block.header.self_ty).is_some() {
        return TokenStream::new();
    }
    let p = options.crate_path.private();
    block_impl(block, options, &quote_spanned!(generated()=> #p::unreachable_after_error()))
}

/// The statements that make a table.
fn table(
    integration: &Integration,
    whose: &impl ToTokens,
    parts: &[Part],
    crate_path: &CratePath,
) -> TokenStream {
    let p = crate_path.private();
    let entries = integration.handlers.iter().map(|handler| entry(handler, crate_path));
    let pages = integration.pages.iter().map(|page| page_entry(page, crate_path));
    let parts = parts.iter().map(|Part { cfgs, name }| {
        let part = quote_spanned!(Range::of(name).first=> Self::#name());
        quote_spanned!(generated()=> #(#cfgs)* let __table = #p::Table::merge(__table, #part);)
    });
    quote_spanned! {generated()=>
        let __table = #p::Table::<#whose>::new();
        #(#entries)*
        #(#pages)*
        #(#parts)*
        __table
    }
}

/// What lints may find in a table, and nobody could change.
fn allowed() -> TokenStream {
    quote_spanned! {generated()=>
        #[allow(
            deprecated,
            unused_imports,
            unused_qualifications,
            clippy::absolute_paths,
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason,
            clippy::large_futures,
            clippy::shadow_unrelated
        )]
    }
}

fn block_impl(block: &Block, options: &Options, body: &TokenStream) -> TokenStream {
    let (p, self_ty) = (options.crate_path.private(), &block.header.self_ty);
    let (impl_generics, _, where_clause) = block.header.generics.split_for_impl();
    let (cfgs, allowed) = (cfgs(&block.header.attrs), allowed());
    match &options.part {
        None => quote_spanned! {generated()=>
            #(#cfgs)*
            #allowed
            #[automatically_derived]
            impl #impl_generics #p::Integration for #self_ty #where_clause {
                #p::probed!();

                fn table() -> #p::Table<Self> {
                    #body
                }
            }
        },
        Some(Some(name)) => {
            // As if the user had written it, so that the compiler tells where it was forgotten.
            let declared = quote_spanned!(name.span()=> pub(crate) fn #name() -> #p::Table<Self> { #body });
            quote_spanned! {generated()=>
                #(#cfgs)*
                #allowed
                impl #impl_generics #self_ty #where_clause {
                    #[doc(hidden)]
                    #declared
                }
            }
        }
        Some(None) => TokenStream::new(),
    }
}

/// A struct of the function's name, and the table that it gives.
pub(super) fn function(function: &Function, crate_path: &CratePath) -> TokenStream {
    let p = crate_path.private();
    let body = |whose: &dyn ToTokens| table(&function.handlers, &whose.to_token_stream(), &[], crate_path);
    match &function.integration {
        Some(ty) => handlers_impl(&function.named, crate_path, &TokenStream::new(), ty, &body(ty)),
        None => {
            let clients = function.clients.iter().map(|client| match client {
                Some(client) => client.to_token_stream(),
                None => quote_spanned!(generated()=> ()),
            });
            let integration = any_integration();
            let generics = quote_spanned! {generated()=>
                <#integration: ::core::marker::Send + ::core::marker::Sync + 'static #(+ #p::HasClient<Client = #clients>)*>
            };
            handlers_impl(&function.named, crate_path, &generics, &integration, &body(&integration))
        }
    }
}

/// What the compiler calls the integration where it is not known.
fn any_integration() -> Ident {
    Ident::new("__AnyIntegration", generated())
}

/// The same struct for every integration, with a body that cannot run.
pub(super) fn function_fallback(named: &Named, crate_path: &CratePath) -> TokenStream {
    let p = crate_path.private();
    let integration = any_integration();
    let generics = quote_spanned!(generated()=> <#integration>);
    let body = quote_spanned!(generated()=> #p::unreachable_after_error());
    handlers_impl(named, crate_path, &generics, &integration, &body)
}

fn handlers_impl(
    Named { cfgs, visibility, name }: &Named,
    crate_path: &CratePath,
    generics: &TokenStream,
    integration: &impl ToTokens,
    body: &TokenStream,
) -> TokenStream {
    let (p, allowed) = (crate_path.private(), allowed());
    // As if the user had written it, so that the compiler tells where it was forgotten.
    let declared = quote_spanned!(name.span()=> #visibility struct #name {});
    quote_spanned! {generated()=>
        #(#cfgs)*
        #[allow(
            missing_copy_implementations,
            missing_debug_implementations,
            non_camel_case_types,
            clippy::empty_structs_with_brackets,
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason
        )]
        #[doc(hidden)]
        #declared

        #(#cfgs)*
        #allowed
        #[automatically_derived]
        impl #generics #p::Handlers<#integration> for #name {
            fn into_table(self) -> #p::Table<#integration> {
                #body
            }
        }
    }
}

fn entry(handler: &Handler, crate_path: &CratePath) -> TokenStream {
    let (p, cfgs) = (crate_path.private(), &handler.cfgs);
    let (add, key) = match &handler.request {
        Request::Action(name) => ("action", name.to_token_stream()),
        Request::Pattern(pattern) => ("pattern", pattern.to_token_stream()),
        Request::Event(event, None) => ("on", event_path(event, crate_path)),
        Request::Event(event, Some(_)) => ("replace", event_path(event, crate_path)),
        // The two methods of a page have an entry together.
        Request::Settings(..) => return TokenStream::new(),
    };
    let add = Ident::new(add, generated());
    let body = body(handler, None, ["AnsweredValue", "__reply"], crate_path);
    let description = description(handler, crate_path);
    quote_spanned! {generated()=>
        #(#cfgs)*
        let __table = #p::Table::#add(__table, #key, |__call| #p::boxed(async move { #body }));
        #description
    }
}

/// What the manifest says of the handler that was added last.
fn description(handler: &Handler, crate_path: &CratePath) -> TokenStream {
    let (p, cfgs) = (crate_path.private(), &handler.cfgs);
    let (description, schemas) = match &handler.about {
        About::Hidden => (quote_spanned!(generated()=> Description::hidden()), &[][..]),
        About::Shown { description: Some(text), schemas } => {
            (quote_spanned!(generated()=> Description::new(#text)), &schemas[..])
        }
        About::Shown { schemas, .. } if schemas.is_empty() => return TokenStream::new(),
        About::Shown { schemas, .. } => (quote_spanned!(generated()=> undescribed()), &schemas[..]),
    };
    let schemas = schemas.iter().map(|Schema { cfgs, what, ty }| {
        let what = Ident::new(what, generated());
        quote_spanned!(generated()=> , #(#cfgs)* @#what #ty)
    });
    quote_spanned! {generated()=>
        #(#cfgs)*
        let __table = #p::describe!(__table, #p::#description #(#schemas)*);
    }
}

fn page_entry(Page { path, show, save }: &Page, crate_path: &CratePath) -> TokenStream {
    let cfgs = show.as_ref().or(save.as_ref().map(|save| &save.handler)).map(|handler| &handler.cfgs);
    let cfgs = cfgs.into_iter().flatten();
    let entry = match (show, save) {
        (Some(show), Some(save)) => {
            let place = Range::of(&show.answer);
            let entry = crate_path.private_at("settings_page", place);
            let (show, save) = (render(show, crate_path), saving(save, true, crate_path));
            quote_spanned!(place.first=> #entry(__table, #path, #show, #save))
        }
        (Some(show), None) => {
            let place = Range::of(&show.answer);
            let entry = crate_path.private_at("show_settings", place);
            let show = render(show, crate_path);
            quote_spanned!(place.first=> #entry(__table, #path, #show))
        }
        (None, Some(save)) => {
            let (place, ty) = (Range::of(&save.settings), &save.settings);
            let entry = crate_path.private_at("save_settings", place);
            let save = saving(save, false, crate_path);
            quote_spanned!(place.first=> #entry::<_, #ty>(__table, #path, #save))
        }
        (None, None) => quote_spanned!(generated()=> __table),
    };
    quote_spanned! {generated()=>
        #(#cfgs)*
        let __table = #entry;
    }
}

/// The function of the runtime's that gives the current settings.
fn render(show: &Handler, crate_path: &CratePath) -> TokenStream {
    let p = crate_path.private();
    let show = body(show, None, ["AnsweredPage", "__shown"], crate_path);
    quote_spanned!(generated()=> |__call| #p::boxed(async move { #show }))
}

/// The function of the runtime's that takes what was submitted. Beside the method that shows, another type is reported
/// where it stands.
fn saving(
    Save { handler, settings: ty }: &Save,
    has_other_half: bool,
    crate_path: &CratePath,
) -> TokenStream {
    let (p, place) = (crate_path.private(), Range::of(ty));
    let settings = Ident::new("__settings", place.first);
    let save = body(handler, Some(&settings), ["AnsweredPage", "__saved"], crate_path);
    let typed = has_other_half.then(|| {
        let submitted = crate_path.private_at("submitted", place);
        quote_spanned!(place.first=> let #settings: #ty = #submitted(#settings);)
    });
    quote_spanned!(generated()=> |__call, #settings| #p::boxed(async move { #typed #save }))
}

/// Takes the arguments from the call, awaits the method, and makes of its answer what it is for: by the function of a
/// `Result`, or else by that of the trait.
fn body(
    handler: &Handler,
    first: Option<&Ident>,
    [of_value, function]: [&str; 2],
    crate_path: &CratePath,
) -> TokenStream {
    let (p, method) = (crate_path.private(), &handler.method);
    let extractions = handler.params.iter().zip(0..).map(|(param, index)| extraction(param, index));
    let arguments = handler.params.iter().zip(0..).map(|(Param { cfgs, .. }, index)| {
        let argument = argument(index);
        quote_spanned!(generated()=> #(#cfgs)* #argument)
    });
    let own = if handler.is_method {
        Some(quote_spanned!(generated()=> #p::Call::integration(__call)))
    } else {
        None
    };
    let arguments = own.into_iter().chain(first.map(ToTokens::to_token_stream)).chain(arguments);
    let place = Range::of(method);
    let callee = if handler.is_method {
        quote_spanned!(place.first=> Self::#method)
    } else {
        method.to_token_stream()
    };
    let assert_send = crate_path.private_at("assert_send", place);
    let answer = quote_spanned! {place.first=>
        let __answer = #assert_send(#callee(#(#arguments),*)).await;
    };
    let place = Range::of(&handler.answer).first;
    let answered = crate_path.private_at("Answered", Range { first: place, last: place });
    let (of_value, function) = (Ident::new(of_value, generated()), Ident::new(function, place));
    let reply = quote_spanned!(place=> #answered(__answer).#function());
    quote_spanned! {generated()=>
        use #p::#of_value as _;
        #(#extractions)*
        #answer
        #reply
    }
}

/// The event's constant, all of it reported at its name.
fn event_path(event: &Event, crate_path: &CratePath) -> TokenStream {
    match event {
        Event::Known(name) => {
            let place = Range::of(name);
            let module = crate_path.private_at("event", place);
            quote_spanned!(place.first=> #module::#name)
        }
        Event::Custom(name) => {
            let place = Range::of(name);
            let module = crate_path.private_at("event", place);
            quote_spanned!(place.first=> #module::custom(#name))
        }
    }
}

fn extraction(Param { cfgs, ty }: &Param, index: usize) -> TokenStream {
    let (place, argument) = (Range::of(ty).first, argument(index));
    quote_spanned!(place=> #(#cfgs)* let #argument: #ty = __call.extract().await?;)
}

fn argument(index: usize) -> Ident {
    format_ident!("__p{index}", span = generated())
}
