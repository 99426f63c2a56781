//! The macros of `botmatic-contact`; their documentation stands on the re-exports of that crate.
//!
//! Every macro has the same three stages, in files of the same name: `attr` reads what is written, `model` holds
//! what it means together with all rules, `expand` turns a valid model into tokens. This file only connects the
//! stages to the compiler's entry points, so that everything below it can be tested as ordinary functions.

mod crate_path;
mod documentation;
mod emit;
#[cfg(test)]
mod expansion;
mod integration;
mod mapping;
mod marker;
mod options;
mod property_value;
mod rename;
mod settings;
mod shape;
#[cfg(test)]
mod snapshot;
mod span;

use proc_macro::TokenStream;

use crate::marker::Marker;

/// See `botmatic_contact::ContactMapping`.
#[proc_macro_derive(ContactMapping, attributes(contact))]
pub fn contact_mapping(input: TokenStream) -> TokenStream {
    mapping::derive(input.into()).into()
}

/// See `botmatic_contact::PropertyValue`.
#[proc_macro_derive(PropertyValue, attributes(property))]
pub fn property_value(input: TokenStream) -> TokenStream {
    property_value::derive(input.into()).into()
}

/// See `botmatic_contact::IdValue`.
#[proc_macro_derive(IdValue, attributes(property))]
pub fn id_value(input: TokenStream) -> TokenStream {
    property_value::derive_id(input.into()).into()
}

/// See `botmatic_contact::botmatic::integration`.
#[proc_macro_attribute]
pub fn integration(args: TokenStream, item: TokenStream) -> TokenStream {
    integration::integration(args.into(), item.into()).into()
}

/// See `botmatic_contact::botmatic::action`.
#[proc_macro_attribute]
pub fn action(args: TokenStream, item: TokenStream) -> TokenStream {
    integration::alone(Marker::Action, args.into(), item.into()).into()
}

/// See `botmatic_contact::botmatic::on`.
#[proc_macro_attribute]
pub fn on(args: TokenStream, item: TokenStream) -> TokenStream {
    integration::alone(Marker::On, args.into(), item.into()).into()
}

/// See `botmatic_contact::SettingsForm`.
#[proc_macro_derive(SettingsForm, attributes(setting))]
pub fn settings_form(input: TokenStream) -> TokenStream {
    settings::derive(input.into()).into()
}

/// See `botmatic_contact::botmatic::settings`.
#[proc_macro_attribute]
pub fn settings(args: TokenStream, item: TokenStream) -> TokenStream {
    integration::alone(Marker::Settings, args.into(), item.into()).into()
}
