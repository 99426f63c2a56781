//! An impl block read without its bodies.
//!
//! What stands between the braces of a method is kept as tokens: while somebody is typing there, the compiler's own
//! message is the only one, and everything else goes on working. Members that are no methods are kept as tokens as
//! well. What the attributes mean is left to `attr`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Ident, ItemImpl, Signature, Token, Visibility};

/// An impl block; printing it gives back what was read, less the attributes that were taken out.
pub(super) struct Block {
    /// The block with nothing between its braces.
    pub(super) header: ItemImpl,
    pub(super) members: Vec<Member>,
    /// Everything before the braces, as written.
    head: TokenStream,
    braces: Group,
    inner_attributes: Vec<Attribute>,
}

/// One thing between the braces.
pub(super) struct Member {
    pub(super) attributes: Vec<Attribute>,
    pub(super) kind: Kind,
    /// All but the attributes, as written.
    rest: TokenStream,
}

pub(super) enum Kind {
    Method(Box<Signature>),
    /// A method whose signature cannot be read.
    Unreadable(syn::Error),
    /// A const, a type, a macro call, or what is not known here.
    Other,
}

impl Block {
    /// Whether the item is an impl block, readable or not.
    pub(super) fn is_one(item: &TokenStream) -> bool {
        let after_attributes = |input: ParseStream<'_>| {
            attributes(input);
            let is_impl = input.peek(Token![impl]) || input.peek(Token![unsafe]) && input.peek2(Token![impl]);
            input.parse::<TokenStream>()?;
            Ok(is_impl)
        };
        after_attributes.parse2(ungrouped(item.clone())).unwrap_or(false)
    }

    /// Reads `item`, or says why it is no impl block.
    pub(super) fn read(item: TokenStream) -> syn::Result<Self> {
        let mut head: Vec<TokenTree> = ungrouped(item).into_iter().collect();
        let braces = match head.pop() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
            other => return Err(syn::Error::new_spanned(other, "expected an `impl` block")),
        };
        let head: TokenStream = head.into_iter().collect();
        let mut hollow = Group::new(Delimiter::Brace, TokenStream::new());
        hollow.set_span(braces.span());
        let mut header = head.clone();
        header.extend([TokenTree::from(hollow)]);
        let header = syn::parse2(header)?;
        let inside = |input: ParseStream<'_>| {
            let mut members = Vec::new();
            let inner_attributes = input.call(Attribute::parse_inner).unwrap_or_default();
            while !input.is_empty() {
                members.push(input.parse()?);
            }
            Ok((inner_attributes, members))
        };
        let (inner_attributes, members) = inside.parse2(braces.stream())?;
        Ok(Self { header, members, head, braces, inner_attributes })
    }
}

/// An item that came through a `macro_rules!` fragment sits in a group that nobody sees.
fn ungrouped(item: TokenStream) -> TokenStream {
    let mut tokens = item.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            ungrouped(group.stream())
        }
        _ => item,
    }
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut inside = TokenStream::new();
        for attribute in &self.inner_attributes {
            attribute.to_tokens(&mut inside);
        }
        for member in &self.members {
            member.to_tokens(&mut inside);
        }
        let mut braces = Group::new(Delimiter::Brace, inside);
        braces.set_span(self.braces.span());
        tokens.extend(self.head.clone());
        tokens.extend([TokenTree::from(braces)]);
    }
}

impl Member {
    /// Reads an item that stands by itself, as if it were between braces.
    pub(super) fn read(item: TokenStream) -> syn::Result<Self> {
        syn::parse2(ungrouped(item))
    }

    /// The visibility of a method.
    pub(super) fn visibility(&self) -> Visibility {
        let first = |input: ParseStream<'_>| {
            let visibility = input.parse()?;
            input.parse::<TokenStream>()?;
            Ok(visibility)
        };
        first.parse2(self.rest.clone()).unwrap_or(Visibility::Inherited)
    }
}

impl ToTokens for Member {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        tokens.extend(self.rest.clone());
    }
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = attributes(input);
        if !looks_like_a_method(input) {
            return Ok(Self { attributes, kind: Kind::Other, rest: rest(input)? });
        }
        let ahead = input.fork();
        match signature(&ahead) {
            Ok(signature) => {
                let mut tokens = TokenStream::new();
                while input.cursor() != ahead.cursor() {
                    tokens.extend([input.parse::<TokenTree>()?]);
                }
                // The body, or the semicolon that rustc will ask about.
                tokens.extend(input.parse::<Option<TokenTree>>()?);
                Ok(Self { attributes, kind: Kind::Method(Box::new(signature)), rest: tokens })
            }
            Err(error) => Ok(Self { attributes, kind: Kind::Unreadable(error), rest: rest(input)? }),
        }
    }
}

/// The attributes of a member; those that cannot be read are left among its tokens.
fn attributes(input: ParseStream<'_>) -> Vec<Attribute> {
    let ahead = input.fork();
    match ahead.call(Attribute::parse_outer) {
        Ok(attributes) => {
            input.advance_to(&ahead);
            attributes
        }
        Err(_) => Vec::new(),
    }
}

/// Whether `fn` comes after nothing but what may stand before it.
fn looks_like_a_method(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.parse::<Visibility>().is_err() {
        return false;
    }
    loop {
        if ahead.peek(Token![fn]) {
            return true;
        }
        let qualifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![default])
            || ahead.peek(Token![extern])
            || ahead.peek(syn::LitStr)
            || ahead.fork().parse::<Ident>().is_ok_and(|ident| ident == "safe");
        if !qualifier || ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
}

fn signature(input: ParseStream<'_>) -> syn::Result<Signature> {
    input.parse::<Visibility>()?;
    input.parse::<Option<Token![default]>>()?;
    input.parse()
}

/// The tokens up to the next semicolon or braces. A const may come in several pieces that way; nobody looks at them.
fn rest(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let last = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        tokens.extend([token]);
        if last {
            break;
        }
    }
    Ok(tokens)
}
