//! `assert_round_trip!` and mappings that do not keep what they promise: it finds each, names the property, and shows the
//! simplest contact.

use botmatic_contact::prelude::*;
use botmatic_contact::testing::proptest::prelude::*;
use botmatic_contact::testing::{check_round_trip, samples};
use botmatic_contact::{PropertyKind, PropertyValue, Value, ValueError};
use jiff::Timestamp;

/// Writes the fields of a struct as they are, and that of one property as a module does.
macro_rules! broken {
    ($(#[$options:meta])* $type:ty) => {{
        #[derive(Debug, PartialEq, ContactMapping)]
        struct Broken {
            #[contact(id)]
            id: u64,
            before: Option<String>,
            $(#[$options])*
            broken: $type,
            after: u32,
        }
        let error = check_round_trip(samples::<Broken>()).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("property `broken`"), "{message}");
        if let Some(Broken { id, before, after, .. }) = error.contact() {
            assert_eq!((*id, before, *after), (0, &None, 0), "as simple as can be: {message}");
        }
        message
    }};
}

mod whole_seconds {
    pub(super) fn to_botmatic(moment: &jiff::Timestamp) -> i64 {
        moment.as_second()
    }

    pub(super) fn from_botmatic(second: i64) -> Result<jiff::Timestamp, jiff::Error> {
        jiff::Timestamp::from_second(second)
    }
}

mod trimmed {
    #[expect(clippy::ptr_arg, reason = "as the derive asks for it")]
    pub(super) fn to_botmatic(text: &String) -> String {
        text.clone()
    }

    #[expect(clippy::needless_pass_by_value, clippy::unnecessary_wraps, reason = "as the derive asks for it")]
    pub(super) fn from_botmatic(text: String) -> Result<String, std::convert::Infallible> {
        Ok(text.trim().to_owned())
    }
}

mod through_a_float {
    #[expect(clippy::cast_precision_loss, reason = "that is what is to be found")]
    pub(super) fn to_botmatic(number: &u64) -> f64 {
        *number as f64
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "likewise")]
    pub(super) fn from_botmatic(number: f64) -> Result<u64, std::convert::Infallible> {
        Ok(number as u64)
    }
}

mod unreadable {
    #[expect(clippy::ptr_arg, reason = "as the derive asks for it")]
    pub(super) fn to_botmatic(text: &String) -> String {
        text.clone()
    }

    pub(super) fn from_botmatic(text: String) -> Result<String, &'static str> {
        if text.contains('\u{301}') { Err("an accent of its own") } else { Ok(text) }
    }
}

#[test]
fn a_conversion_that_loses_something_is_found() {
    let message = broken!(
        #[contact("broken", with = whole_seconds)]
        Timestamp
    );
    assert!(message.contains("is read as another value than was written"), "{message}");
    assert!(message.contains("Broken {"), "the contact is shown: {message}");

    broken!(#[contact("broken", with = trimmed)] Option<String>);
    broken!(
        #[contact("broken", with = through_a_float)]
        u64
    );
}

#[test]
fn a_conversion_that_cannot_read_what_it_wrote_is_found() {
    let message = broken!(
        #[contact("broken", with = unreadable)]
        String
    );
    assert!(message.contains("was written, and cannot be read"), "{message}");
}

/// A type of the user's own, whose `PropertyValue` is written by hand.
macro_rules! own {
    ($name:ident, $kind:ident, $choices:expr, |$value:ident| $to:expr, |$said:ident| $from:expr) => {
        #[derive(Debug, Clone, PartialEq)]
        struct $name(String);

        impl PropertyValue for $name {
            const KIND: PropertyKind = PropertyKind::$kind;
            const CHOICES: &'static [&'static str] = $choices;

            fn to_value(&self) -> Result<Value, ValueError> {
                let $value = &self.0;
                Ok($to)
            }

            fn from_value($said: &Value) -> Result<Self, ValueError> {
                $from.map(Self).ok_or(ValueError::expected("something else"))
            }
        }
    };
}

own!(Listed, Text, &[], |text| Value::from(vec![text.clone()]), |said| said
    .as_str()
    .or_else(|| said[0].as_str())
    .map(str::to_owned));
own!(Lowered, Text, &["Red", "Green"], |text| Value::from(text.to_lowercase()), |said| {
    said.as_str().filter(|text| ["Red", "Green"].contains(text)).map(str::to_owned)
});
own!(Colour, Text, &["red", "green"], |text| Value::from(text.clone()), |said| {
    said.as_str().filter(|text| ["red", "green"].contains(text)).map(str::to_owned)
});
own!(Password, Text, &[], |text| Value::from(text.clone()), |said| {
    said.as_str().filter(|text| *text == "correct horse battery staple").map(str::to_owned)
});

