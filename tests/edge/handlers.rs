//! What handlers take and give.

use std::fmt;

use axum::Router;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{HasClient, Message, Properties, Rejection, Service, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::requests::{Answer, Call, TOKEN};

struct Account {
    plan: &'static str,
}

#[derive(Debug)]
struct NoStock;

impl fmt::Display for NoStock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no stock left")
    }
}

impl std::error::Error for NoStock {}

#[derive(Deserialize)]
struct Query {
    city: String,
    #[serde(default)]
    days: u8,
}

#[derive(Deserialize)]
struct Set {
    property: String,
    count: u32,
    unit: Option<String>,
}

#[derive(Serialize)]
struct Forecast {
    city: String,
    days: u8,
}

/// A `Result` under another name, whose error serde could write, too.
type Found<T> = Result<T, String>;

struct Desk {
    name: &'static str,
}

impl HasClient for Desk {
    type Client = Account;
}

#[botmatic::integration]
impl Desk {
    #[botmatic::action("params")]
    async fn params(&self, Params(query): Params<Query>) -> Forecast {
        Forecast { city: query.city, days: query.days }
    }

    #[botmatic::action(pattern = r"set_(?<property>[a-z]+)_(?<count>\d+)(_(?<unit>\w+))?")]
    async fn captures(&self, Captures(set): Captures<Set>, first: IsFirst) -> Value {
        json!([set.property, set.count, set.unit, first.0])
    }

    #[botmatic::action("who")]
    async fn who(&self, contact: ContactId) -> ContactId {
        contact
    }

    #[botmatic::action("client")]
    async fn client(&self, auth: Auth<Account>, token: Token) -> Value {
        json!([auth.client().plan, auth.token() == &token, token.expose() == TOKEN])
    }

    #[botmatic::action("state")]
    async fn state(&self, state: State<Self>) -> bool {
        std::ptr::eq(self, &raw const *state) && state.clone().name == self.name
    }

    #[botmatic::action("message")]
    async fn message(&self, message: Message) -> Value {
        json!([message.name, message.data, message.members])
    }

    #[botmatic::action("botmatic")]
    async fn botmatic(&self, botmatic: Botmatic<Self>, who: ContactId) -> botmatic_contact::Result<()> {
        botmatic.set_properties(&who, &Properties::from_iter([("score", 7)])).await
    }

    #[botmatic::action("several")]
    async fn several(&self, a: ContactId, b: Message, Params(c): Params<Value>, d: Token) -> Value {
        json!([a, b.name, c, d.expose().len()])
    }

    #[botmatic::action("optional")]
    async fn optional(
        &self,
        query: Option<Params<Query>>,
        who: Option<ContactId>,
        auth: Option<Auth<Account>>,
        strict: Result<Params<Query>, Rejection>,
    ) -> Value {
        let days = query.map(|Params(query)| query.days);
        json!([days, who, auth.map(|auth| auth.client().plan), strict.is_err()])
    }

    #[botmatic::on(user_reply)]
    async fn heard(&self, reply: UserReply, who: ContactId) -> Value {
        json!([reply.contact_id == who, reply.bot_id, reply.platform, reply.text, reply.intents])
    }

    #[botmatic::on(bot_reply)]
    async fn said(&self, reply: BotReply) -> Value {
        json!([reply.contact_id, reply.platform, reply.content])
    }

    #[botmatic::on(install)]
    async fn installed(&self, install: Install, auth: Auth<Account>) -> Value {
        json!([install.token.expose() == TOKEN, install.data, auth.client().plan])
    }

    #[botmatic::on(uninstall)]
    async fn gone(&self, auth: Option<Auth<Account>>) -> Value {
        json!(auth.map(|auth| auth.client().plan))
    }

    #[botmatic::on(contact_created, replace)]
    async fn created(&self, synced: Option<Synced>, who: Option<ContactId>) -> Value {
        json!([synced.is_some(), who])
    }

    #[botmatic::on("birthday")]
    async fn birthday(&self, event: botmatic_contact::event::Custom) -> Value {
        event.data
    }

    #[botmatic::action("nothing")]
    async fn nothing(&self) {}

    #[botmatic::action("null")]
    async fn null(&self) -> Option<u8> {
        None
    }

