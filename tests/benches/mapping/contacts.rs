//! Contacts with a few fields and with many, and the conversion that one writes for each without the framework: into a
//! JSON object, and into the same properties.

use std::fmt::Debug;

use botmatic_contact::Properties;
use botmatic_contact::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A contact that is mapped by the derive, and by hand.
pub(crate) trait ByHand: ContactMapping + Debug + PartialEq {
    /// Some contact.
    fn sample() -> Self;

    /// Writes each property that the contact has.
    fn write(&self, put: impl FnMut(&'static str, Value));

    /// Reads the contact.
    fn read<'v>(get: impl Fn(&'static str) -> Option<&'v Value>) -> Option<Self>;

    fn to_object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        self.write(|name, value| drop(object.insert(name.to_owned(), value)));
        object
    }

    fn from_object(object: &Map<String, Value>) -> Option<Self> {
        Self::read(|name| object.get(name))
    }

    fn to_same(&self) -> Properties {
        let mut properties = Properties::with_capacity(Self::PROPERTIES.len());
        self.write(|name, value| properties.set(name, value));
        properties
    }

    fn from_same(properties: &Properties) -> Option<Self> {
        Self::read(|name| properties.get(name))
    }

    /// That all of them do the same.
    fn check() {
        let contact = Self::sample();
        let (object, properties) = (contact.to_object(), contact.to_properties().unwrap());
        assert_eq!(object.clone().into_iter().collect::<Properties>(), properties, "all write the same");
        assert_eq!(contact.to_same(), properties, "all write the same");
        assert_eq!(Self::from_object(&object).as_ref(), Some(&contact), "all read the same");
        assert_eq!(Self::from_same(&properties).as_ref(), Some(&contact), "all read the same");
        assert_eq!(Self::from_properties(&properties).unwrap(), contact, "all read the same");
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct School {
    name: String,
    city: String,
    year: u16,
}

impl School {
    fn sample() -> Self {
        Self { name: "Politechnika".to_owned(), city: "Łódź".to_owned(), year: 2008 }
    }
}

/// A contact with eleven fields, one of them the id.
#[derive(Debug, PartialEq, ContactMapping)]
pub(crate) struct Candidate {
    #[contact(id)]
    id: u64,
    #[contact("firstname")]
    first_name: String,
    #[contact("lastname")]
    last_name: String,
    #[contact("email", email)]
    email: Option<String>,
    phone: Option<String>,
    #[contact("birthdate")]
    birth_date: Option<Date>,
    #[contact("signup_date")]
    signed_up: Timestamp,
    validation: u8,
    account: Option<String>,
    origin: Option<String>,
    #[contact(json)]
    school: Option<School>,
}

impl ByHand for Candidate {
    fn sample() -> Self {
        Self {
            id: 0,
            first_name: "Zofia".to_owned(),
            last_name: "Ćwiklińska".to_owned(),
            email: Some("zofia@example.test".to_owned()),
            phone: Some("0048221234567".to_owned()),
            birth_date: Some("1984-02-29".parse().unwrap()),
            signed_up: "2018-02-09T12:44:26Z".parse().unwrap(),
            validation: 3,
            account: None,
            origin: Some("fair".to_owned()),
            school: Some(School::sample()),
        }
    }

    fn write(&self, mut put: impl FnMut(&'static str, Value)) {
        put("firstname", self.first_name.clone().into());
        put("lastname", self.last_name.clone().into());
        if let Some(email) = &self.email {
            put("email", email.clone().into());
        }
        if let Some(phone) = &self.phone {
            put("phone", phone.clone().into());
        }
        if let Some(birth_date) = self.birth_date {
            put("birthdate", birth_date.to_string().into());
        }
        put("signup_date", self.signed_up.to_string().into());
        put("validation", self.validation.into());
        if let Some(account) = &self.account {
            put("account", account.clone().into());
        }
        if let Some(origin) = &self.origin {
            put("origin", origin.clone().into());
        }
        if let Some(school) = &self.school {
            put("school", serde_json::to_string(school).unwrap().into());
        }
    }

    fn read<'v>(get: impl Fn(&'static str) -> Option<&'v Value>) -> Option<Self> {
        let text = |name| get(name).and_then(Value::as_str);
        Some(Self {
            id: 0,
            first_name: text("firstname")?.to_owned(),
            last_name: text("lastname")?.to_owned(),
            email: text("email").map(ToOwned::to_owned),
            phone: text("phone").map(ToOwned::to_owned),
            birth_date: text("birthdate").and_then(|date| date.parse().ok()),
            signed_up: text("signup_date")?.parse().ok()?,
            validation: get("validation")?.as_u64()?.try_into().ok()?,
            account: text("account").map(ToOwned::to_owned),
            origin: text("origin").map(ToOwned::to_owned),
            school: text("school").and_then(|school| serde_json::from_str(school).ok()),
        })
    }
}

/// Declares a contact with fields of these types, each named like its property.
macro_rules! contact {
    (
        $contact:ident
        text: $($text:ident)*;
        optional text: $($optional:ident)*;
        number: $($number:ident)*;
        float: $($float:ident)*;
        truth: $($truth:ident)*;
        date: $($date:ident)*;
        moment: $($moment:ident)*;
        json: $($json:ident)*;
    ) => {
        #[derive(Debug, PartialEq, ContactMapping)]
        pub(crate) struct $contact {
            #[contact(id)]
            id: u64,
            $($text: String,)*
            $($optional: Option<String>,)*
            $($number: u32,)*
            $($float: f64,)*
            $($truth: bool,)*
            $($date: Option<Date>,)*
            $($moment: Timestamp,)*
            $(#[contact(json)] $json: School,)*
        }

        impl ByHand for $contact {
            fn sample() -> Self {
                Self {
                    id: 0,
                    $($text: concat!("the ", stringify!($text)).to_owned(),)*
                    $($optional: Some(concat!("the ", stringify!($optional))).filter(|text| text.len() % 4 > 0).map(ToOwned::to_owned),)*
                    $($number: u32::try_from(stringify!($number).len()).unwrap(),)*
                    $($float: 0.125 * f64::from(u32::try_from(stringify!($float).len()).unwrap()),)*
                    $($truth: stringify!($truth).len() % 2 == 0,)*
                    $($date: Some("1984-02-29".parse().unwrap()),)*
                    $($moment: "2018-02-09T12:44:26Z".parse().unwrap(),)*
                    $($json: School::sample(),)*
                }
            }

            fn write(&self, mut put: impl FnMut(&'static str, Value)) {
                $(put(stringify!($text), self.$text.clone().into());)*
                $(if let Some(text) = &self.$optional {
                    put(stringify!($optional), text.clone().into());
                })*
                $(put(stringify!($number), self.$number.into());)*
                $(put(stringify!($float), self.$float.into());)*
                $(put(stringify!($truth), self.$truth.into());)*
                $(if let Some(date) = self.$date {
                    put(stringify!($date), date.to_string().into());
                })*
                $(put(stringify!($moment), self.$moment.to_string().into());)*
                $(put(stringify!($json), serde_json::to_string(&self.$json).unwrap().into());)*
            }

            fn read<'v>(get: impl Fn(&'static str) -> Option<&'v Value>) -> Option<Self> {
                let text = |name| get(name).and_then(Value::as_str);
                Some(Self {
                    id: 0,
                    $($text: text(stringify!($text))?.to_owned(),)*
                    $($optional: text(stringify!($optional)).map(ToOwned::to_owned),)*
                    $($number: get(stringify!($number))?.as_u64()?.try_into().ok()?,)*
                    $($float: get(stringify!($float))?.as_f64()?,)*
                    $($truth: get(stringify!($truth))?.as_bool()?,)*
                    $($date: text(stringify!($date)).and_then(|date| date.parse().ok()),)*
                    $($moment: text(stringify!($moment))?.parse().ok()?,)*
                    $($json: serde_json::from_str(text(stringify!($json))?).ok()?,)*
                })
            }
        }
    };
}

contact! {
    Employee
    text: first_name last_name street city country language department title office manager badge status
        contract currency union;
    optional text: email phone mobile fax middle_name maiden_name nickname website linkedin twitter diploma
        speciality hobby allergy;
    number: age salary bonus children seniority floor desk vacation;
    float: workload score;
    truth: active remote driver;
    date: birthdate hired promoted reviewed;
    moment: created updated;
    json: school;
}
