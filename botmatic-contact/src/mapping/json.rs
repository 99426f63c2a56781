//! A structured value as JSON text, in one canonical form: maps are written in the order of their keys.
//!
//! A `HashMap` gives its entries in another order each time. A text that follows it would differ from the agreed one
//! though nothing has changed, and be written for ever. All else goes straight through: the fields of a struct keep the
//! order in which they are declared, and a value without maps costs nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::value::{RawValue, to_raw_value};

/// The canonical text of a value.
pub(super) fn to_text<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Sorted(value))
}

/// A value on its way through [`Sorting`].
struct Sorted<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Serialize for Sorted<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Sorting(serializer))
    }
}

/// A serializer of JSON, or what it gives for the parts of a sequence or a struct, with maps in order.
struct Sorting<S>(S);

/// JSON would hold `null` in its place, which is no number to whoever reads it.
fn not_finite<E: serde::ser::Error>() -> E {
    E::custom("a number that is not finite has no JSON")
}

macro_rules! straight_through {
    ($($method:ident($type:ty)),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.0.$method(value)
        }
    )*};
}

impl<S: Serializer> Serializer for Sorting<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Sorting<S::SerializeSeq>;
    type SerializeTuple = Sorting<S::SerializeTuple>;
    type SerializeTupleStruct = Sorting<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Sorting<S::SerializeTupleVariant>;
    type SerializeMap = Entries<S>;
    type SerializeStruct = Sorting<S::SerializeStruct>;
    type SerializeStructVariant = Sorting<S::SerializeStructVariant>;

    straight_through! {
        serialize_bool(bool), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_i128(i128),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_u128(u128),
        serialize_unit_struct(&'static str),
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.0.serialize_f32(value) } else { Err(not_finite()) }
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.0.serialize_f64(value) } else { Err(not_finite()) }
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.0.serialize_unit()
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.0.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_some(&Sorted(value))
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_struct(name, &Sorted(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_variant(name, index, variant, &Sorted(value))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.0.serialize_seq(len).map(Sorting)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.0.serialize_tuple(len).map(Sorting)
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.0.serialize_tuple_struct(name, len).map(Sorting)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.0.serialize_tuple_variant(name, index, variant, len).map(Sorting)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Entries<S>, S::Error> {
        Ok(Entries { serializer: self.0, key: None, entries: BTreeMap::new() })
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.0.serialize_struct(name, len).map(Sorting)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.0.serialize_struct_variant(name, index, variant, len).map(Sorting)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! parts {
    ($($trait:ident: $method:ident($($name:ident)?)),* $(,)?) => {$(
        impl<S: $trait> $trait for Sorting<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Result<(), S::Error> {
                self.0.$method($($name,)? &Sorted(value))
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.0.end()
            }
        }
    )*};
}

parts! {
    SerializeSeq: serialize_element(),
    SerializeTuple: serialize_element(),
    SerializeTupleStruct: serialize_field(),
    SerializeTupleVariant: serialize_field(),
    SerializeStruct: serialize_field(name),
    SerializeStructVariant: serialize_field(name),
}

/// The entries of a map, each as JSON text already: that loses nothing of a number.
struct Entries<S> {
    serializer: S,
    key: Option<String>,
    entries: BTreeMap<String, Box<RawValue>>,
}

impl<S: Serializer> SerializeMap for Entries<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.key = Some(key_text(key).map_err(S::Error::custom)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let key = self.key.take().ok_or_else(|| S::Error::custom("a value without its key"))?;
        let value = to_raw_value(&Sorted(value)).map_err(S::Error::custom)?;
        self.entries.insert(key, value);
        Ok(())
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.serializer.collect_map(self.entries)
    }
}

/// A key as JSON has it: a number or a truth value becomes text.
fn key_text<T: Serialize + ?Sized>(key: &T) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(key)?;
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(&json),
        Some(b'{' | b'[' | b'n') => {
            Err(serde_json::Error::custom("a key is a text, a number or a truth value"))
        }
        _ => Ok(json),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Any {
        Unit,
        Newtype(HashMap<u8, bool>),
        Tuple(u128, HashMap<i8, (f32, Unit)>),
        Struct { z: Option<HashMap<String, Self>>, a: Option<u8> },
    }

    /// A value with maps wherever there can be one.
    fn nested() -> Any {
        let small = || (0..20).map(|number| (number, number % 2 == 0)).collect();
        let floats = (-9..9).map(|number| (number, (0.1, Unit))).collect();
        let inner =
            [("b\"\\é", Any::Tuple(u128::MAX, floats)), ("a", Any::Newtype(small())), ("c", Any::Unit)];
        let inner = inner.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Any::Struct { z: Some(inner), a: None }
    }

    #[test]
    fn the_text_is_the_same_however_a_map_is_ordered_and_is_read_as_what_was_written() {
        let text = to_text(&nested()).unwrap();
        assert!(
            text.starts_with(r#"{"Struct":{"z":{"a":{"Newtype":{"0":true,"1":false,"10":true,"#),
            "{text}"
        );
        assert!(
            text.contains(r#""b\"\\é":{"Tuple":[340282366920938463463374607431768211455,{"-1":[0.1,null],"#)
        );
        assert!(text.ends_with(r#","c":"Unit"},"a":null}}"#), "{text}");
        for _ in 0..10 {
            assert_eq!(to_text(&nested()).unwrap(), text);
        }
        assert_eq!(serde_json::from_str::<Any>(&text).unwrap(), nested());
    }

    #[test]
    fn without_maps_it_is_what_serde_json_writes() {
        let value = (Any::Unit, Any::Struct { z: None, a: Some(1) }, "text", b"bytes", 'c', [1.5_f64], ());
        assert_eq!(to_text(&value).unwrap(), serde_json::to_string(&value).unwrap());
    }

    #[test]
    fn a_key_is_written_as_serde_json_writes_it_or_refused_as_there() {
        macro_rules! written_alike {
            ($($key:expr),*) => {$(
                let map = HashMap::from([($key, 1)]);
                assert_eq!(to_text(&map).ok(), serde_json::to_string(&map).ok());
            )*};
        }
        written_alike!("null", "", 'c', 7_u64, u128::MAX, -7_i8, true, Some("a"), (1, 2), [0; 0], ());
        written_alike!(Some(1), None::<u8>, "\u{1F600}", "{");
    }
}