    #[botmatic::action("unit or error")]
    async fn unit_or_error(&self, Params(fail): Params<bool>) -> Result<(), NoStock> {
        if fail { Err(NoStock) } else { Ok(()) }
    }

    #[botmatic::action("value or text")]
    async fn value_or_text(&self, Params(fail): Params<bool>) -> Result<Forecast, &'static str> {
        if fail { Err("no forecast") } else { Ok(Forecast { city: "Lyon".to_owned(), days: 1 }) }
    }

    #[botmatic::action("under another name")]
    async fn under_another_name(&self, Params(fail): Params<bool>) -> Found<u8> {
        if fail { Err("not found".to_owned()) } else { Ok(1) }
    }

    #[botmatic::action("something")]
    async fn something(&self) -> impl Serialize {
        [Some(1), None]
    }

    #[botmatic::action("reply")]
    async fn reply(&self) -> Result<Reply, serde_json::Error> {
        Ok(Reply::data(&json!({ "items": [] }))?.with_type("Collection"))
    }

    #[botmatic::action("failed reply")]
    async fn failed_reply(&self) -> Reply {
        Reply::failure("as I said")
    }

    #[botmatic::action("panic")]
    async fn panic(&self, Params(when): Params<bool>) -> u8 {
        assert!(!when, "a handler's own mistake");
        1
    }
}

/// A parameter type of a user's own.
struct IsFirst(bool);

impl<I: Send + Sync, K> botmatic_contact::FromCall<I, K> for IsFirst {
    async fn from_call(call: botmatic_contact::Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self(call.name() == "set_age_1"))
    }
}

fn desk_service(simulator: &Simulator) -> Service<Desk> {
    botmatic::builder(Desk { name: "front" })
        .platform(simulator.clone())
        .authorize_with(async |token: Token| {
            Ok::<_, NoStock>((token.expose() == TOKEN).then_some(Account { plan: "gold" }))
        })
        .build()
        .unwrap()
}

fn desk() -> (Simulator, Router) {
    let simulator = Simulator::new();
    let service = desk_service(&simulator);
    simulator.connect(&Token::new(TOKEN), service.clone());
    let router = service.router();
    (simulator, router)
}

async fn ask(name: &str, data: impl Into<Value>) -> Answer {
    Call::action(name, data).send(&desk().1).await
}

#[tokio::test]
async fn params_are_the_data_as_a_type_or_the_answer_says_what_is_wrong() {
    assert_eq!(
        ask("params", json!({ "city": "Lyon", "x": 1 })).await.data(),
        json!({ "city": "Lyon", "days": 0 })
    );
    for (data, part) in [
        (json!({ "days": 1 }), "missing field `city`"),
        (json!({ "city": "Lyon", "days": 256 }), "expected u8"),
        (json!("Lyon"), "expected struct Query"),
        (Value::Null, "expected struct Query"),
    ] {
        let reason = ask("params", data).await.refusal();
        assert!(reason.starts_with("data: ") && reason.contains(part), "{reason}");
    }
}

#[tokio::test]
async fn an_optional_parameter_is_none_where_it_is_absent_and_refused_where_it_cannot_be_read() {
    assert_eq!(ask("optional", Value::Null).await.data(), json!([null, null, "gold", true]));
    let body = r#"{"action":"optional"}"#;
    assert_eq!(Call::new(body).send(&desk().1).await.data(), json!([null, null, "gold", true]));
    let all = json!({ "city": "Lyon", "days": 2, "contact_id": 7 });
    assert_eq!(ask("optional", all).await.data(), json!([2, 7, "gold", false]));
    assert_eq!(ask("optional", json!({ "city": "Lyon" })).await.data(), json!([0, null, "gold", false]));
    assert!(ask("optional", json!({ "contact_id": 7 })).await.refusal().contains("missing field `city`"));
    let reason = ask("optional", json!({ "city": "Lyon", "contact_id": [7] })).await.refusal();
    assert!(reason.starts_with("data: the id of the contact"), "{reason}");
}

