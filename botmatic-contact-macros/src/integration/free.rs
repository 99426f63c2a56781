//! What a free function means as a handler, and every rule about it.
//!
//! Part of the `model` stage. The integration is recognised by the spelling of a parameter; whether it is one is left to
//! the compiler.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, FnArg, Signature, Type, Visibility};

use super::about::{first_argument, last};
use super::attr::Marker;
use super::block::Member;
use super::model::{self, Handler, Integration, Param, cfgs};
use super::signature;
use crate::emit::Errors;

/// A function that is called for something.
pub(super) struct Function {
    pub(super) named: Named,
    pub(super) handlers: Integration,
    /// The integration whose state it takes; nothing if it can be a handler of each.
    pub(super) integration: Option<Type>,
    /// What the client of an integration has to be, where it can be a handler of each; nothing stands for `()`.
    pub(super) clients: Vec<Option<Type>>,
}

/// What the function and the struct of its name have in common.
pub(super) struct Named {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
}

impl Named {
    pub(super) fn of(member: &Member, signature: &Signature) -> Self {
        Self {
            cfgs: cfgs(&member.attributes),
            visibility: member.visibility(),
            name: signature.ident.clone(),
        }
    }
}

/// Whether a function can stand outside of an impl block.
pub(super) fn is_free(signature: &Signature) -> bool {
    !matches!(signature.inputs.first(), Some(FnArg::Receiver(_))) && !names_self(signature.to_token_stream())
}

fn names_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Group(group) => names_self(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Checks all rules and says what the function means.
pub(super) fn understand(
    member: &Member,
    signature: &Signature,
    markers: Vec<Marker>,
    errors: &mut Errors,
) -> Option<Function> {
    signature::check(signature, errors);
    let request = model::only_request(markers, errors)?;
    // The struct and its impl have the conditions of the function already.
    let handler = Handler { cfgs: Vec::new(), ..model::handler(member, signature, request) };
    let integration = handler.params.iter().find_map(integration);
    let clients = match integration {
        Some(_) => Vec::new(),
        None => handler.params.iter().filter_map(|param| client(&param.ty)).collect(),
    };
    let named = Named::of(member, signature);
    let handlers = Integration::of_one(handler, errors);
    errors.is_empty().then_some(Function { named, handlers, integration, clients })
}

/// The `X` of a parameter `State<X>` or `Botmatic<X>`.
fn integration(Param { ty, .. }: &Param) -> Option<Type> {
    let last = last(ty)?;
    if last.ident == "State" || last.ident == "Botmatic" { first_argument(last).cloned() } else { None }
}

/// The `C` of a parameter `Auth<C>`, also of one that may be missing.
fn client(ty: &Type) -> Option<Option<Type>> {
    let last = last(ty)?;
    match last.ident.to_string().as_str() {
        "Auth" => Some(first_argument(last).cloned()),
        "Option" | "Result" => client(first_argument(last)?),
        _ => None,
    }
}
