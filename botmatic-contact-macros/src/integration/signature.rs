//! What a marked method's signature must be, one sentence for each way it can differ.
//!
//! Part of the `model` stage: these rules need no more than the signature.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type};

use crate::emit::Errors;

/// Checks all rules but that about `self`.
pub(super) fn check(signature: &Signature, errors: &mut Errors) {
    let name = &signature.ident;
    qualifiers(signature, errors);
    if !signature.generics.params.is_empty() {
        errors.at(
            &signature.generics,
            format_args!("nobody could choose the generics of `{name}`; write concrete types"),
        );
    }
    for argument in &signature.inputs {
        if let FnArg::Typed(argument) = argument {
            if let Some(token) = find(argument.ty.to_token_stream(), &is_impl_trait) {
                errors.at(
                    token,
                    format_args!("an argument of `{name}` is taken from the call by its type, which `impl Trait` does not name; write the concrete type"),
                );
            }
            named_lifetime(name, &argument.ty, errors);
        }
    }
    named_lifetime(name, &signature.output, errors);
    if let ReturnType::Type(_, ty) = &signature.output
        && matches!(**ty, Type::Never(_))
    {
        errors.at(
            ty,
            format_args!("`{name}` would never answer; write what it answers, or leave the type out"),
        );
    }
    if let Some(variadic) = &signature.variadic {
        errors
            .at(variadic.dots, format_args!("`{name}` cannot take `...`; write each argument with its type"));
    }
}

fn qualifiers(signature: &Signature, errors: &mut Errors) {
    let name = &signature.ident;
    if signature.asyncness.is_none() {
        errors.at(
            signature.fn_token,
            format_args!("`{name}` is awaited, so it must be async; write `async fn {name}`"),
        );
    }
    if let Some(constness) = &signature.constness {
        errors.at(constness, format_args!("`{name}` runs when Botmatic calls; leave `const` out"));
    }
    match &signature.safety {
        Safety::Unsafe(token) => errors.at(
            token,
            format_args!(
                "nobody could uphold what an unsafe `{name}` asks of its caller; leave `unsafe` out"
            ),
        ),
        Safety::Safe(token) => errors.at(token, format_args!("`{name}` is safe already; leave `safe` out")),
        Safety::Default => {}
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format_args!("`{name}` is called from Rust; leave `extern` out"));
    }
}

/// Whether it is called with a plain reference to the integration.
pub(super) fn receiver(signature: &Signature, errors: &mut Errors) {
    let name = &signature.ident;
    let Some(FnArg::Receiver(receiver)) = signature.inputs.first() else {
        errors.at(
            name,
            format_args!("`{name}` is called on the integration, so it needs `&self`; write `async fn {name}(&self, …)`"),
        );
        return;
    };
    if let Some(problem) = problem_with(receiver) {
        errors.at(receiver, format_args!("{problem}; write `&self`"));
    }
}

fn problem_with(receiver: &Receiver) -> Option<&'static str> {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, Some(_)) => {
            Some("one integration serves many calls at the same time, so a method cannot have `&mut self`")
        }
        ReceiverKind::Reference(_, Some(lifetime), None) if lifetime.ident != "_" => {
            Some("a method borrows the integration for one call, which needs no named lifetime")
        }
        ReceiverKind::Reference(..) => None,
        ReceiverKind::Value => {
            Some("one integration serves many calls, so a method cannot use it up with `self`")
        }
        ReceiverKind::Typed(..) => Some(
            "a method is called with a plain reference to the integration, not with a `self` of another type",
        ),
        _ => Some("a method is called with a plain reference to the integration"),
    }
}

fn named_lifetime(name: &Ident, tokens: &impl ToTokens, errors: &mut Errors) {
    if let Some(token) = find(tokens.to_token_stream(), &is_named_lifetime) {
        errors.at(
            token,
            format_args!("a named lifetime in `{name}` would have to be known before the call; leave it out, write `'_`, or use an owned type"),
        );
    }
}

/// Whether the type is one that only the compiler knows.
pub(super) fn is_hidden_type(ty: &Type) -> bool {
    find(ty.to_token_stream(), &is_impl_trait).is_some()
}

/// The lifetime in a type that borrows.
pub(super) fn borrow(ty: &Type) -> Option<TokenStream> {
    find(ty.to_token_stream(), &|token, next| is_lifetime(token, next).is_some_and(|name| name != "static"))
}

/// The first tokens that `wanted` recognises, at any depth.
fn find(tokens: TokenStream, wanted: &dyn Fn(&TokenTree, Option<&TokenTree>) -> bool) -> Option<TokenStream> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if wanted(&token, tokens.peek()) {
            let mut found = TokenStream::from(token);
            found.extend(tokens.next());
            return Some(found);
        }
        if let TokenTree::Group(group) = token
            && let Some(found) = find(group.stream(), wanted)
        {
            return Some(found);
        }
    }
    None
}

fn is_impl_trait(token: &TokenTree, _: Option<&TokenTree>) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == "impl")
}

fn is_named_lifetime(token: &TokenTree, next: Option<&TokenTree>) -> bool {
    is_lifetime(token, next).is_some_and(|name| name != "_" && name != "static")
}

fn is_lifetime<'a>(token: &TokenTree, next: Option<&'a TokenTree>) -> Option<&'a Ident> {
    match (token, next) {
        (TokenTree::Punct(punct), Some(TokenTree::Ident(name))) if punct.as_char() == '\'' => Some(name),
        _ => None,
    }
}