#[tokio::test]
async fn an_optional_parameter_of_an_event_is_none_where_the_framework_has_nothing_to_say() {
    let (simulator, router) = desk();
    let created = Call::event("contact_created", json!({ "id": 7, "name": "Ada" })).send(&router).await;
    assert_eq!(created.data(), json!([false, 7]));
    let nobody = Call::event("contact_created", json!({ "name": "Ada" })).send(&router).await;
    assert_eq!(nobody.refusal(), "data: the contact has no `id`");
    let stranger = Token::new("a token that the authorizer does not know");
    simulator.connect(&stranger, desk_service(&simulator));
    let gone = Call::event("uninstall", 0).token(stranger.expose()).send(&router).await;
    assert_eq!(gone.data(), Value::Null);
    let gone = Call::event("uninstall", 0).send(&router).await;
    assert_eq!(gone.data(), "gold");
}

#[tokio::test]
async fn captures_are_the_named_groups_with_numbers_read_from_text() {
    assert_eq!(ask("set_age_42_years", 0).await.data(), json!(["age", 42, "years", false]));
    assert_eq!(ask("set_age_1", 0).await.data(), json!(["age", 1, null, true]));
    let reason = ask("set_age_99999999999", 0).await.refusal();
    assert!(reason.starts_with("the name of the action: "), "{reason}");
}

#[tokio::test]
async fn a_contact_id_keeps_its_form_and_is_asked_for_by_name() {
    assert_eq!(ask("who", json!({ "contact_id": 7 })).await.data(), 7);
    assert_eq!(ask("who", json!({ "contact_id": "7" })).await.data(), "7");
    for data in [Value::Null, json!({}), json!({ "id": 7 }), json!("7")] {
        assert_eq!(ask("who", data.clone()).await.refusal(), "no data", "{data}");
    }
    for data in [json!({ "contact_id": "" }), json!({ "contact_id": 1.5 }), json!({ "contact_id": [7] })] {
        assert!(
            ask("who", data.clone()).await.refusal().starts_with("data: the id of the contact"),
            "{data}"
        );
    }
}

#[tokio::test]
async fn the_authorizers_client_reaches_the_handler() {
    assert_eq!(ask("client", 0).await.data(), json!(["gold", true, true]));
    let install = Call::event("install", json!({ "workspace": "demo" })).send(&desk().1).await;
    assert_eq!(install.data(), json!([true, { "workspace": "demo" }, "gold"]));
}

#[tokio::test]
async fn an_authorizer_that_fails_asks_to_try_again() {
    let simulator = Simulator::new();
    let service = botmatic::builder(Desk { name: "front" })
        .platform(simulator)
        .authorize_with(async |token: Token| match token.expose() {
            "tok-none" => Ok(None),
            _ => Err(NoStock),
        })
        .build()
        .unwrap();
    let router = service.router();
    let answer = Call::action("nothing", 0).send(&router).await;
    assert_eq!((answer.status, answer.body.as_str()), (503, "Try again later"));
    assert_eq!(Call::action("nothing", 0).token("tok-none").send(&router).await.status, 401);
    assert_eq!(Call::action("nothing", 0).without_token().send(&router).await.status, 401);
    let error = service.botmatic(&Token::new(TOKEN)).await.unwrap_err();
    assert!(error.is_unauthorized());
}

#[tokio::test]
async fn state_message_and_botmatic_are_those_of_this_call() {
    assert_eq!(ask("state", 0).await.data(), true);
    let body = r#"{"action":"message","data":[1],"lang":"fr","n":{"a":null}}"#;
    let answer = Call::new(body).send(&desk().1).await;
    assert_eq!(answer.data(), json!(["message", [1], { "lang": "fr", "n": { "a": null } }]));
    let several = ask("several", json!({ "contact_id": 3 })).await.data();
    assert_eq!(several, json!([3, "several", { "contact_id": 3 }, TOKEN.len()]));

    let (simulator, router) = desk();
    let token = Token::new(TOKEN);
    let id = simulator.create_contact(&token, Properties::new()).unwrap();
    let answer = Call::action("botmatic", json!({ "contact_id": id })).send(&router).await;
    assert_eq!(answer.data(), json!({ "success": true }));
    assert_eq!(simulator.contact(&token, &id).unwrap().properties.get("score"), Some(&json!(7)));
    let answer = Call::action("botmatic", json!({ "contact_id": 1 })).send(&router).await;
    assert_eq!(answer.refusal(), "resource not found");
}

