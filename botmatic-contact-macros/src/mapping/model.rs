//! What a struct means as a mapping, and every rule about it.
//!
//! Holding a [`Mapping`] is the permission to generate code: it only exists when no rule was broken. How the code
//! looks is left to `expand`; whether a type can be a property's value is left to the compiler.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{ExprPath, Generics, LitStr, Path, Type, Visibility};

use super::attr::{Contact, Owner, SerializeWith, Written, WrittenField, option_of};
use crate::crate_path::CratePath;
use crate::emit::Errors;
use crate::rename::Rename;
use crate::span;

/// A struct whose fields are properties of a contact.
pub(super) struct Mapping {
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) generics: Generics,
    pub(super) crate_path: CratePath,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) ty: Type,
    pub(super) role: Role,
}

/// What a field is for.
pub(super) enum Role {
    /// The external id.
    Id,
    /// Never leaves the service.
    Skipped,
    /// A property on Botmatic.
    Mapped(Box<Mapped>),
}

pub(super) struct Mapped {
    pub(super) property: LitStr,
    /// The type of a value that is there: `T` where the field is an `Option<T>`.
    pub(super) value: Type,
    pub(super) presence: Presence,
    pub(super) access: Access,
    pub(super) owner: Option<Owner>,
    pub(super) codec: Codec,
    pub(super) email: bool,
    /// How the patch is written as the service's own JSON.
    pub(super) json: Json,
}

/// What a contact without the property becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
    Defaulted,
}

/// Which way a property goes, from the external service's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    ReadWrite,
    ReadOnly,
    WriteOnly,
}

pub(super) enum Codec {
    Plain,
    Json,
    Display,
    With(Path),
}

pub(super) enum Json {
    /// Left out, as in the struct itself.
    Hidden,
    Plain(String),
    /// Written by a function of the user's.
    With(String, SerializeFn),
}

pub(super) enum SerializeFn {
    /// The module's `serialize`.
    In(ExprPath),
    Is(ExprPath),
}

/// Checks all rules and says what the struct means.
pub(super) fn understand(written: &Written, errors: &mut Errors) -> Option<Mapping> {
    let (name, fields) = (&written.ident, &written.shape.fields);
    let example = format!("struct {name} {{ #[contact(id)] id: u64, … }}");
    if !written.shape.has_names("ContactMapping", &example, errors) {
        return None;
    }
    for lifetime in &written.borrowed {
        errors.at(
            lifetime,
            "a contact holds its values itself; write `String` where text is borrowed, and no lifetime",
        );
    }
    one_id(written, fields, errors);
    one_email(fields, errors);
    one_field_per_property(fields, errors);
    // serde reports a rule that it does not know.
    let rename =
        written.rename_all.as_ref().and_then(|rule| Rename::named(&rule.value())).unwrap_or_default();
    let fields: Vec<_> = fields.iter().map(|field| understand_field(field, rename, errors)).collect();
    (errors.is_empty() && !written.shape.repeats_a_name).then(|| Mapping {
        ident: written.ident.clone(),
        vis: written.vis.clone(),
        generics: written.generics.clone(),
        crate_path: written.crate_path.clone(),
        fields,
    })
}

fn one_id(written: &Written, fields: &[WrittenField], errors: &mut Errors) {
    let mut ids = fields.iter().filter_map(|field| Some((field, field.contact.id.as_ref()?)));
    let Some((first, place)) = ids.next() else {
        errors.at(
            &written.ident,
            format_args!(
                "`{}` has no external id; mark the field that holds it with `#[contact(id)]`",
                written.ident
            ),
        );
        return;
    };
    let before = errors.count();
    for (_, word) in ids {
        errors.at(
            word,
            format_args!(
                "a contact has one external id, and `{}` is marked already; keep one `id`",
                first.ident
            ),
        );
    }
    if errors.count() > before {
        errors.at(place, format_args!("`{}` is marked as the external id here", first.ident));
    }
}

fn one_email(fields: &[WrittenField], errors: &mut Errors) {
    let mut emails = fields.iter().filter_map(|field| Some((field, field.contact.email.as_ref()?)));
    let Some((first, place)) = emails.next() else {
        return;
    };
    let before = errors.count();
    for (_, word) in emails {
        errors.at(
            word,
            format_args!(
                "contacts are found by one property, and `{}` is marked already; keep one `email`",
                first.ident
            ),
        );
    }
    if errors.count() > before {
        errors.at(place, format_args!("`{}` is marked as the `email` here", first.ident));
    }
}

/// Each property belongs to one field; the names themselves are checked here too.
fn one_field_per_property(fields: &[WrittenField], errors: &mut Errors) {
    let mut seen: Vec<(String, TokenStream)> = Vec::new();
    for field in fields.iter().filter(|field| field.is_mapped()) {
        let (text, place) = (field.property().value(), field.names_property());
        if text.is_empty() {
            errors.at(
                &place,
                "a property needs a name; write one, or leave the name out to use the field's own name",
            );
        } else if text.trim() != text {
            errors.at(
                &place,
                format_args!(
                    "a property's name neither starts nor ends with a space; write {:?}",
                    text.trim()
                ),
            );
        } else if text == "id" {
            errors.at(
                &place,
                "`id` is Botmatic's own contact id and cannot be a property; write another name, or \
                 `#[contact(id)]` if this field holds the external id",
            );
        } else if let Some((_, first)) = seen.iter().find(|(name, _)| *name == text) {
            errors.at(
                &place,
                format_args!("the property `{text}` belongs to another field already; write another name"),
            );
            errors.at(first, format_args!("`{text}` is mapped here"));
        } else {
            seen.push((text, place));
        }
    }
}