#[test]
fn a_type_of_ones_own_that_writes_what_no_property_holds_is_found() {
    let message = broken!(Listed);
    assert!(message.contains("is a Text, and was written as a list"), "{message}");
}

#[test]
fn an_enum_that_does_not_read_the_texts_it_writes_is_found() {
    let message = broken!(Lowered);
    assert!(message.contains("cannot be read"), "{message}");
}

#[derive(Debug, Clone, PartialEq, ContactMapping)]
struct Painted {
    #[contact(id)]
    id: u64,
    colour: Colour,
    password: Option<Password>,
}

#[test]
fn a_field_of_which_no_value_is_found_says_what_to_do() {
    let error = check_round_trip(samples::<Painted>()).unwrap_err();
    assert!(error.contact().is_none());
    let message = error.to_string();
    assert!(message.starts_with("property `password`: no value was found"), "{message}");
    assert!(
        message.contains("`Arbitrary`") && message.contains("assert_round_trip!(Contact, strategy)"),
        "{message}"
    );
}

fn painted(id: u64) -> impl Strategy<Value = Painted> {
    let password = proptest::option::of(Just(Password("correct horse battery staple".to_owned())));
    let colour = prop_oneof![Just("red"), Just("green")].prop_map(|colour| Colour(colour.to_owned()));
    (colour, password).prop_map(move |(colour, password)| Painted { id, colour, password })
}

#[test]
fn contacts_of_a_strategy_of_ones_own_are_tried_instead() {
    assert_round_trip!(Painted, painted(0));

    let message = check_round_trip(painted(4001)).unwrap_err().to_string();
    assert!(message.contains("the id is unassigned"), "{message}");
}

#[test]
fn values_of_a_type_that_proptest_knows_are_its_own() {
    #[derive(Debug, Clone, PartialEq)]
    struct Even(u32);

    impl Arbitrary for Even {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            any::<u32>().prop_map(|number| Self(number & !1)).boxed()
        }
    }

    impl PropertyValue for Even {
        const KIND: PropertyKind = PropertyKind::Number;

        fn to_value(&self) -> Result<Value, ValueError> {
            (self.0 / 2).to_value()
        }

        fn from_value(value: &Value) -> Result<Self, ValueError> {
            u32::from_value(value).map(|half| Self(half * 2))
        }
    }

    #[derive(Debug, PartialEq, ContactMapping)]
    struct Paired {
        #[contact(id)]
        id: u64,
        shoes: Even,
    }
    assert_round_trip!(Paired);
}

/// A mapping written by hand has no contacts of its own; a strategy brings them. This one forgets to clear.
#[test]
fn a_patch_that_does_not_do_what_the_properties_say_is_found() {
    use botmatic_contact::{ContactPatch, MappingError, Properties, Property};

    #[derive(Debug, Clone, PartialEq)]
    struct Forgetful(Option<String>);

    #[derive(Debug)]
    struct Change(Properties);

    impl ContactMapping for Forgetful {
        type Patch = Change;
        const PROPERTIES: &'static [Property] = &[Property::new("name", PropertyKind::Text)];
        const EMAIL: Option<&'static str> = None;

        fn external_id(&self) -> Option<ExternalId> {
            None
        }

        fn to_properties(&self) -> Result<Properties, MappingError> {
            Ok(self.0.iter().map(|name| ("name", name.clone())).collect())
        }

        fn from_properties(properties: &Properties) -> Result<Self, MappingError> {
            Ok(Self(properties.get("name").and_then(Value::as_str).map(str::to_owned)))
        }
    }

    impl ContactPatch for Change {
        type Contact = Forgetful;

        fn from_properties(properties: &Properties) -> Result<Self, MappingError> {
            Ok(Self(properties.clone()))
        }

        fn to_properties(&self) -> Result<Properties, MappingError> {
            Ok(self.0.clone())
        }

        fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        fn apply(self, contact: &mut Forgetful) -> Result<(), MappingError> {
            if let Some(Value::String(name)) = self.0.get("name") {
                contact.0 = Some(name.clone());
            }
            Ok(())
        }
    }

    let message = check_round_trip(any::<Option<String>>().prop_map(Forgetful)).unwrap_err().to_string();
    assert!(message.starts_with("property `name` "), "{message}");
}
