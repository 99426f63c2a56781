//! The names of generated things, of their helpers and of their variables are those of other things here.

#![expect(
    dead_code,
    non_camel_case_types,
    non_upper_case_globals,
    reason = "they are there to be taken for something else"
)]

pub(crate) struct Access;
pub(crate) struct Call;
pub(crate) struct Canonical;
pub(crate) struct Change;
pub(crate) struct Codec;
pub(crate) struct Contact;
pub(crate) struct ContactMapping;
pub(crate) struct ContactPatch;
pub(crate) struct Conversion;
pub(crate) struct Display;
pub(crate) struct Field;
pub(crate) struct Form;
pub(crate) struct FormReader;
pub(crate) struct Integration;
pub(crate) struct Json;
pub(crate) struct Plain;
pub(crate) struct Presence;
pub(crate) struct Properties;
pub(crate) struct Property;
pub(crate) struct Reader;
pub(crate) struct Reply;
pub(crate) struct SettingsForm;
pub(crate) struct Shown;
pub(crate) struct Table;
pub(crate) struct Value;
pub(crate) struct Writer;
pub(crate) struct __As_weight;
pub(crate) struct __S;
pub(crate) struct __V;
pub(crate) struct __With_weight;

mod __private {}
mod event {}
mod fmt {}

fn assert_send() {}
fn boxed() {}
fn conversion() {}
fn email_of() {}

// A constant is not shadowed by a variable of its name, but taken for a pattern.
const answer: () = ();
const call: () = ();
const contact: () = ();
const current: () = ();
const fields: () = ();
const formatter: () = ();
const map: () = ();
const properties: () = ();
const reader: () = ();
const serializer: () = ();
const settings: () = ();
const table: () = ();
const to_botmatic: () = ();
const value: () = ();
const writer: () = ();

::core::include!("everything.rs");
