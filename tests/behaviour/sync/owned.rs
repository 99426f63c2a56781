//! Properties that one side owns: where both have said something else, its word counts, whichever is told first.

use std::sync::{Arc, Mutex};

use botmatic_contact::key_store::MemoryKeyStore;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Answer, Service};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, ContactMapping)]
struct Member {
    #[contact(id)]
    id: u64,
    #[contact("firstname")]
    name: String,
    #[contact(owner = external)]
    tier: Option<String>,
}

impl Member {
    fn of(tier: &str) -> Self {
        Self { id: 17, name: "Ada".to_owned(), tier: Some(tier.to_owned()) }
    }
}

/// An external service with one member, which counts how often it is asked.
#[derive(Debug, Clone)]
struct Club {
    member: Arc<Mutex<Member>>,
    asked: Arc<Mutex<u64>>,
}

impl ExternalApiConsumer for Club {
    type Contact = Member;
    type Client = ();

    async fn create_contact(&self, _: &Auth, _: Member) -> Result<ExternalId, ConsumerError> {
        Err(ConsumerError::unsupported("create_contact"))
    }

    async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<Member>, ConsumerError> {
        *self.asked.lock().unwrap() += 1;
        Ok(Some(self.member.lock().unwrap().clone()))
    }

    async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Member>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact_by_email"))
    }

    async fn list_contacts(&self, _: &Auth, _: Page) -> Result<Vec<Member>, ConsumerError> {
        Err(ConsumerError::unsupported("list_contacts"))
    }

    async fn update_contact(
        &self,
        _: &Auth,
        _: &ExternalId,
        patch: MemberPatch,
    ) -> Result<(), ConsumerError> {
        Ok(patch.apply(&mut self.member.lock().unwrap())?)
    }

    async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("delete_contact"))
    }
}

#[botmatic::integration]
impl Club {
    #[botmatic::action("ping")]
    async fn ping(&self) -> &'static str {
        "pong"
    }
}

/// A club whose silver member is on Botmatic, too.
struct World {
    club: Club,
    simulator: Simulator,
    service: Service<Club>,
    token: Token,
}

impl World {
    async fn new() -> Self {
        let club = Club { member: Arc::new(Mutex::new(Member::of("silver"))), asked: Arc::default() };
        let (simulator, token) = (Simulator::new(), Token::new("tok-alpha"));
        let service = botmatic::builder(club.clone())
            .platform(simulator.clone())
            .key_store(MemoryKeyStore::new())
            .build()
            .unwrap();
        simulator.connect(&token, service.clone());
        assert!(simulator.install(&token).await.unwrap().success);
        let world = Self { club, simulator, service, token };
        world.botmatic().await.create_contact(Member::of("silver")).await.unwrap();
        world
    }

    async fn botmatic(&self) -> Botmatic<Club> {
        self.service.botmatic(&self.token).await.unwrap()
    }

    /// Somebody changes something on Botmatic, which tells it.
    async fn edits_on_botmatic(&self, mut changes: Value) {
        self.simulator.update_contact(&self.token, &9001_u64.into(), properties(&changes)).unwrap();
        changes.as_object_mut().unwrap().insert("id".to_owned(), json!(9001));
        let event = json!({ "event": "contact_updated", "data": changes }).to_string();
        let answer = self.service.handle(Some(self.token.clone()), event.as_bytes()).await;
        assert!(matches!(answer, Answer::Reply(body) if body.ends_with(br#""success":true}"#)));
    }

    fn tiers(&self) -> [Option<String>; 2] {
        let on_botmatic = self.simulator.contact(&self.token, &9001_u64.into()).unwrap();
        let tier = on_botmatic.properties.get("tier").and_then(|tier| tier.as_str().map(str::to_owned));
        [tier, self.club.member.lock().unwrap().tier.clone()]
    }
}

fn properties(values: &Value) -> Properties {
    let values = values.as_object().unwrap().iter();
    values.map(|(name, value)| (name.clone(), value.as_str().unwrap())).collect()
}

#[tokio::test]
async fn what_the_external_service_owns_counts_whichever_word_comes_first() {
    for is_told_first in [true, false] {
        let world = World::new().await;
        *world.club.member.lock().unwrap() = Member::of("gold");
        if is_told_first {
            world.botmatic().await.update_contact(Member::of("gold")).await.unwrap();
        }
        world.edits_on_botmatic(json!({ "tier": "iron" })).await;
        if !is_told_first {
            world.botmatic().await.update_contact(Member::of("gold")).await.unwrap();
        }
        let gold = Some("gold".to_owned());
        assert_eq!(world.tiers(), [gold.clone(), gold], "told first: {is_told_first}");
    }
}

#[tokio::test]
async fn what_the_external_service_owns_and_has_not_changed_may_be_changed_on_botmatic() {
    let world = World::new().await;
    world.edits_on_botmatic(json!({ "tier": "gold" })).await;
    let gold = Some("gold".to_owned());
    assert_eq!(world.tiers(), [gold.clone(), gold]);
    assert_eq!(*world.club.asked.lock().unwrap(), 1);
    // What it does not own is written without asking.
    world.edits_on_botmatic(json!({ "firstname": "Countess" })).await;
    assert_eq!(world.club.member.lock().unwrap().name, "Countess");
    assert_eq!(*world.club.asked.lock().unwrap(), 1);
}