#[tokio::test]
async fn the_payload_of_an_event_is_read_or_the_answer_says_what_is_missing() {
    let (_, router) = desk();
    let said = async |event: &str, data: Value| Call::event(event, data).send(&router).await;
    let reply = json!({
        "contact_id": 9, "bot_id": 7, "platform": "web", "result": { "source": "hi", "intents": [{ "slug": "greet" }] }
    });
    assert_eq!(said("user_reply", reply).await.data(), json!([true, 7, "web", "hi", ["greet"]]));
    let least = json!({ "contact_id": "9", "result": { "source": "" } });
    assert_eq!(said("user_reply", least).await.data(), json!([true, null, null, "", []]));
    assert!(
        said("user_reply", json!({ "contact_id": 9 })).await.refusal().contains("missing field `result`")
    );

    let reply = json!({ "contact_id": 9, "platform": "web", "message": r#"{"content":{"text":"hi"}}"# });
    assert_eq!(said("bot_reply", reply).await.data(), json!([9, "web", { "text": "hi" }]));
    assert!(said("bot_reply", Value::Null).await.refusal().starts_with("data: "));
    assert_eq!(said("birthday", json!({ "age": 7 })).await.data(), json!({ "age": 7 }));
}

#[tokio::test]
async fn every_kind_of_reply_has_its_answer() {
    let body = |data: &str, success: bool| format!(r#"{{"data":{data},"type":"data","success":{success}}}"#);
    assert_eq!(ask("nothing", 0).await.body, body(r#"{"success":true}"#, true));
    assert_eq!(ask("null", 0).await.body, body("null", true));
    assert_eq!(ask("unit or error", false).await.body, body(r#"{"success":true}"#, true));
    assert_eq!(ask("unit or error", true).await.body, body(r#"{"error":"no stock left"}"#, false));
    assert_eq!(ask("value or text", false).await.body, body(r#"{"city":"Lyon","days":1}"#, true));
    assert_eq!(ask("value or text", true).await.body, body(r#"{"error":"no forecast"}"#, false));
    assert_eq!(ask("under another name", false).await.body, body("1", true));
    assert_eq!(ask("under another name", true).await.body, body(r#"{"error":"not found"}"#, false));
    assert_eq!(ask("something", 0).await.body, body("[1,null]", true));
    assert_eq!(ask("failed reply", 0).await.body, body(r#"{"error":"as I said"}"#, false));
    assert_eq!(ask("reply", 0).await.body, r#"{"data":{"items":[]},"type":"Collection","success":true}"#);
}

#[tokio::test]
async fn a_handler_that_panics_fails_alone() {
    let (_, router) = desk();
    let answer = Call::action("panic", true).send(&router).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, r#"{"success":false}"#));
    assert_eq!(Call::action("panic", false).send(&router).await.data(), 1);
}

struct Menu;

#[botmatic::integration]
impl Menu {
    #[botmatic::action("soup")]
    async fn exact(&self) -> &'static str {
        "exact"
    }

    #[botmatic::action(pattern = "soup|salad")]
    async fn first(&self) -> &'static str {
        "first"
    }

    #[botmatic::action(pattern = ".*a.*")]
    async fn last(&self) -> &'static str {
        "last"
    }
}

#[tokio::test]
async fn an_exact_name_comes_before_patterns_and_of_these_the_last_one_that_matches_the_whole_name() {
    let simulator = Simulator::new();
    let service = botmatic::builder(Menu).platform(simulator.clone()).build().unwrap();
    simulator.connect(&Token::new(TOKEN), service.clone());
    let router = service.router();
    let ask = async |name: &str| Call::action(name, 0).send(&router).await;
    assert_eq!(ask("soup").await.data(), "exact");
    assert_eq!(ask("salad").await.data(), "last");
    assert_eq!(ask("a").await.data(), "last");
    for name in ["soups", "my soup", "Soup", "soup\n", "\nsoup", "soup\nsalad"] {
        let reason = ask(name).await.refusal();
        assert!(reason.starts_with("No action"), "{name:?}: {reason}");
    }
}
