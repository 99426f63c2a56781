//! What the manifest is to say of a handler: its documentation, and the types whose schemas it could show.
//!
//! Part of the `model` stage. Types are recognised as they are written; whether one has a schema is left to the
//! compiler.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, FnArg, GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Type};

use super::attr::Request;
use super::model::cfgs;
use super::signature;
use crate::documentation;

/// What is known of a handler beside its name.
pub(super) enum About {
    /// It is left out: `#[doc(hidden)]`.
    Hidden,
    Shown {
        /// Its documentation, as an expression.
        description: Option<TokenStream>,
        schemas: Vec<Schema>,
    },
}

/// A type that the handler takes or answers.
pub(super) struct Schema {
    pub(super) cfgs: Vec<Attribute>,
    /// What for, in the runtime's word.
    pub(super) what: &'static str,
    pub(super) ty: TokenStream,
}

impl About {
    pub(super) fn of(attributes: &[Attribute], signature: &Signature, request: &Request) -> Self {
        if documentation::is_hidden(attributes) {
            return Self::Hidden;
        }
        let params = signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => {
                let (what, ty) = param(&argument.ty)?;
                Some(Schema { cfgs: cfgs(&argument.attrs), what, ty })
            }
            FnArg::Receiver(_) => None,
        });
        let mut schemas: Vec<_> = params.collect();
        if let (Request::Action(_) | Request::Pattern(_), ReturnType::Type(_, ty)) =
            (request, &signature.output)
        {
            schemas.extend(answer(ty).map(|ty| Schema { cfgs: Vec::new(), what: "answer", ty }));
        }
        Self::Shown { description: documentation::text(attributes), schemas }
    }
}

/// The `T` of a parameter `Params<T>` or `Captures<T>`, and what it is for.
pub(super) fn param(ty: &Type) -> Option<(&'static str, TokenStream)> {
    let last = last(ty)?;
    let inner = first_argument(last)?;
    match last.ident.to_string().as_str() {
        "Params" => Some(("params", inner.to_token_stream())),
        "Captures" => Some(("captures", inner.to_token_stream())),
        "Option" | "Result" => param(inner),
        _ => None,
    }
}

/// The type that is answered where all goes well, if it can be named.
fn answer(ty: &Type) -> Option<TokenStream> {
    let ty = match last(ty) {
        Some(last) if last.ident == "Result" => first_argument(last)?,
        _ => ty,
    };
    let says_something = match ty {
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::Never(_) => false,
        _ => true,
    };
    (says_something && !signature::is_hidden_type(ty)).then(|| ty.to_token_stream())
}

/// The last segment of a type that is a path.
pub(super) fn last(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Group(group) => last(&group.elem),
        Type::Paren(paren) => last(&paren.elem),
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The `T` of `Name<T>`.
pub(super) fn first_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
