//! Tokens and what contacts hold reach neither a log, nor an error, nor `Debug`.

use std::convert::Infallible;
use std::fmt::{Debug, Write as _};

use botmatic_contact::key_store::{Installation, Intent, Pair, Write};
use botmatic_contact::prelude::*;
use botmatic_contact::settings::{Entry, FormReader, Given, Shown, Submission};
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{
    Call as Incoming, Contact, FromCall, HasClient, Message, Properties, Rejection, Service, Value,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::contacts::{Watching, serving};
use crate::crm::{Crm, Person, PersonPatch};
use crate::fake::{Answer, Fake};
use crate::log::Log;
use crate::requests::Call;

/// Stands in every token and in every value of a contact.
const MARK: &str = "c4n4ry";
const SECRET: &str = "tok-c4n4ry";

/// Whose `Debug` is asked for by its own handlers.
struct Teller;

struct Account;

impl HasClient for Teller {
    type Client = Account;
}

/// A call, as it prints itself.
struct Printed(String);

impl<I: Send + Sync, K> FromCall<I, K> for Printed {
    async fn from_call(call: Incoming<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self(format!("{call:?}")))
    }
}

#[botmatic::integration]
impl Teller {
    #[botmatic::action("call")]
    async fn call(&self, call: Printed, auth: Auth<Account>, token: Token, message: Message) -> String {
        format!("{} {auth:?} {token:?} {message:?}", call.0)
    }

    #[botmatic::action("handles")]
    async fn handles(&self, botmatic: Botmatic<Self>, state: State<Self>) -> String {
        format!("{botmatic:?} {state:?}")
    }

    #[botmatic::on(install)]
    async fn installed(&self, install: Install) -> String {
        format!("{install:?}")
    }

    #[botmatic::on(uninstall)]
    async fn uninstalled(&self, uninstall: Uninstall) -> String {
        format!("{uninstall:?}")
    }

    #[botmatic::on(user_reply)]
    async fn heard(&self, reply: UserReply) -> String {
        format!("{reply:?}")
    }

    #[botmatic::on(bot_reply)]
    async fn said(&self, reply: BotReply) -> String {
        format!("{reply:?}")
    }

    #[botmatic::on(contact_created)]
    async fn created(&self, event: ContactCreated) -> String {
        format!("{event:?}")
    }

    #[botmatic::on("birthday")]
    async fn birthday(&self, event: botmatic_contact::event::Custom) -> String {
        format!("{event:?}")
    }

    #[botmatic::action("panic")]
    async fn panic(&self) {
        panic!("of {MARK} I know everything");
    }
}

fn teller() -> Service<Teller> {
    let simulator = Simulator::new();
    simulator
        .connect(&Token::new(SECRET), botmatic::builder(Menu).platform(Simulator::new()).build().unwrap());
    botmatic::builder(Teller)
        .platform(simulator)
        .authorize_with(async |token: Token| match token.expose() {
            SECRET => Ok(Some(Account)),
            other => Err(format!("no idea who {other} is")),
        })
        .build()
        .unwrap()
}

/// Somebody for the simulator to talk to.
struct Menu;

#[botmatic::integration]
impl Menu {
    #[botmatic::action("soup")]
    async fn soup(&self) {}
}

/// What an installation has chosen.
#[derive(Clone, SettingsForm)]
struct Chosen {
    word: String,
    key: Secret,
    file: Option<Upload>,
}

impl Chosen {
    fn new() -> Self {
        let file = Upload::new("c4n4ry.txt", "text/c4n4ry", MARK);
        Self { word: MARK.to_owned(), key: Secret::new(MARK), file: Some(file) }
    }
}

struct Chooser;

#[botmatic::integration]
impl Chooser {
    #[botmatic::settings("/settings")]
    async fn settings(&self, token: Token) -> Result<Chosen, String> {
        if token.expose() == SECRET { Ok(Chosen::new()) } else { Err(format!("nothing for {MARK}")) }
    }

