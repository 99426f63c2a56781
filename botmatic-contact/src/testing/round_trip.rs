//! What a mapping promises, tried with many contacts.

use std::fmt::{self, Debug};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use crate::contact::{Access, Properties, PropertyKind, Value};
use crate::mapping::{ContactMapping, ContactPatch, MappingError};

/// A contact that does not come back as it was, or why none could be tried.
#[derive(Debug)]
pub struct RoundTripError<M> {
    what: String,
    /// The simplest contact that shows it.
    contact: Option<M>,
}

impl<M> RoundTripError<M> {
    /// The simplest contact that shows it; none if contacts could not be made.
    pub const fn contact(&self) -> Option<&M> {
        self.contact.as_ref()
    }
}

impl<M> fmt::Display for RoundTripError<M>
where
    M: Debug,
{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        self.contact.as_ref().map_or(Ok(()), |contact| write!(formatter, "\nas with {contact:#?}"))
    }
}

impl<M: Debug> std::error::Error for RoundTripError<M> {}

/// What [`assert_round_trip!`](crate::assert_round_trip) asserts, as a result.
///
/// # Errors
/// When a contact does not come back as it was; the message names the property and shows the contact.
pub fn check_round_trip<M, S>(strategy: S) -> Result<(), RoundTripError<M>>
where
    M: ContactMapping + PartialEq + Debug,
    S: Strategy<Value = M>,
{
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let tried =
        runner.run(&(&strategy, &strategy), |(one, other)| promises(one, other).map_err(TestCaseError::fail));
    tried.map_err(|error| match error {
        TestError::Fail(what, (one, _)) => RoundTripError { what: what.to_string(), contact: Some(one) },
        TestError::Abort(why) => RoundTripError { what: why.to_string(), contact: None },
    })
}

/// All that has to hold of a contact, and of a patch that makes another one equal to it.
fn promises<M: ContactMapping + PartialEq>(one: M, mut other: M) -> Result<(), String> {
    let written = told(&one).map_err(failed("cannot be written"))?;
    for property in M::PROPERTIES {
        if let Some(value) = written.get(&property.name).filter(|value| !fits(property.kind, value)) {
            let what = kind_of(value);
            return Err(format!(
                "property `{}` is a {:?}, and was written as {what}",
                property.name, property.kind
            ));
        }
    }

    let received = sent(&written)?;
    let back = M::from_properties(&received).map_err(failed("was written, and cannot be read"))?;
    let stated: Properties = taken::<M>().map(|name| (name, written.get(name).cloned())).collect();
    if back != one {
        return Err(match to_blame(one, &back, &stated) {
            Some(property) => format!("property `{property}` is read as another value than was written"),
            None => "a field that does not come from Botmatic is not as in a contact that is read: the id is unassigned \
                     there, what is skipped or `read_only` has its default"
                .to_owned(),
        });
    }
    let again = told(&back).map_err(failed("was read, and cannot be written"))?;
    same("once read, is written otherwise", &again, &written)?;
    let canonical = M::canonical(received.clone()).map_err(failed("has no canonical form"))?;
    let comes: Properties =
        taken::<M>().filter_map(|name| Some((name, written.get(name)?.clone()))).collect();
    same("is not written in its canonical form", &canonical, &comes)?;

    let patch = M::Patch::from_properties(&stated).map_err(failed("cannot be read into the patch"))?;
    let patched = patch.to_properties().map_err(failed("cannot be written by the patch"))?;
    same("is written otherwise by the patch", &patched, &stated)?;
    patch.apply(&mut other).map_err(failed("cannot be changed by the patch"))?;
    if other != one {
        let changed = told(&other).map_err(failed("was changed by the patch, and cannot be written"))?;
        same("is another value after the patch", &changed, &written)?;
        return Err("a patch with all properties makes no equal contact".to_owned());
    }
    cleared(other, received)
}

/// All that a contact holds, whichever way it goes.
fn told<M: ContactMapping>(contact: &M) -> Result<Properties, MappingError> {
    let mut properties = contact.to_properties()?;
    properties.extend(contact.write_only()?);
    Ok(properties)
}

/// The properties that come from Botmatic.
fn taken<M: ContactMapping>() -> impl Iterator<Item = &'static str> {
    let taken = M::PROPERTIES.iter().filter(|property| property.access != Access::ReadOnly);
    taken.map(|property| &*property.name)
}

/// Properties that are cleared do to a contact what their absence does.
fn cleared<M: ContactMapping + PartialEq>(mut contact: M, mut properties: Properties) -> Result<(), String> {
    for name in taken::<M>() {
        let mut without = properties.clone();
        without.remove(name);
        let cleared = Properties::from_iter([(name, Value::Null)]);
        match (M::from_properties(&without), M::Patch::from_properties(&cleared)) {
            (Ok(absent), Ok(patch)) => {
                let written = patch.to_properties().map_err(failed("was cleared, and cannot be written"))?;
                same("was cleared, and is written otherwise by the patch", &written, &cleared)?;
                patch.apply(&mut contact).map_err(failed("cannot be cleared"))?;
                if contact != absent {
                    return Err(format!("property `{name}` cleared is not as it is absent"));
                }
                properties = without;
            }
            (Err(_), Err(_)) => {}
            (Ok(_), Err(_)) => return Err(format!("property `{name}` can be absent, and cannot be cleared")),
            (Err(_), Ok(_)) => return Err(format!("property `{name}` can be cleared, and cannot be absent")),
        }
    }
    Ok(())
}

/// What arrives when properties are sent.
fn sent(properties: &Properties) -> Result<Properties, String> {
    let received = serde_json::to_string(properties).and_then(|text| serde_json::from_str(&text));
    let received = received.map_err(|error| format!("the properties cannot be sent as JSON: {error}"))?;
    same("changes on the way as JSON", &received, properties)?;
    Ok(received)
}

/// The same values of the same types.
fn same(what: &str, found: &Properties, expected: &Properties) -> Result<(), String> {
    let differs = |one: &Properties, other: &Properties| {
        let mut entries = one.iter().filter(|(name, value)| other.get(name) != Some(value));
        entries.next().map(|(name, _)| name.to_owned())
    };
    match differs(found, expected).or_else(|| differs(expected, found)) {
        Some(name) => Err(format!("property `{name}` {what}")),
        None => Ok(()),
    }
}

/// The property that keeps a contact from being as it was read: once it is set to what was read, the two are equal.
fn to_blame<M: ContactMapping + PartialEq>(mut contact: M, back: &M, stated: &Properties) -> Option<String> {
    for (name, value) in stated.iter() {
        let one = Properties::from_iter([(name.to_owned(), value.clone())]);
        M::Patch::from_properties(&one).ok()?.apply(&mut contact).ok()?;
        if contact == *back {
            return Some(name.to_owned());
        }
    }
    None
}

fn fits(kind: PropertyKind, value: &Value) -> bool {
    match kind {
        PropertyKind::Text => value.is_string() || value.is_number() || value.is_boolean(),
        PropertyKind::Number => value.is_number() || value.is_string(),
        PropertyKind::Date => value.is_string(),
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn failed(what: &str) -> impl Fn(MappingError) -> String + '_ {
    move |error| format!("property `{}` {what}: {error}", error.property())
}
