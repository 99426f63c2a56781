//! Where the values of a field come from.
//!
//! Generated code asks `(&&&&&&Maker::<C, T>::new()).make(draw)` at a type that is known there; the compiler takes the
//! first of these traits that the type has, since it looks at one reference less each time.

use std::marker::PhantomData;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use proptest::arbitrary::Arbitrary;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::draw::{Draw, arbitrary};
use super::json::Structure;
use super::samples::Sampled;
use crate::contact::{PropertyKind, Value};
use crate::mapping::{Codec, Json, PropertyValue};

/// Makes values of a field of type `T` that is written by `C`.
#[derive(Debug)]
pub struct Maker<C, T>(PhantomData<fn() -> (C, T)>);

impl<C, T> Maker<C, T> {
    /// The maker of a field.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "generated code names it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

macro_rules! ways {
    ($($(#[$docs:meta])* $way:ident;)*) => {$(
        $(#[$docs])*
        pub trait $way<T> {
            /// The value that a number stands for.
            fn make(&self, draw: Draw) -> Option<T>;
        }
    )*};
}

ways! {
    /// A type whose difficult values are known here.
    BySamples;
    /// A structured value that proptest knows too, but makes large: what serde reads of it, or else that.
    BySmallJson;
    /// A type that proptest knows.
    ByArbitrary;
    /// A structured value: what serde reads of it.
    ByJson;
    /// Any other type: what its conversion reads of a property.
    ByKind;
    /// A type that is no property, which is reported elsewhere.
    ByNothing;
}

impl<C: Codec<T>, T: Sampled> BySamples<T> for &&&&&Maker<C, T> {
    fn make(&self, draw: Draw) -> Option<T> {
        draw.until(|draw| {
            let value = draw.edge(T::edges()).or_else(|| T::random(&mut draw.runner()));
            value.filter(|value| C::encode(value).is_ok())
        })
    }
}

impl<T: Serialize + DeserializeOwned + Arbitrary> BySmallJson<T> for &&&&Maker<Json, T> {
    fn make(&self, draw: Draw) -> Option<T> {
        ByJson::make(&&&Maker::<Json, T>::new(), draw)
            .or_else(|| ByArbitrary::make(&&&&Maker::<Json, T>::new(), draw))
    }
}

impl<C: Codec<T>, T: Arbitrary> ByArbitrary<T> for &&&Maker<C, T> {
    fn make(&self, draw: Draw) -> Option<T> {
        draw.until(|draw| draw.arbitrary().filter(|value| C::encode(value).is_ok()))
    }
}

impl<T: Serialize + DeserializeOwned> ByJson<T> for &&Maker<Json, T> {
    fn make(&self, draw: Draw) -> Option<T> {
        draw.until(|draw| {
            let value = T::deserialize(Structure::new(&mut draw.runner(), draw.is_simplest())).ok();
            value.filter(|value| Json::encode(value).is_ok())
        })
    }
}

impl<C: Codec<T>, T> ByKind<T> for &Maker<C, T> {
    fn make(&self, draw: Draw) -> Option<T> {
        draw.until(|draw| {
            let value = draw.one_of(C::CHOICES).map(|choice| Value::from(*choice));
            let value = value.or_else(|| property(C::KIND, draw))?;
            C::decode(&value).ok().filter(|value| C::encode(value).is_ok())
        })
    }
}

impl<C, T> ByNothing<T> for Maker<C, T> {
    fn make(&self, _: Draw) -> Option<T> {
        None
    }
}

/// Some value of a property: first those that are difficult, then whatever a type of that kind may be written as.
fn property(kind: PropertyKind, draw: Draw) -> Option<Value> {
    let known = match kind {
        PropertyKind::Number => draw.edge(i128::edges()).map(|number| number.to_value()),
        PropertyKind::Date => draw.edge(Date::edges()).map(|date| date.to_value()),
        PropertyKind::Text => draw.edge(String::edges()).map(|text| text.to_value()),
    };
    if let Some(known) = known {
        return known.ok();
    }
    let runner = &mut draw.runner();
    let way: u8 = arbitrary(runner)?;
    match (kind, way % 4) {
        (PropertyKind::Number, 0) => written::<i128>(runner),
        (PropertyKind::Number, 1) => written::<f64>(runner),
        (PropertyKind::Number, _) => written::<u8>(runner),
        (PropertyKind::Date, 0) => written::<Date>(runner),
        (PropertyKind::Date, 1) => written::<DateTime>(runner),
        (PropertyKind::Date, _) => written::<Timestamp>(runner),
        (PropertyKind::Text, 0) => written::<bool>(runner),
        (PropertyKind::Text, 1) => written::<char>(runner),
        // A UUID.
        (PropertyKind::Text, 2) => Some(format!("{:032x}", arbitrary::<u128>(runner)?).into()),
        (PropertyKind::Text, _) => written::<String>(runner),
    }
}

fn written<T: Sampled + PropertyValue>(runner: &mut TestRunner) -> Option<Value> {
    T::random(runner)?.to_value().ok()
}