    #[botmatic::settings("/settings", save)]
    async fn save(&self, chosen: Chosen) -> Result<(), SettingsError> {
        match chosen.word.as_str() {
            "c4n4ry" => Ok(()),
            "c4n4ry panics" => panic!("of {MARK} I know everything"),
            word => Err(SettingsError::field("word", format!("{word} is taken"))),
        }
    }
}

/// Everything that a settings page does with what it is sent.
async fn settings() {
    let simulator = Simulator::new();
    let service =
        botmatic::builder(Chooser).platform(simulator.clone()).endpoint("/webhook").build().unwrap();
    simulator.connect(&Token::new(SECRET), service.clone());
    simulator.connect(&Token::new("tok-c4n4ry-new"), service.clone());
    let router = service.router();
    for query in [
        "?token=tok-c4n4ry",
        "?token=tok-c4n4ry-new",
        "?token=tok-c4n4ry-unknown",
        "?token=tok-c4n4ry&token=c4n4ry",
    ] {
        let path = format!("/settings{query}");
        Call::new("").method(axum::http::Method::GET).path(&path).send(&router).await;
    }
    let post = async |form: Value| Call::new(form.to_string()).path("/settings").send(&router).await;
    for word in ["c4n4ry", "c4n4ry panics", "c4n4ry too"] {
        post(json!({ "token": SECRET, "word": word, "key": MARK, "file": MARK })).await;
        post(json!({ "token": SECRET, "word": word, "key": MARK })).await;
    }
    post(json!({ "token": "tok-c4n4ry-unknown", "word": MARK })).await;
    Call::new(r#"{"token":"tok-c4n4ry""#).path("/settings").send(&router).await;
}

fn ada() -> Value {
    json!({ "id": 1, "name": "c4n4ry", "email": "c4n4ry@x.test" })
}

/// Everything that a service does with what it is sent.
async fn everything() {
    // `serving` knows the token of the other tests, so the workspace of this one is made by hand.
    let simulator = Simulator::new();
    let service = botmatic::builder(Crm::<Watching>::new()).platform(simulator.clone());
    let service = service.key_store(MemoryKeyStore::new()).build().unwrap();
    simulator.connect(&Token::new(SECRET), service.clone());
    let router = service.router();
    let send = async |call: Call| call.token(SECRET).send(&router).await;
    send(Call::event("install", json!({ "workspace": MARK }))).await;
    send(Call::event("contact_created", ada())).await;
    send(Call::event("contact_updated", json!({ "id": 1, "name": "c4n4ry the second" }))).await;
    send(Call::event("contact_updated", json!({ "id": 1, "born": "c4n4ry" }))).await;
    send(Call::event("contact_created", json!({ "id": 2, "email": "c4n4ry@x.test" }))).await;
    send(Call::event("contact_deleted", json!("c4n4ry"))).await;
    send(Call::event("contact_deleted", json!({ "contact_id": 1 }))).await;
    send(Call::event("c4n4ry", Value::Null)).await;
    send(Call::new(r#"{"event":"c4n4ry""#)).await;
    send(Call::action("ping", Value::Null).authorization(b"Bearer tok-c4n4ry-of-others")).await;
    send(Call::event("uninstall", json!({ "workspace": MARK }))).await;

    let (simulator, service) = serving(Crm::<Watching>::broken("c4n4ry has no mobile number"));
    simulator.connect(&Token::new(SECRET), service.clone());
    let router = service.router();
    Call::event("install", Value::Null).token(SECRET).send(&router).await;
    Call::event("contact_created", ada()).token(SECRET).send(&router).await;

    let router = teller().router();
    Call::action("panic", Value::Null).token(SECRET).send(&router).await;
    Call::action("panic", Value::Null).token("tok-c4n4ry-unknown").send(&router).await;

    let no = |status| Answer::new(status, r#"{"success":false,"error":"c4n4ry: tok-c4n4ry may not"}"#);
    let yes = Answer::new(200, r#"{"success":true}"#);
    let fake = Fake::new([no(422), yes, no(422), Answer::Close]).await;
    let service = botmatic::builder(Crm::<Watching>::new()).base_url(fake.url());
    let router = service.key_store(MemoryKeyStore::new()).build().unwrap().router();
    for _ in 0..3 {
        Call::event("install", Value::Null).token(SECRET).send(&router).await;
    }
}

#[tokio::test]
async fn a_log_at_the_finest_level_holds_neither_tokens_nor_values() {
    let log = Log::listen();
    everything().await;
    settings().await;

    let text = log.text();
    for said in [
        "installed",
        "uninstalled",
        "synced",
        "not synced",
        "the authorizer failed",
        "a handler panicked",
        "install failed",
        "the token could not be validated",
        "tried again",
        "settings saved",
        "settings not saved",
        "settings not shown",
    ] {
        assert!(text.contains(said), "{said:?} is not in the log, so it shows nothing:\n{text}");
    }
    for line in text.lines() {
        assert!(!line.contains(MARK), "{line}");
    }
}

#[tokio::test]
async fn debug_of_what_a_handler_takes_holds_neither_tokens_nor_values() {
    let router = teller().router();
    let reply = json!({ "contact_id": 1, "result": { "source": MARK, "intents": [{ "slug": MARK }] } });
    let said = json!({ "contact_id": 1, "message": r#"{"content":"c4n4ry"}"# });
    let whole = r#"{"action":"call","data":{"contact_id":1,"name":"c4n4ry"},"member":"c4n4ry"}"#;
    for (call, type_name) in [
        (Call::new(whole), "Message"),
        (Call::action("handles", ada()), "Botmatic"),
        (Call::event("install", json!({ "owner": MARK })), "Install"),
        (Call::event("uninstall", json!({ "owner": MARK })), "Uninstall"),
        (Call::event("user_reply", reply), "UserReply"),
        (Call::event("bot_reply", said), "BotReply"),
        (Call::event("contact_created", ada()), "ContactCreated"),
        (Call::event("birthday", json!({ "of": MARK })), "Custom"),
    ] {
        let answer = call.token(SECRET).send(&router).await;
        let printed = answer.data();
        let printed = printed.as_str().unwrap_or_else(|| panic!("{answer:?}"));
        assert!(printed.contains(type_name) && !printed.contains(MARK), "{type_name}: {printed}");
    }
}

#[test]
fn debug_of_a_contact_and_of_what_is_kept_of_it_holds_no_values() {
    let properties = Properties::from_iter([("name", "c4n4ry"), ("email", "c4n4ry@x.test")]);
    let patch = PersonPatch::from_properties(&properties).unwrap();
    let (contact, external) = (ContactId::from(1_u64), ExternalId::from(2_u64));
    let token = Token::new(SECRET);
    let pair = Pair::new(contact.clone(), external, properties.clone());
    let intent = Intent {
        half: ContactId::from(1_u64).into(),
        properties: properties.clone().into(),
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let installation =
        Installation { token: token.clone(), generation: 1, installed_at: jiff::Timestamp::UNIX_EPOCH };
    let printed: [&dyn Debug; 11] = [
        &token,
        &token.installation(),
        &Contact { id: contact, properties: properties.clone() },
        &patch,
        &pair,
        &intent,
        &Write::Intent(intent.clone()),
        &installation,
        &Reply::data(&properties).unwrap(),
        &teller(),
        &properties,
    ];
    for printed in printed {
        for text in [format!("{printed:?}"), format!("{printed:#?}")] {
            assert!(!text.contains(MARK) && !text.is_empty(), "{text}");
        }
    }
}

#[test]
fn debug_of_settings_and_of_what_was_submitted_holds_no_values() {
    let Chosen { word, key, file } = Chosen::new();
    let file = file.unwrap();
    let entries = [Entry::Text(word.clone()), Entry::Upload(file.clone())];
    let submission: Submission = entries.clone().map(|entry| (MARK.to_owned(), entry)).into_iter().collect();
    let form = Chosen::form();
    let mut reader = FormReader::new(&form, submission.clone());
    assert!(Chosen::read(&mut reader, None).is_none());
    let printed: [&dyn Debug; 9] = [
        &key,
        &file,
        &entries,
        &submission,
        &reader,
        &Given { entries: entries.to_vec(), remove: false },
        &Chosen::new().show(),
        &[Shown::Text(word)],
        &SettingsError::field("word", "c4n4ry is taken").and("key", MARK),
    ];
    for printed in printed {
        for text in [format!("{printed:?}"), format!("{printed:#?}")] {
            assert!(!text.contains(MARK) && !text.is_empty(), "{text}");
        }
    }
}

mod converted {
    //! A conversion of a user's own.

    pub(super) fn to_botmatic(number: &u8) -> i64 {
        1000 + i64::from(*number)
    }

    pub(super) fn from_botmatic(number: i64) -> Result<u8, std::num::TryFromIntError> {
        u8::try_from(number - 1000)
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct School {
    year: u8,
}

#[derive(ContactMapping)]
struct Everything {
    #[contact(id)]
    _id: u64,
    number: Option<u8>,
    float: Option<f64>,
    truth: Option<bool>,
    letter: Option<char>,
    date: Option<jiff::civil::Date>,
    time: Option<jiff::civil::DateTime>,
    moment: Option<jiff::Timestamp>,
    not_zero: Option<std::num::NonZero<u8>>,
    chrono_date: Option<chrono::NaiveDate>,
    chrono_time: Option<chrono::NaiveDateTime>,
    chrono_utc: Option<chrono::DateTime<chrono::Utc>>,
    chrono_offset: Option<chrono::DateTime<chrono::FixedOffset>>,
    time_date: Option<time::Date>,
    time_time: Option<time::PrimitiveDateTime>,
    time_utc: Option<time::UtcDateTime>,
    time_offset: Option<time::OffsetDateTime>,
    decimal: Option<rust_decimal::Decimal>,
    uuid: Option<uuid::Uuid>,
    #[contact("school", json)]
    school: Option<School>,
    #[contact("converted", with = converted)]
    converted: Option<u8>,
}

/// All that an error says, in every way.
pub(crate) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        writeln!(told, "{error} {error:?} {error:#?}").unwrap();
        next = error.source();
    }
    told
}

#[test]
fn an_error_of_the_mapping_names_the_property_and_never_the_value() {
    for name in Everything::PROPERTIES.iter().map(|property| &*property.name) {
        for value in [
            json!("c4n4ry"),
            json!("2021-c4n4ry-01"),
            json!({ "c4n4ry": 1 }),
            json!(["c4n4ry"]),
            json!(r#"{"year":"c4n4ry"}"#),
            json!({ "year": "c4n4ry" }),
        ] {
            let properties = Properties::from_iter([(name, value.clone())]);
            let Err(error) = Everything::from_properties(&properties) else { panic!("{name} = {value}") };
            assert_eq!(error.property(), name);
            let told = told(&error);
            assert!(told.contains(name) && !told.contains(MARK), "{told}");
            let told = self::told(&botmatic_contact::Error::from(error));
            assert!(told.contains(name) && !told.contains(MARK), "{told}");
        }
    }
    let cleared = Properties::from_iter([("name", Value::Null), ("email", json!("c4n4ry@x.test"))]);
    for properties in [cleared, Properties::from_iter([("email", "c4n4ry@x.test")])] {
        let told = told(&Person::from_properties(&properties).unwrap_err());
        assert!(told.contains("`name`") && !told.contains(MARK), "{told}");
    }
}

#[tokio::test]
async fn an_error_of_the_configuration_or_about_a_token_does_not_hold_the_token() {
    let closure = async |_token: Token| Ok::<_, Infallible>(None::<Account>);
    let service = botmatic::builder(Teller).authorize_with(closure).build().unwrap();
    let error = service.botmatic(&Token::new(SECRET)).await.unwrap_err();
    assert!(error.is_unauthorized());
    assert!(!told(&error).contains(MARK), "{error:?}");

    let error = botmatic::builder(Menu).endpoint("no/slash").build().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`no/slash`"), "{error}");
}
