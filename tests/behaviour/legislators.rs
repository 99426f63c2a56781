//! Real data: the members of the Congress of the United States, with leading zeros, nulls, and structures in which one
//! and the same member is sometimes text and sometimes a number.
//!
//! The data is no part of this repository. Without it this says so and passes, except where `CI` is `true`.

use std::path::Path;
use std::sync::{Arc, Mutex};

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/legislators.json");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ContactMapping)]
struct Legislator {
    #[contact(id)]
    id: String,
    #[contact("firstname")]
    first_name: String,
    middle_name: Option<String>,
    #[contact("lastname")]
    last_name: String,
    suffix: Option<String>,
    nickname: Option<String>,
    birthday: Date,
    gender: char,
    phone: Option<String>,
    fax: Option<String>,
    address: Option<String>,
    website: Option<String>,
    state: String,
    district: Option<u8>,
    party: String,
    chamber: String,
    term_start: Date,
    term_end: Date,
    twitter: Option<String>,
    #[contact("offices", json)]
    offices: Vec<Value>,
}

/// The service that has them, and that nobody writes to.
#[derive(Debug, Clone)]
struct Congress {
    members: Arc<Vec<Legislator>>,
    writes: Arc<Mutex<Vec<String>>>,
}

impl Congress {
    fn written<T>(&self, id: &impl ToString) -> Result<T, ConsumerError> {
        self.writes.lock().unwrap().push(id.to_string());
        Err(ConsumerError::rejected("the Congress is elected"))
    }
}

impl ExternalApiConsumer for Congress {
    type Contact = Legislator;
    type Client = ();

    async fn create_contact(&self, _auth: &Auth, contact: Legislator) -> Result<ExternalId, ConsumerError> {
        self.written(&contact.last_name)
    }

    async fn get_contact(&self, _auth: &Auth, id: &ExternalId) -> Result<Option<Legislator>, ConsumerError> {
        Ok(self.members.iter().find(|member| member.id == id.as_str()).cloned())
    }

    async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Legislator>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact_by_email"))
    }

    async fn list_contacts(&self, _auth: &Auth, page: Page) -> Result<Vec<Legislator>, ConsumerError> {
        let (offset, size) = (usize::try_from(page.offset())?, usize::try_from(page.size)?);
        Ok(self.members.iter().skip(offset).take(size).cloned().collect())
    }

    async fn update_contact(
        &self,
        _auth: &Auth,
        id: &ExternalId,
        _patch: LegislatorPatch,
    ) -> Result<(), ConsumerError> {
        self.written(id)
    }

    async fn delete_contact(&self, _auth: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        self.written(id)
    }
}

#[botmatic::integration]
impl Congress {
    #[botmatic::action("count")]
    async fn count(&self) -> usize {
        self.members.len()
    }
}

/// The text of the file, if it is there.
fn data() -> Option<String> {
    match std::fs::read_to_string(Path::new(DATA)) {
        Ok(text) => Some(text),
        Err(error) => {
            let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!ci, "{DATA} is missing where it must not be: {error}");
            println!("NOT TESTED: {DATA} is missing: {error}");
            None
        }
    }
}

/// What a member of the file is on Botmatic: its value as it is, structures as text, nulls absent.
fn assert_arrived(name: &str, original: &Value, arrived: Option<&Value>) {
    match (original, arrived) {
        (Value::Null, arrived) => assert_eq!(arrived, None, "{name}"),
        (Value::Array(_), Some(Value::String(text))) => {
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), *original, "{name}");
        }
        (original, arrived) => assert_eq!(arrived, Some(original), "{name}"),
    }
}

#[tokio::test]
async fn all_537_legislators_arrive_and_come_back_unchanged_in_value_and_type() {
    let Some(text) = data() else { return };
    let originals: Vec<Value> = serde_json::from_str(&text).unwrap();
    let members: Vec<Legislator> = serde_json::from_str(&text).unwrap();
    assert_eq!(members.len(), 537);
    // The data has what it is here for.
    assert!(text.contains(r#""zip": "0"#) || text.contains(r#""zip":"0"#), "a zip code with a leading zero");
    let suites = || originals.iter().flat_map(|member| member["offices"].as_array().unwrap());
    assert!(suites().any(|office| office["suite"].is_number()));
    assert!(suites().any(|office| office["suite"].is_string()));

    let congress = Congress { members: Arc::new(members), writes: Arc::default() };
    let (simulator, token) = (Simulator::new(), Token::new("tok-alpha"));
    let service = botmatic::builder(congress.clone())
        .platform(simulator.clone())
        .key_store(MemoryKeyStore::new())
        .build()
        .unwrap();
    simulator.connect(&token, service.clone());
    simulator.install(&token).await.unwrap();
    let botmatic = service.botmatic(&token).await.unwrap();
    let report = botmatic.import_all().await.unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.created, 537);

    let contacts = simulator.contacts(&token);
    assert_eq!(contacts.len(), 537);
    for ((contact, member), original) in contacts.iter().zip(&*congress.members).zip(&originals) {
        for (name, value) in original.as_object().unwrap().iter().filter(|(name, _)| *name != "id") {
            let property = name.replace("first_name", "firstname").replace("last_name", "lastname");
            assert_arrived(&property, value, contact.properties.get(&property));
        }
        let back = Legislator::from_properties(&contact.properties).unwrap();
        assert_eq!(back, Legislator { id: String::new(), ..member.clone() });
        let mut serialised = serde_json::to_value(&back).unwrap();
        serialised["id"] = original["id"].clone();
        assert_eq!(serialised, *original);
    }

    // Botmatic tells of all of them; each is recognised, and nobody is written to.
    tokio::select! {
        () = simulator.deliver(std::future::pending()) => unreachable!("it never ends by itself"),
        () = simulator.settled() => {}
    }
    assert_eq!(*congress.writes.lock().unwrap(), [""; 0]);
    let report = botmatic.import_all().await.unwrap();
    assert_eq!((report.created, report.updated, report.unchanged), (0, 0, 537));
}
