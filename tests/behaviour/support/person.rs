//! A contact in the address book's terms.

use botmatic_contact::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ContactMapping)]
pub(crate) struct Person {
    #[contact(id)]
    pub(crate) id: u64,
    #[contact("firstname")]
    pub(crate) first_name: String,
    #[contact("email", email)]
    pub(crate) email: Option<String>,
    pub(crate) city: Option<String>,
    /// Not-a-number cannot be written on Botmatic: a broken record.
    pub(crate) score: Option<f64>,
    /// The address book's to say.
    #[contact(read_only)]
    pub(crate) member_since: Option<u32>,
    /// The address book takes it and tells nobody.
    #[contact(write_only)]
    pub(crate) greeting: Option<String>,
}

impl Person {
    pub(crate) fn named(first_name: &str) -> Self {
        Self { first_name: first_name.to_owned(), ..Self::default() }
    }

    pub(crate) fn id(self, id: u64) -> Self {
        Self { id, ..self }
    }

    pub(crate) fn email(self, email: &str) -> Self {
        Self { email: Some(email.to_owned()), ..self }
    }

    pub(crate) fn city(self, city: &str) -> Self {
        Self { city: Some(city.to_owned()), ..self }
    }

    pub(crate) fn greeting(self, greeting: &str) -> Self {
        Self { greeting: Some(greeting.to_owned()), ..self }
    }
}
