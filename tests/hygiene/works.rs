//! What has to hold of everything the macros made, wherever they made it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard};

use serde::Serialize;
use serde_json::Value;

use crate::runtime::prelude::*;
use crate::runtime::simulator::Simulator;
use crate::runtime::{Integration, KeyStore, Table};

/// An action, its data and its answer, both as JSON.
pub(crate) type Answer = (&'static str, &'static str, &'static str);

/// A service that was made somewhere.
pub(crate) trait Subject: Integration + Default + ExternalApiConsumer<Client = ()> {
    /// A contact with two fields, `value` and `values`.
    type Generic: ContactMapping;

    /// What its actions answer.
    const ANSWERS: &'static [Answer];

    /// Handlers that are no methods.
    fn more() -> Table<Self>;

    /// A contact that has no id yet.
    fn contact() -> Self::Contact;

    /// Tries the second contact's mapping.
    fn round_trip();

    /// Everybody who is there.
    fn people(&self) -> &People<Self::Contact>;
}

/// The people of an external service.
#[derive(Debug)]
pub(crate) struct People<P>(Mutex<BTreeMap<String, P>>);

impl<P> Default for People<P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<P: ContactMapping + Clone> People<P> {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, P>> {
        self.0.lock().unwrap()
    }

    pub(crate) fn add(&self, id: u64, person: P) -> ExternalId {
        self.all().insert(id.to_string(), person);
        id.into()
    }

    pub(crate) fn get(&self, id: &ExternalId) -> Option<P> {
        self.all().get(id.as_str()).cloned()
    }

    pub(crate) fn find(&self, field: impl Fn(&P) -> Option<&str>, value: &str) -> Option<P> {
        self.all().values().find(|person| field(person) == Some(value)).cloned()
    }

    pub(crate) fn page(&self, page: Page) -> Vec<P> {
        if page.number == 1 { self.all().values().cloned().collect() } else { Vec::new() }
    }

    pub(crate) fn change(&self, id: &ExternalId, patch: P::Patch) -> Result<(), ConsumerError> {
        let mut people = self.all();
        let person = people.get_mut(id.as_str()).ok_or_else(ConsumerError::not_found)?;
        Ok(patch.apply(person)?)
    }

    pub(crate) fn remove(&self, id: &ExternalId) {
        self.all().remove(id.as_str());
    }
}

type PatchOf<S> = <<S as ExternalApiConsumer>::Contact as ContactMapping>::Patch;

/// Maps, patches, serves and syncs.
pub(crate) async fn works<S>()
where
    S: Subject<Contact: Clone + Debug + PartialEq + Serialize>,
    PatchOf<S>: Default + Debug + Serialize,
{
    let contact = S::contact();
    let properties = contact.to_properties().unwrap();
    assert_eq!(S::Contact::from_properties(&properties).unwrap(), contact);
    assert_eq!(S::Contact::canonical(properties.clone()).unwrap(), properties);

    let patch = PatchOf::<S>::from_properties(&properties).unwrap();
    assert!(!patch.is_empty() && PatchOf::<S>::default().is_empty());
    let (whole, partial) = (serde_json::to_value(&contact).unwrap(), serde_json::to_value(&patch).unwrap());
    for (name, value) in partial.as_object().unwrap() {
        assert_eq!(&whole[name], value, "{name}");
    }
    let mut again = contact.clone();
    patch.apply(&mut again).unwrap();
    assert_eq!(again, contact);

    let properties = Properties::from_iter([("value", "a"), ("values", r#"["b","c"]"#)]);
    let generic = S::Generic::from_properties(&properties).unwrap();
    assert_eq!(generic.to_properties().unwrap(), properties);
    S::round_trip();

    serves::<S>(MemoryKeyStore::new()).await;
}

async fn serves<S: Subject<Contact: Clone + Debug>>(store: impl KeyStore) {
    let (simulator, token) = (Simulator::new(), Token::new("tok-alpha"));
    let service = botmatic::builder(S::default())
        .handlers(S::more())
        .platform(simulator.clone())
        .key_store(store)
        .build()
        .unwrap();
    assert_eq!(service.settings_path(), Some("/settings"));
    simulator.connect(&token, service.clone());
    assert!(simulator.install(&token).await.unwrap().success);
    for (action, data, answer) in S::ANSWERS {
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let said = simulator.action(&token, action, json(data)).await.unwrap();
        assert_eq!((said.success, said.data), (true, json(answer)), "{action}");
    }

    simulator.create_contact(&token, S::contact().to_properties().unwrap()).unwrap();
    tokio::select! {
        () = simulator.deliver(std::future::pending()) => {}
        () = simulator.settled() => {}
    }
    let people = service.integration().people().page(Page::first(30));
    let [person] = &people[..] else { panic!("{people:?}") };
    assert_eq!(person.to_properties().unwrap(), S::contact().to_properties().unwrap());
}
