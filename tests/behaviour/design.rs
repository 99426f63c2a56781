//! The integration that the documentation shows, as a whole: built, installed, kept in step and called.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt;
use std::future::pending;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::{HttpEndpoint, Simulator};
use botmatic_contact::{BotId, Properties, Service, Value};
use jiff::civil::date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;

/// A candidate, in the recruiting service's own terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ContactMapping)]
pub(crate) struct Candidate {
    #[contact(id)]
    pub(crate) id_candidate: u64,
    #[contact("firstname")]
    pub(crate) first_name: String,
    #[contact("email", email)]
    pub(crate) email_address: Option<String>,
    #[contact("birthdate")]
    pub(crate) birth_date: Option<jiff::civil::Date>,
    #[contact("signup_date", with = legacy_datetime)]
    pub(crate) signed_up: jiff::Timestamp,
    #[contact("validation")]
    pub(crate) validation: u8,
    #[contact("school", json)]
    pub(crate) school: Option<School>,
    #[contact(skip)]
    pub(crate) password_hash: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct School {
    pub(crate) name: String,
    pub(crate) years: Vec<u16>,
    pub(crate) degree: Option<Option<String>>,
}

/// The recruiting service's own way to write a moment: `13/10/2021 05:06:07`, always UTC.
mod legacy_datetime {
    use jiff::tz::TimeZone;
    use jiff::{Timestamp, civil};

    const FORMAT: &str = "%d/%m/%Y %H:%M:%S";

    pub(super) fn to_botmatic(moment: &Timestamp) -> String {
        TimeZone::UTC.to_datetime(*moment).strftime(FORMAT).to_string()
    }

    pub(super) fn from_botmatic(text: String) -> Result<Timestamp, jiff::Error> {
        Ok(civil::DateTime::strptime(FORMAT, text)?.to_zoned(TimeZone::UTC)?.timestamp())
    }
}

pub(crate) fn ada() -> Candidate {
    Candidate {
        id_candidate: 4001,
        first_name: "Ada".to_owned(),
        email_address: Some("ada@example.org".to_owned()),
        birth_date: Some(date(1815, 12, 10)),
        signed_up: "2021-10-13T05:06:07Z".parse().unwrap(),
        validation: 3,
        school: Some(School { name: "Home".to_owned(), years: vec![1829], degree: None }),
        password_hash: "$argon2id$canary".to_owned(),
    }
}

/// The recruiting service.
struct Recruiting {
    candidates: Mutex<BTreeMap<u64, Candidate>>,
    heard: Mutex<Vec<String>>,
    city: String,
}

/// Whose installation it is.
#[derive(Debug, Clone, Default)]
struct Account {
    agency: Option<String>,
}

/// Why a handler could not do what it should.
#[derive(Debug)]
enum AppError {
    NobodyRecruits(String),
    Botmatic(botmatic_contact::Error),
}

impl fmt::Display for AppError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NobodyRecruits(city) => write!(formatter, "nobody recruits in {city}"),
            Self::Botmatic(error) => error.fmt(formatter),
        }
    }
}

impl Error for AppError {}

impl From<botmatic_contact::Error> for AppError {
    fn from(error: botmatic_contact::Error) -> Self {
        Self::Botmatic(error)
    }
}

#[derive(Deserialize)]
struct JobQuery {
    city: String,
}

#[derive(Serialize)]
struct Jobs {
    jobs: Vec<String>,
}

#[derive(Deserialize)]
struct Set {
    property: String,
    value: String,
}

impl Recruiting {
    fn from_env() -> botmatic_contact::Result<Self> {
        let city = env::var("RECRUITING_CITY").unwrap_or_else(|_| "Lyon".to_owned());
        Ok(Self { candidates: Mutex::new([(4001, ada())].into()), heard: Mutex::default(), city })
    }

    fn candidates(&self) -> MutexGuard<'_, BTreeMap<u64, Candidate>> {
        self.candidates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, what: String) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

impl ExternalApiConsumer for Recruiting {
    type Contact = Candidate;
    type Client = Account;

    async fn create_contact(
        &self,
        _: &Auth<Account>,
        contact: Candidate,
    ) -> Result<ExternalId, ConsumerError> {
        let mut candidates = self.candidates();
        let id_candidate = candidates.keys().last().map_or(1, |last| last + 1);
        candidates.insert(id_candidate, Candidate { id_candidate, ..contact });
        Ok(id_candidate.into())
    }

    async fn get_contact(
        &self,
        _: &Auth<Account>,
        id: &ExternalId,
    ) -> Result<Option<Candidate>, ConsumerError> {
        Ok(self.candidates().get(&id.as_str().parse()?).cloned())
    }

    async fn get_contact_by_email(
        &self,
        _: &Auth<Account>,
        email: &str,
    ) -> Result<Option<Candidate>, ConsumerError> {
        let candidates = self.candidates();
        Ok(candidates.values().find(|candidate| candidate.email_address.as_deref() == Some(email)).cloned())
    }

    async fn list_contacts(&self, _: &Auth<Account>, page: Page) -> Result<Vec<Candidate>, ConsumerError> {
        let (skipped, taken) = (usize::try_from(page.offset())?, page.size as usize);
        Ok(self.candidates().values().skip(skipped).take(taken).cloned().collect())
    }

    async fn update_contact(
        &self,
        _: &Auth<Account>,
        id: &ExternalId,
        patch: CandidatePatch,
    ) -> Result<(), ConsumerError> {
        let mut candidates = self.candidates();
        let candidate = candidates.get_mut(&id.as_str().parse()?).ok_or_else(ConsumerError::not_found)?;
        Ok(patch.apply(candidate)?)
    }

