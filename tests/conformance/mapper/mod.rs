//! The mapper of js-contact: a contact of the external service and one of Botmatic, made of each other.
//!
//! Each recorded contact goes through a struct as one who comes from js-contact writes it. Its fields are mapped one by
//! one, since they do not know of each other; a field has the type that the recorded mapping declares, or else that of
//! the value. Numbers are compared as JavaScript has them, and values as they are on the wire, where an undefined one is
//! absent and infinity is null. The id is left out: with us it is no property.
//!
//! The recordings of how the id is found have no replay: without an id, or with two, nothing compiles
//! (`tests/ui/contact_mapping`).

mod fields;
mod transforms;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::differences::MAPPER;
use crate::recordings;
use crate::tally::{Replayed, settle};

#[derive(Deserialize)]
struct Recording {
    name: String,
    mappings: Vec<Mapping>,
    direction: Option<Direction>,
    #[serde(default)]
    input: Value,
    output: Option<Value>,
}

#[derive(Clone, Copy, Deserialize)]
enum Direction {
    #[serde(rename = "ext->botmatic")]
    Writing,
    #[serde(rename = "botmatic->ext")]
    Reading,
}

#[derive(Deserialize)]
struct Mapping {
    #[serde(default)]
    id: bool,
    botmatic: Side,
    ext: Side,
}

#[derive(Deserialize)]
struct Side {
    name: String,
    transform: Option<String>,
    r#type: Option<String>,
}

/// What a field becomes, or the whole contact.
#[derive(Debug, PartialEq)]
pub(crate) enum Came {
    /// A value for the other side.
    Out(Value),
    /// Nothing.
    Absent,
    /// An error; in JavaScript, an exception.
    Refused,
    /// No such value or declaration exists with us.
    Impossible,
}

impl Mapping {
    /// Where a value comes from and goes to, and the transform of the target.
    const fn ends(&self, direction: Direction) -> (&Side, &Side) {
        match direction {
            Direction::Writing => (&self.ext, &self.botmatic),
            Direction::Reading => (&self.botmatic, &self.ext),
        }
    }

    fn replayed(&self, direction: Direction, value: &Value) -> Came {
        if !can_be_said(value) {
            return fields::without_json(direction, value);
        }
        let Some(value) = on_the_wire(value.clone()) else { return Came::Absent };
        let (_, target) = self.ends(direction);
        match &target.transform {
            Some(transform) => transforms::replayed(transform, direction, &value),
            None => fields::replayed(self.declared(), direction, &value),
        }
    }

    /// The type that one writes for this field, where it does not follow from the value.
    fn declared(&self) -> Option<&str> {
        let structured = (self.ext.name == "company").then_some("structure");
        structured.or(self.botmatic.r#type.as_deref())
    }
}

impl Recording {
    fn recorded(&self) -> Came {
        let output = self.output.clone().and_then(on_the_wire);
        output.map_or(Came::Refused, |output| Came::Out(self.without_id(output)))
    }

    fn replayed(&self, direction: Direction) -> Came {
        let input = match &self.input {
            Value::Object(input) if !input.contains_key("$undefined") => input,
            _ => return Came::Refused,
        };
        let ends = || self.mappings.iter().map(|mapping| mapping.ends(direction));
        let twice = |name: fn(&(&Side, &Side)) -> String| {
            let names: Vec<_> = ends().map(|ends| name(&ends)).collect();
            (1..names.len()).any(|at| names[..at].contains(&names[at]))
        };
        if twice(|(source, _)| source.name.clone()) || twice(|(_, target)| target.name.clone()) {
            return Came::Impossible;
        }
        let mut output = Map::new();
        for mapping in self.mappings.iter().filter(|mapping| !mapping.id) {
            let (source, target) = mapping.ends(direction);
            let Some(value) = input.get(&source.name) else { continue };
            match mapping.replayed(direction, value) {
                Came::Out(value) => drop(output.insert(target.name.clone(), value)),
                Came::Absent => {}
                other => return other,
            }
        }
        Came::Out(as_doubles(output.into()))
    }

    /// Whether a text that nothing is declared of is the same text on the other side.
    fn keeps_texts(&self, direction: Direction, observed: &Came) -> bool {
        let Came::Out(output) = observed else { return true };
        self.mappings.iter().filter(|mapping| !mapping.id && mapping.declared().is_none()).all(|mapping| {
            let (source, target) = mapping.ends(direction);
            let value = &self.input[&source.name];
            !value.is_string() || target.transform.is_some() || output[&target.name] == *value
        })
    }

    fn without_id(&self, mut output: Value) -> Value {
        if let (true, Some(output)) = (self.mappings.iter().any(|mapping| mapping.id), output.as_object_mut())
        {
            output.remove("id");
        }
        output
    }
}

/// Whether JSON has such a value. The marks of the recordings stand for those that it has not.
fn can_be_said(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let undefined =
                members.contains_key("$undefined") || members.get("$number") == Some(&"-0".into());
            undefined || members.iter().all(|(name, value)| !name.starts_with('$') && can_be_said(value))
        }
        Value::Array(elements) => elements.iter().all(can_be_said),
        _ => true,
    }
}

/// A value as JSON has it on the wire.
fn on_the_wire(value: Value) -> Option<Value> {
    let value = match value {
        Value::Object(mark) if mark.contains_key("$undefined") => return None,
        Value::Object(mark) if mark.contains_key("$number") => {
            if mark["$number"] == "-0" {
                Value::from(0)
            } else {
                Value::Null
            }
        }
        Value::Object(mark) if mark.contains_key("$date") => fields::moment(&mark["$date"]),
        Value::Object(members) => {
            let members = members.into_iter().filter_map(|(name, value)| Some((name, on_the_wire(value)?)));
            Value::Object(members.collect())
        }
        Value::Array(elements) => {
            elements.into_iter().map(|element| on_the_wire(element).unwrap_or_default()).collect()
        }
        other => other,
    };
    Some(as_doubles(value))
}

/// Numbers as JavaScript has them, and as it writes them.
fn as_doubles(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let double = number.as_f64().unwrap();
            let whole = format!("{double:.0}").parse::<i64>().ok().filter(|_| double.fract() == 0.0);
            whole.map_or_else(|| double.into(), Value::from)
        }
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, as_doubles(value))).collect()
        }
        Value::Array(elements) => elements.into_iter().map(as_doubles).collect(),
        other => other,
    }
}

#[test]
fn contacts_come_out_as_with_the_mapper_of_js_contact() {
    let mut replayed = Vec::new();
    for recording in recordings::mapper::<Recording>() {
        if let Some(direction) = recording.direction {
            let way = match direction {
                Direction::Writing => "to Botmatic",
                Direction::Reading => "from Botmatic",
            };
            let (name, observed) = (format!("{way}: {}", recording.name), recording.replayed(direction));
            assert!(recording.keeps_texts(direction, &observed), "{name}: {observed:?}");
            replayed.push(Replayed { name, recorded: recording.recorded(), observed });
        }
    }
    settle("the mapper of js-contact", &replayed, MAPPER);
}
