//! The external service of the recordings: its contacts, with the mapping that the packages had.

use std::sync::OnceLock;

use botmatic_contact::prelude::*;
use botmatic_contact::{Integration, Table};
use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The contacts of a mapping set: `$id` is the name of the id on the external service.
macro_rules! mapping_set {
    ($(#[$docs:meta])* $name:ident, $id:ident) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Default, Serialize, Deserialize, ContactMapping)]
        #[serde(default)]
        pub(crate) struct $name {
            #[contact(id)]
            $id: Option<ExternalId>,
            #[contact("firstname")]
            given_name: Option<String>,
            #[contact("lastname")]
            family_name: Option<String>,
            #[contact("email", email)]
            email: Option<String>,
            #[contact("phone")]
            mobile: Option<String>,
            #[contact("zip")]
            postal_code: Option<String>,
            #[contact("signup_date", with = iso_time)]
            registered_at: Option<DateTime>,
            #[contact("score")]
            #[serde(deserialize_with = "number")]
            score: Option<i64>,
            #[contact("company", json)]
            company: Option<Value>,
        }
    };
}

mapping_set!(
    /// The mapping set `crm`.
    Person,
    id
);
mapping_set!(
    /// The mapping set `crm_custom_id`.
    Customer,
    customer_no
);

/// What the recordings call the transforms `sql_to_iso` and `iso_to_sql`.
mod iso_time {
    use jiff::civil::DateTime;

    const ISO: &str = "%Y-%m-%dT%H:%M:%S.000Z";

    pub(super) fn to_botmatic(time: &DateTime) -> String {
        time.strftime(ISO).to_string()
    }

    pub(super) fn from_botmatic(time: String) -> Result<DateTime, jiff::Error> {
        DateTime::strptime(ISO, time)
    }
}

/// The packages take a number that is a text for a text; a field here has one type.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(digits) => Some(digits.parse().unwrap()),
        other => other.as_i64(),
    })
}

/// The external service. All that is asked of it is to list its contacts.
pub(crate) struct Crm<C> {
    contacts: Vec<C>,
    page_size: OnceLock<u64>,
}

impl<C> Crm<C> {
    pub(crate) fn with(contacts: Vec<C>) -> Self {
        Self { contacts, page_size: OnceLock::new() }
    }

    /// How many contacts at once it was asked for, if it was.
    pub(crate) fn page_size(&self) -> Option<u64> {
        self.page_size.get().copied()
    }
}

impl<C: ContactMapping + Clone> Integration for Crm<C> {
    fn table() -> Table<Self> {
        Table::new()
    }
}

impl<C: ContactMapping + Clone> ExternalApiConsumer for Crm<C> {
    type Contact = C;
    type Client = ();

    async fn create_contact(&self, _: &Auth, _: C) -> Result<ExternalId, ConsumerError> {
        Err(ConsumerError::unsupported("create_contact"))
    }

    async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<C>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact"))
    }

    async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<C>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact_by_email"))
    }

    async fn list_contacts(&self, _: &Auth, page: Page) -> Result<Vec<C>, ConsumerError> {
        let start = usize::try_from(page.offset())?;
        assert_eq!(*self.page_size.get_or_init(|| page.size.into()), u64::from(page.size));
        Ok(self.contacts.iter().skip(start).take(page.size as usize).cloned().collect())
    }

    async fn update_contact(&self, _: &Auth, _: &ExternalId, _: C::Patch) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("update_contact"))
    }

    async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("delete_contact"))
    }
}
