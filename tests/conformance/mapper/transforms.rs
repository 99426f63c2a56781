//! The transforms of the recordings, as the two functions of a `with` module. A recorded one knows no types, and the same
//! one was recorded in both directions; here it is a function from one type to another.

use std::marker::PhantomData;

use botmatic_contact::prelude::*;
use botmatic_contact::{PropertyKind, ValueError};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fields::through;
use super::{Came, Direction};

/// What has the functions of a `with` module.
trait Module: Send + Sync + 'static {
    type Field;
    type Botmatic: PropertyValue;

    fn to_botmatic(value: &Self::Field) -> Self::Botmatic;

    fn from_botmatic(value: Self::Botmatic) -> Result<Self::Field, &'static str>;
}

#[derive(Serialize, Deserialize, ContactMapping)]
#[serde(bound(serialize = "M::Field: Serialize", deserialize = "M::Field: DeserializeOwned"))]
struct Transformed<M>
where
    M: Module,
    M::Field: Send + Sync + 'static,
{
    #[contact(id)]
    #[serde(skip)]
    id: u64,
    #[contact("value", with = M)]
    value: Option<M::Field>,
}

/// A transform, as a function of one type.
trait Function: Send + Sync + 'static {
    type From;
    type To;

    fn of(value: &Self::From) -> Result<Self::To, &'static str>;
}

/// A transform of a field on its way to Botmatic.
struct Writing<F>(PhantomData<F>);

impl<F: Function<To: PropertyValue>> Module for Writing<F> {
    type Field = F::From;
    type Botmatic = Written<F::To>;

    fn to_botmatic(value: &F::From) -> Written<F::To> {
        Written(F::of(value))
    }

    fn from_botmatic(_: Written<F::To>) -> Result<F::From, &'static str> {
        Err("one way only")
    }
}

/// What a transform made, if it did not throw.
struct Written<T>(Result<T, &'static str>);

impl<T: PropertyValue> PropertyValue for Written<T> {
    const KIND: PropertyKind = T::KIND;

    fn to_value(&self) -> Result<Value, ValueError> {
        self.0.as_ref().map_err(|what| ValueError::expected(*what))?.to_value()
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        T::from_value(value).map(|value| Self(Ok(value)))
    }
}

/// A transform of a property on its way from Botmatic.
struct Reading<F>(PhantomData<F>);

impl<F: Function<From: PropertyValue>> Module for Reading<F> {
    type Field = F::To;
    type Botmatic = F::From;

    fn to_botmatic(_: &F::To) -> F::From {
        unreachable!("one way only")
    }

    fn from_botmatic(value: F::From) -> Result<F::To, &'static str> {
        F::of(&value)
    }
}

macro_rules! functions {
    ($($name:ident: $from:ty => $to:ty, |$value:ident| $result:expr;)*) => {$(
        struct $name;

        impl Function for $name {
            type From = $from;
            type To = $to;

            fn of($value: &$from) -> Result<$to, &'static str> {
                $result
            }
        }
    )*};
}

