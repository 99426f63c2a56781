//! Structured values: whatever type serde asks for is answered, as JSON could.

use proptest::prelude::RngExt;
use proptest::test_runner::TestRunner;
use serde::de::value::{Error, StringDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::samples::Sampled;

/// How deep lists and objects stand in each other before they are empty.
const DEPTH: u8 = 4;

/// How deep structures can be that are never empty; deeper ones are given up.
const DEEPEST: u8 = 32;

/// Answers serde with data of the type that it asks for.
pub(super) struct Structure<'r> {
    runner: &'r mut TestRunner,
    /// Whether everything is to be as simple as can be.
    simple: bool,
    depth: u8,
    /// Whether the value may be null. What is inside an `Option` may not: JSON could not tell it from none.
    null: bool,
}

impl<'r> Structure<'r> {
    pub(super) const fn new(runner: &'r mut TestRunner, simple: bool) -> Self {
        Self { runner, simple, depth: 0, null: true }
    }

    fn inner(&mut self) -> Result<Structure<'_>, Error> {
        if self.depth >= DEEPEST {
            return Err(Error::custom("too deep"));
        }
        Ok(Structure { runner: &mut *self.runner, simple: self.simple, depth: self.depth + 1, null: true })
    }

    /// A number from 0 to below another.
    fn below(&mut self, end: usize) -> usize {
        if self.simple { 0 } else { self.runner.rng().random_range(0..end.max(1)) }
    }

    /// How many elements a list has.
    fn length(&mut self) -> usize {
        if self.depth >= DEPTH { 0 } else { self.below(4) }
    }

    fn value<T: Sampled>(&mut self) -> Result<T, Error> {
        let mut edges = T::edges();
        if self.simple || self.runner.rng().random() {
            let index = self.below(edges.len());
            return Ok(edges.swap_remove(index));
        }
        T::random(self.runner).ok_or_else(|| Error::custom("no value"))
    }

    /// A text, which may be one of those that other types are written as.
    fn text(&mut self) -> Result<String, Error> {
        Ok(match self.below(12) {
            1 => self.value::<jiff::civil::Date>()?.to_string(),
            2 => self.value::<jiff::civil::DateTime>()?.to_string(),
            3 => self.value::<jiff::Timestamp>()?.to_string(),
            4 => self.value::<i64>()?.to_string(),
            _ => self.value::<String>()?,
        })
    }
}

/// Methods that answer with a value of a type that is known.
macro_rules! values {
    ($($method:ident => $visit:ident($($value:ty)?);)*) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit($(self.value::<$value>()?)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Structure<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match self.below(9) {
            0 if self.null => visitor.visit_unit(),
            1 => self.deserialize_bool(visitor),
            2 => self.deserialize_i64(visitor),
            3 => self.deserialize_u64(visitor),
            4 => self.deserialize_f64(visitor),
            5 => self.deserialize_seq(visitor),
            6 | 7 => self.deserialize_map(visitor),
            _ => self.deserialize_string(visitor),
        }
    }

    values! {
        deserialize_bool => visit_bool(bool);
        deserialize_i8 => visit_i8(i8);
        deserialize_i16 => visit_i16(i16);
        deserialize_i32 => visit_i32(i32);
        deserialize_i64 => visit_i64(i64);
        deserialize_i128 => visit_i128(i128);
        deserialize_u8 => visit_u8(u8);
        deserialize_u16 => visit_u16(u16);
        deserialize_u32 => visit_u32(u32);
        deserialize_u64 => visit_u64(u64);
        deserialize_u128 => visit_u128(u128);
        deserialize_f32 => visit_f32(f32);
        deserialize_f64 => visit_f64(f64);
        deserialize_char => visit_char(char);
    }

    fn deserialize_string<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        if self.null && self.below(3) == 0 {
            return visitor.visit_none();
        }
        let mut inner = self.inner()?;
        inner.null = false;
        visitor.visit_some(inner)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.null { visitor.visit_unit() } else { Err(Error::custom("null inside of an `Option`")) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let left = self.length();
        visitor.visit_seq(Elements { of: self, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Elements { of: self, left })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        left: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(left, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let left = self.length();
        visitor.visit_map(Entries { of: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(Fields { of: self, fields: fields.iter() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let index = self.below(variants.len());
        let name = variants.get(index).ok_or_else(|| Error::custom("an enum without variants"))?;
        visitor.visit_enum(Variant { of: self, name })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }
}

struct Elements<'r> {
    of: Structure<'r>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(self.of.inner()?).map(Some)
    }
}

struct Entries<'r> {
    of: Structure<'r>,
    left: usize,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(self.of.inner()?).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.of.inner()?)
    }
}

struct Fields<'r> {
    of: Structure<'r>,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.fields.next().map(|field| seed.deserialize((*field).into_deserializer())).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.of.inner()?)
    }
}

struct Variant<'r> {
    of: Structure<'r>,
    name: &'static str,
}

impl<'de, 'r> EnumAccess<'de> for Variant<'r> {
    type Error = Error;
    type Variant = Content<'r>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'r>), Error> {
        let name: StringDeserializer<Error> = self.name.to_owned().into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.of)))
    }
}

/// What is in a variant.
struct Content<'r>(Structure<'r>);

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.0.inner()?)
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.inner()?.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.inner()?.deserialize_struct("", fields, visitor)
    }
}