    async fn delete_contact(&self, _: &Auth<Account>, id: &ExternalId) -> Result<(), ConsumerError> {
        self.candidates().remove(&id.as_str().parse()?).map(drop).ok_or_else(ConsumerError::not_found)
    }
}

/// What the bot can ask, and what we want to hear about.
#[botmatic::integration]
impl Recruiting {
    #[botmatic::on(install)]
    async fn installed(&self, install: Install) -> Result<(), AppError> {
        self.hear(format!("installed for {}", install.data));
        Ok(())
    }

    #[botmatic::on(user_reply)]
    async fn heard(&self, reply: UserReply, auth: Auth<Account>) -> Result<(), AppError> {
        self.hear(format!("{} of {:?} says {:?}", reply.contact_id, auth.client().agency, reply.text));
        Ok(())
    }

    #[botmatic::action("find_jobs")]
    async fn find_jobs(&self, Params(query): Params<JobQuery>) -> Result<Jobs, AppError> {
        if query.city != self.city {
            return Err(AppError::NobodyRecruits(query.city));
        }
        Ok(Jobs { jobs: vec!["engineer".to_owned()] })
    }

    #[botmatic::action(pattern = r"set_(?<property>\w+)_(?<value>.+)")]
    async fn set(
        &self,
        Captures(c): Captures<Set>,
        who: ContactId,
        botmatic: Botmatic<Self>,
    ) -> Result<(), AppError> {
        let changes = Properties::from_iter([(c.property, c.value)]);
        Ok(botmatic.set_properties(&who, &changes).await?)
    }
}

/// What stands in `main`, but for the service, which is in this process.
fn integration(pairs: &Path, botmatic: &Simulator) -> botmatic_contact::Result<Service<Recruiting>> {
    botmatic::builder(Recruiting::from_env()?)
        .key_store(RedbKeyStore::open(pairs)?)
        .endpoint("/botmatic")
        .platform(botmatic.clone())
        .build()
}

/// Everything of a life: the install and its import, a change on either side, what bots ask and what users say.
#[tokio::test]
async fn the_integration_of_the_documentation_works_as_it_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, token) = (Simulator::new(), Token::new("the token of a workspace"));
    let integration = integration(&folder.path().join("pairs.redb"), &simulator).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/botmatic", listener.local_addr().unwrap());
    simulator.connect(&token, HttpEndpoint::new(url).unwrap());
    let serving = integration.clone();
    tokio::spawn(async move { serving.serve_with(listener, axum::Router::new(), pending()).await });
    let delivering = simulator.clone();
    tokio::spawn(async move { delivering.deliver(pending()).await });

    assert!(simulator.install(&token).await.unwrap().success);
    let botmatic = integration.botmatic(&token).await.unwrap();
    let report = botmatic.import_all().await.unwrap();
    assert_eq!((report.created, report.failures.len()), (1, 0));
    let on_botmatic = |name: &str| -> Vec<Value> {
        let contacts = simulator.contacts(&token);
        contacts.iter().map(|contact| contact.properties.get(name).cloned().unwrap_or_default()).collect()
    };
    assert_eq!(on_botmatic("firstname"), ["Ada"]);
    assert_eq!(on_botmatic("signup_date"), ["13/10/2021 05:06:07"]);
    let school = on_botmatic("school")[0].as_str().map(serde_json::from_str::<School>).unwrap().unwrap();
    assert_eq!(Some(school), ada().school);
    assert_eq!(on_botmatic("password_hash"), [Value::Null]);

    // A change there is one here, and touches nothing else.
    let who = simulator.contacts(&token)[0].id.clone();
    let changes = Properties::from_iter([("birthdate", Value::Null), ("validation", json!(4))]);
    simulator.update_contact(&token, &who, changes).unwrap();
    simulator.settled().await;
    let changed = Candidate { birth_date: None, validation: 4, ..ada() };
    assert_eq!(integration.integration().candidates()[&4001], changed);

    // And the other way round.
    let grace = Candidate { first_name: "Grace".to_owned(), ..changed };
    integration.integration().candidates().insert(4001, grace.clone());
    botmatic.update_contact(grace).await.unwrap();
    assert_eq!(on_botmatic("firstname"), ["Grace"]);

    // Somebody who appears there is created here.
    let candidate = [
        ("firstname", json!("Emmy")),
        ("signup_date", json!("01/02/2003 04:05:06")),
        ("validation", json!(1)),
    ];
    simulator.create_contact(&token, Properties::from_iter(candidate)).unwrap();
    simulator.settled().await;
    assert_eq!(integration.integration().candidates()[&4002].first_name, "Emmy");

    // What bots ask.
    let found = simulator.action(&token, "find_jobs", json!({ "city": "Lyon" })).await.unwrap();
    assert_eq!(found.data, json!({ "jobs": ["engineer"] }));
    let nobody = simulator.action(&token, "find_jobs", json!({ "city": "Atlantis" })).await.unwrap();
    assert_eq!(nobody.error(), Some("nobody recruits in Atlantis"));
    let set = simulator.action(&token, "set_firstname_Hedy", json!({ "contact_id": who })).await.unwrap();
    assert!(set.success, "{set:?}");
    simulator.settled().await;
    assert_eq!(integration.integration().candidates()[&4001].first_name, "Hedy");

    // What users say.
    simulator.user_reply(&token, &who, &BotId::from(1_u64), "I would like that job").await.unwrap();
    let heard = integration.integration().heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(heard[0].starts_with("installed for "), "{heard:?}");
    assert!(heard[1].starts_with(&format!("{who} of None says")), "{heard:?}");

    simulator.delete_contact(&token, &who).unwrap();
    simulator.settled().await;
    assert_eq!(integration.integration().candidates().keys().collect::<Vec<_>>(), [&4002]);
}
