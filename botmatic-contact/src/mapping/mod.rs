//! From a domain struct to Botmatic's properties and back: what `derive(ContactMapping)` implements.
//!
//! Property *names* are the business of the mapping, property *values* that of [`PropertyValue`] and [`Codec`]. The
//! generated code consists of calls to [`Reader`], [`Writer`], [`Canonical`] and [`Change`]; whatever can go wrong goes
//! wrong there.

mod choices;
mod codec;
mod dates;
mod error;
mod fields;
mod json;
mod near;
mod patch;
mod types;
mod value;

pub use choices::{read_choice, write_choice};
pub use codec::{Codec, Conversion, Display, Json, Plain, conversion, kind_of};
pub use error::MappingError;
pub use fields::{Canonical, Presence, Reader, Writer, email_of, serialize_change, serialize_change_with};
pub(crate) use near::{folded, near};
pub use patch::{Change, ContactPatch};
pub use value::{PropertyValue, ValueError};

use crate::contact::{Access, Properties, Property, Value};
use crate::id::ExternalId;

/// How a struct of the external service's terms is a contact on Botmatic. Made by `#[derive(ContactMapping)]`.
///
/// Both directions come from one declaration, so `from_properties` undoes `to_properties` without changing the value
/// or the type of anything that is mapped.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not mapped to a contact",
    label = "no `ContactMapping` for this type",
    note = "add `#[derive(ContactMapping)]` to `{Self}` and mark its id with `#[contact(id)]`"
)]
pub trait ContactMapping: Sized + Send + Sync + 'static {
    /// A change to this contact, field by field. The derive names it after the struct: `Candidate` → `CandidatePatch`.
    type Patch: ContactPatch<Contact = Self>;

    /// The mapped properties, in the order of the fields. They are created on Botmatic at installation.
    const PROPERTIES: &'static [Property];

    /// The property by which an existing contact is found: the field marked `email`.
    const EMAIL: Option<&'static str>;

    /// The id on the external service, or `None` for a contact that has none yet.
    fn external_id(&self) -> Option<ExternalId>;

    /// The contact as Botmatic's properties, in their one canonical form. What the contact does not have is absent.
    ///
    /// # Errors
    /// When a value cannot be written, for example a number that is not a number.
    fn to_properties(&self) -> Result<Properties, MappingError>;

    /// What the contact holds of the properties that are [only written](crate::Access::WriteOnly) to the external service,
    /// and so are not among those of [`to_properties`](Self::to_properties).
    ///
    /// # Errors
    /// When a value cannot be written.
    fn write_only(&self) -> Result<Properties, MappingError> {
        Ok(Properties::new())
    }

    /// The contact that these properties describe. Properties that are not mapped are passed over.
    ///
    /// # Errors
    /// When a property that is needed is absent, or its value does not fit the field.
    fn from_properties(properties: &Properties) -> Result<Self, MappingError>;

    /// What these properties say of the mapped fields, each value in its one canonical form, so that it can be compared
    /// with an agreed snapshot. What is not mapped is left out.
    ///
    /// # Errors
    /// When a value does not fit its field, or a field that is required is cleared.
    fn canonical(properties: Properties) -> Result<Properties, MappingError> {
        Self::Patch::from_properties(&properties)?.to_properties()
    }
}

/// What a whole contact says of every mapped property: what it does not have is cleared, not absent. Of what is only
/// written to the external service it says nothing.
pub(crate) fn whole<M: ContactMapping>(contact: &M) -> Result<Properties, MappingError> {
    let mut properties = contact.to_properties()?;
    for property in M::PROPERTIES {
        if property.access != Access::WriteOnly && properties.get(&property.name).is_none() {
            properties.set(property.name.clone(), Value::Null);
        }
    }
    Ok(properties)
}