functions! {
    SqlToIso: String => String, |sql| Ok(format!("{}.000Z", sql.replacen(' ', "T", 1)));
    IsoToSql: String => String, |iso| {
        Ok(iso.replacen('T', " ", 1).split('.').next().unwrap_or_default().to_owned())
    };
    EpochToIso: i64 => String, |milliseconds| {
        let moment = Timestamp::from_millisecond(*milliseconds).map_err(|_| "a moment")?;
        Ok(moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
    };
    IsoToEpoch: Timestamp => i64, |moment| Ok(moment.as_millisecond());
    WrapInText: Value => String, |value| Ok(json!({ "wrapped": value }).to_string());
    WrapText: String => Value, |value| Ok(json!({ "wrapped": value }));
    WrapNumber: i64 => Value, |value| Ok(json!({ "wrapped": value }));
    ToJsonText: Value => String, |value| Ok(json!({ "inner": value }).to_string());
    ToJsonTextOfText: String => String, |value| Ok(json!({ "inner": value }).to_string());
    Uppercase: String => String, |text| Ok(text.to_uppercase());
    ToEmptyText: String => String, |_text| Ok(String::new());
    ThrowError: String => String, |_text| Err("a transform that does not fail");
    ToDate: String => Timestamp, |text| text.parse().map_err(|_| "a moment");
    ParseText: String => i64, |text| text.parse().map_err(|_| "a number");
    ParseNumber: i64 => i64, |number| Ok(*number);
    ToListInText: Value => String, |value| Ok(json!([value]).to_string());
    ToList: String => Value, |value| Ok(json!([value]));
    TypeOfText: String => String, |_text| Ok("string".to_owned());
    TypeOfNumber: f64 => String, |_number| Ok("number".to_owned());
    TypeOfBool: bool => String, |_truth| Ok("boolean".to_owned());
    TypeOfStructure: Value => String, |_value| Ok("object".to_owned());
}

/// What becomes of a value whose target has a transform.
pub(super) fn replayed(transform: &str, direction: Direction, value: &Value) -> Came {
    use Direction::{Reading, Writing};

    match (transform, direction, value) {
        ("sql_to_iso", ..) => both::<SqlToIso>(direction, value),
        ("iso_to_sql", ..) => both::<IsoToSql>(direction, value),
        ("epoch_ms_to_iso", ..) => both::<EpochToIso>(direction, value),
        ("iso_to_epoch_ms", ..) => both::<IsoToEpoch>(direction, value),
        ("wrap_in_object", Writing, _) => writing::<WrapInText>(value),
        ("wrap_in_object", Reading, Value::Number(_)) => reading::<WrapNumber>(value),
        ("wrap_in_object", Reading, _) => reading::<WrapText>(value),
        ("to_json_text", Writing, _) => writing::<ToJsonText>(value),
        ("to_json_text", Reading, _) => reading::<ToJsonTextOfText>(value),
        ("uppercase", ..) => both::<Uppercase>(direction, value),
        ("to_empty_string", ..) => both::<ToEmptyText>(direction, value),
        // A conversion has a result.
        ("to_undefined", ..) => Came::Impossible,
        ("throw_error", ..) => both::<ThrowError>(direction, value),
        ("to_date_object", ..) => both::<ToDate>(direction, value),
        ("parse_int", _, Value::Number(_)) => both::<ParseNumber>(direction, value),
        ("parse_int", ..) => both::<ParseText>(direction, value),
        ("to_array", Writing, _) => writing::<ToListInText>(value),
        ("to_array", Reading, _) => reading::<ToList>(value),
        ("type_of", _, Value::Number(_)) => both::<TypeOfNumber>(direction, value),
        ("type_of", _, Value::Bool(_)) => both::<TypeOfBool>(direction, value),
        ("type_of", Writing, Value::Array(_) | Value::Object(_)) => writing::<TypeOfStructure>(value),
        ("type_of", ..) => both::<TypeOfText>(direction, value),
        (other, ..) => panic!("{other}"),
    }
}

fn both<F>(direction: Direction, value: &Value) -> Came
where
    F: Function,
    F::From: PropertyValue + Serialize + DeserializeOwned + Send + Sync + 'static,
    F::To: PropertyValue + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    match direction {
        Direction::Writing => writing::<F>(value),
        Direction::Reading => reading::<F>(value),
    }
}

fn writing<F>(value: &Value) -> Came
where
    F: Function,
    F::From: Serialize + DeserializeOwned + Send + Sync + 'static,
    F::To: PropertyValue,
{
    through::<Transformed<Writing<F>>>(Direction::Writing, value)
}

fn reading<F>(value: &Value) -> Came
where
    F: Function,
    F::From: PropertyValue,
    F::To: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    through::<Transformed<Reading<F>>>(Direction::Reading, value)
}
