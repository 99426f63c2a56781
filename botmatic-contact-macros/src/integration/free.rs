//! What a free function means as a handler, and every rule about it.
//!
//! Part of the `model` stage. The integration is named by `for`, or else recognised by the spelling of a parameter;
//! whether it is one is left to the compiler.

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
    integration: Option<(Ident, Type)>,
    markers: Vec<Marker>,
    errors: &mut Errors,
) -> Option<Function> {
    signature::check(signature, errors);
    let request = model::only_request(markers, errors)?;
    // The struct and its impl have the conditions of the function already.
    let handler = Handler { cfgs: Vec::new(), ..model::handler(member, signature, request, errors) };
    let (integration, clients) = match integration {
        Some((_, ty)) => (Some(ty), Vec::new()),
        None => recognised(&handler, errors),
    };
    let named = Named::of(member, signature);
    let handlers = Integration::of_one(handler, errors);
    errors.is_empty().then_some(Function { named, handlers, integration, clients })
}

/// The integration as the parameters show it, or else what its clients have to be.
fn recognised(handler: &Handler, errors: &mut Errors) -> (Option<Type>, Vec<Option<Type>>) {
    let mut certain = handler.params.iter().filter(|param| param.cfgs.is_empty());
    if let Some(integration) = certain.find_map(|param| integration(&param.ty)) {
        return (Some(integration), Vec::new());
    }
    for Param { cfgs, ty } in &handler.params {
        if let (Some(cfg), true) = (cfgs.first(), integration(ty).is_some() || client(ty).is_some()) {
            errors.at(
                cfg,
                format_args!(
                    "this parameter says of which integration `{name}` is a handler, which no `#[cfg(…)]` can change; \
                     name the integration, as in `for = Crm` beside the name, or write two functions, each with its \
                     own `#[cfg(…)]`",
                    name = handler.method
                ),
            );
        }
    }
    (None, handler.params.iter().filter_map(|param| client(&param.ty)).collect())
}

/// The `X` of a parameter `State<X>` or `Botmatic<X>`, also of one that may be missing.
fn integration(ty: &Type) -> Option<Type> {
    let last = last(ty)?;
    match last.ident.to_string().as_str() {
        "State" | "Botmatic" => first_argument(last).cloned(),
        "Option" | "Result" => integration(first_argument(last)?),
        _ => None,
    }
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