/// What is agreed when this contact has been created of what Botmatic said: what goes to Botmatic alone it was not told,
/// and what comes from there alone it holds.
pub(crate) fn agreed_by_creating<M: ContactMapping>(contact: &M) -> Result<Properties, MappingError> {
    let mut properties = contact.to_properties()?;
    for property in M::PROPERTIES.iter().filter(|property| property.access == Access::ReadOnly) {
        properties.remove(&property.name);
    }
    properties.extend(contact.write_only()?);
    Ok(properties)
}

/// The properties that have this access: with [`Access::ReadOnly`] what the external service says that it has from nobody
/// else, with [`Access::WriteOnly`] what Botmatic does.
pub(crate) fn one_way<M: ContactMapping>(access: Access, mut properties: Properties) -> Properties {
    for property in M::PROPERTIES.iter().filter(|property| property.access != access) {
        properties.remove(&property.name);
    }
    properties
}

/// Whether two statements say the same, one of each side. What goes one way only the other side does not tell.
pub(crate) fn same<M: ContactMapping>(one: &Properties, other: &Properties) -> bool {
    let one_way =
        |name: &str| M::PROPERTIES.iter().any(|property| !property.goes_both_ways() && property.name == name);
    let within = |one: &Properties, other: &Properties| {
        one.iter().all(|(name, value)| other.get(name) == Some(value) || one_way(name))
    };
    within(one, other) && within(other, one)
}

/// Whether two statements may be about the same person: they have the same e-mail address, or say the same but for the
/// spelling.
pub(crate) fn alike<M: ContactMapping>(one: &Properties, other: &Properties) -> bool {
    let email =
        |of: &Properties| M::EMAIL.and_then(|email| of.get(email)).filter(|email| !email.is_null()).cloned();
    let has_same_email = match (email(one), email(other)) {
        (Some(one), Some(other)) => near(&one, &other),
        _ => false,
    };
    has_same_email || respells::<M>(one, other)
}

/// Whether two statements say the same but for the spelling, since services tidy what they are given. What goes one way does
/// not count.
pub(crate) fn respells<M: ContactMapping>(one: &Properties, other: &Properties) -> bool {
    let mut both_ways = M::PROPERTIES.iter().filter(|property| property.goes_both_ways());
    both_ways.all(|property| {
        let [one, other] = [one, other].map(|of| of.get(&property.name).unwrap_or(&Value::Null));
        near(one, other)
    })
}

/// Whether two statements are certainly about the same person: they say the same, and an e-mail address or at least two
/// other things. Many have the same first name, and some share an address.
pub(crate) fn is_surely<M: ContactMapping>(one: &Properties, other: &Properties) -> bool {
    let is_said =
        |name: &str| one.get(name).is_some_and(|value| folded(value).is_none_or(|text| !text.is_empty()));
    let both_ways = M::PROPERTIES.iter().filter(|property| property.goes_both_ways());
    let tells =
        M::EMAIL.is_some_and(is_said) || both_ways.filter(|property| is_said(&property.name)).count() > 1;
    tells && respells::<M>(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(crate::ContactMapping)]
    #[contact(crate = crate)]
    struct Visitor {
        #[contact(id)]
        id: u64,
        name: String,
        #[contact(read_only, default)]
        visits: u32,
        #[contact(write_only)]
        greeting: Option<String>,
    }

    fn said() -> Properties {
        Properties::from_iter([
            ("name", Value::from("Ada")),
            ("visits", 7.into()),
            ("greeting", "Hello".into()),
        ])
    }

    #[test]
    fn what_is_read_only_is_not_read() {
        let visitor = Visitor::from_properties(&said()).unwrap();
        assert_eq!((visitor.visits, visitor.greeting.as_deref()), (0, Some("Hello")));
    }

    #[test]
    fn by_creating_is_agreed_what_is_told_to_the_external_service() {
        let visitor = Visitor::from_properties(&said()).unwrap();
        let agreed = agreed_by_creating(&visitor).unwrap();
        assert_eq!(agreed, Properties::from_iter([("name", "Ada"), ("greeting", "Hello")]));
    }
}
