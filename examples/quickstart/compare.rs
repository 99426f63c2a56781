//! Both sides, contact by contact: is everybody on each side one half of one pair, and do both halves hold the same
//! values, of the same types?

use std::collections::{BTreeMap, BTreeSet};

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, Value};

use crate::person::Person;
use crate::service::BoxError;
use crate::world::World;

/// Compares both sides, and the address book with what it was loaded with. Returns how many people were compared.
pub(crate) async fn both_sides(world: &World, loaded: &[Person]) -> Result<usize, BoxError> {
    let mut problems = Vec::new();
    let mut contacts: BTreeMap<_, _> = world
        .botmatic
        .contacts(&world.token)
        .into_iter()
        .map(|contact| (contact.id, contact.properties))
        .collect();
    let people = world.book.people().await?;
    let mut people: BTreeMap<_, _> =
        people.into_iter().map(|person| (ExternalId::from(person.id.as_str()), person)).collect();

    for person in loaded {
        if people.get(&ExternalId::from(person.id.as_str())) != Some(person) {
            problems.push(format!("{} is not in the address book as it was loaded", person.id));
        }
    }
    let mut compared = 0;
    for pair in world.pairs().await? {
        match (contacts.remove(&pair.contact), people.remove(&pair.external)) {
            (Some(contact), Some(person)) => {
                compared += 1;
                let differences = differences(&contact, &person)?;
                problems.extend(
                    differences.into_iter().map(|name| format!("`{name}` of {} differs", pair.external)),
                );
            }
            _ => problems.push(format!("the pair {} – {} is not on both sides", pair.contact, pair.external)),
        }
    }
    problems.extend(contacts.keys().map(|id| format!("contact {id} of Botmatic has no counterpart")));
    problems.extend(people.keys().map(|id| format!("person {id} of the address book has no counterpart")));
    if problems.is_empty() { Ok(compared) } else { Err(problems.join("\n").into()) }
}

/// The properties that a contact and a person do not agree on.
pub(crate) fn differences(contact: &Properties, person: &Person) -> Result<BTreeSet<String>, BoxError> {
    let expected = person.to_properties()?;
    let read_back = Person::from_properties(contact)?.to_properties()?;
    let mut differing = BTreeSet::new();
    for property in Person::PROPERTIES {
        let name = &*property.name;
        let stored = contact.get(name).filter(|value| !value.is_null());
        // What Botmatic stores is exactly what we would send; what it does not have reads as what we have.
        let same = stored.is_none_or(|stored| expected.get(name) == Some(stored))
            && read_back.get(name).unwrap_or(&Value::Null) == expected.get(name).unwrap_or(&Value::Null);
        if !same {
            differing.insert(name.to_owned());
        }
    }
    Ok(differing)
}