impl WrittenField {
    fn is_mapped(&self) -> bool {
        self.contact.id.is_none() && self.contact.skip.is_none()
    }

    /// What the user wrote that gives the property its name.
    fn names_property(&self) -> TokenStream {
        match &self.contact.name {
            Some(name) => name.to_token_stream(),
            None => self.ident.to_token_stream(),
        }
    }

    /// The property's name: as written, or the field's own.
    fn property(&self) -> LitStr {
        self.contact
            .name
            .clone()
            .unwrap_or_else(|| LitStr::new(&self.ident.unraw().to_string(), span::at(self.ident.span())))
    }
}

fn understand_field(field: &WrittenField, rename: Rename, errors: &mut Errors) -> Field {
    options_agree(&field.contact, &field.ty, errors);
    let role = if field.contact.id.is_some() {
        Role::Id
    } else if field.contact.skip.is_some() {
        Role::Skipped
    } else {
        Role::Mapped(Box::new(mapped(field, rename, errors)))
    };
    Field { ident: field.ident.clone(), vis: field.vis.clone(), ty: field.ty.clone(), role }
}

/// The rules about options that stand together.
fn options_agree(contact: &Contact, ty: &Type, errors: &mut Errors) {
    if let Some(id) = &contact.id {
        if contact.describes_property() || contact.skip.is_some() {
            errors.at(id, "the external id is not a property, so `id` stands alone; write `#[contact(id)]`");
        }
        return;
    }
    if let Some(skip) = &contact.skip {
        if contact.describes_property() {
            errors.at(
                skip,
                "a skipped field is not a property, so `skip` stands alone; write `#[contact(skip)]`",
            );
        }
        return;
    }
    if let (Some(json), Some(_)) = (&contact.json, &contact.email) {
        errors.at(json, "the `email` property is plain text, so it cannot be `json`; keep one of the two");
    }
    let with = contact.with.as_ref().map(|(with, _)| with);
    let forms: Vec<_> = [&contact.json, &contact.display].into_iter().flatten().chain(with).collect();
    if let [first, second, ..] = forms[..] {
        errors.at(
            first,
            format_args!("`{first}` and `{second}` both say how the value is written; keep one of the two"),
        );
    }
    directions_agree(contact, ty, errors);
    if let (Some(default), Some(_)) = (&contact.default, option_of(ty)) {
        errors.at(default, "an `Option` without its property is `None` already; leave `default` out");
    }
}

/// The rules about a property that goes one way only.
fn directions_agree(contact: &Contact, ty: &Type, errors: &mut Errors) {
    if let (Some(_), Some(write_only)) = (&contact.read_only, &contact.write_only) {
        errors.at(
            write_only,
            "`read_only` and `write_only` exclude each other; keep one, or leave both out for a property that goes both ways",
        );
    }
    if let (Some(word), Some((owner, _))) =
        (contact.read_only.as_ref().or(contact.write_only.as_ref()), &contact.owner)
    {
        errors.at(
            owner,
            format_args!("where a property goes one way, nobody contradicts; keep `{word}` or `{owner}`"),
        );
    }
    if let (Some(word), Some(_)) =
        (contact.read_only.as_ref().or(contact.write_only.as_ref()), &contact.email)
    {
        errors.at(
            word,
            format_args!("a person is recognised by the `email` on both sides, so it goes both ways; leave `{word}` out"),
        );
    }
    if let (Some(read_only), None, None) = (&contact.read_only, option_of(ty), &contact.default) {
        errors.at(
            read_only,
            "a contact that comes from Botmatic has no value for what is `read_only`; make the field an `Option`, or add `default`",
        );
    }
}

impl Contact {
    /// Whether anything is said that only makes sense for a property.
    fn describes_property(&self) -> bool {
        self.name.is_some()
            || self.email.is_some()
            || self.json.is_some()
            || self.with.is_some()
            || self.display.is_some()
            || self.default.is_some()
            || self.read_only.is_some()
            || self.write_only.is_some()
            || self.owner.is_some()
    }
}

fn mapped(field: &WrittenField, rename: Rename, errors: &mut Errors) -> Mapped {
    let contact = &field.contact;
    let inner = option_of(&field.ty);
    if let Some(flatten) = &field.serde.flatten {
        errors.at(
            flatten,
            "a patch writes each property under its field's name, and a flattened field has none; leave `flatten` \
             out, or keep the field out of the mapping with `#[contact(skip)]`",
        );
    }
    let name = match &field.serde.rename {
        Some(name) => name.value(),
        None => rename.field(&field.ident.unraw().to_string()),
    };
    Mapped {
        property: field.property(),
        value: inner.unwrap_or(&field.ty).clone(),
        presence: match (inner, &contact.default) {
            (Some(_), _) => Presence::Optional,
            (None, Some(_)) => Presence::Defaulted,
            (None, None) => Presence::Required,
        },
        access: match (&contact.read_only, &contact.write_only) {
            (Some(_), _) => Access::ReadOnly,
            (None, Some(_)) => Access::WriteOnly,
            (None, None) => Access::ReadWrite,
        },
        owner: contact.owner.as_ref().and_then(|(_, owner)| *owner),
        codec: match &contact.with {
            Some((_, Some(path))) => Codec::With(path.clone()),
            _ if contact.json.is_some() => Codec::Json,
            _ if contact.display.is_some() => Codec::Display,
            _ => Codec::Plain,
        },
        email: contact.email.is_some(),
        json: match &field.serde.serialize {
            _ if field.serde.skip => Json::Hidden,
            None => Json::Plain(name),
            Some(SerializeWith::Module(path)) => Json::With(name, SerializeFn::In(path.clone())),
            Some(SerializeWith::Function(path)) => Json::With(name, SerializeFn::Is(path.clone())),
        },
    }
}
