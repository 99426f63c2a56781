//! What is said of action patterns when a service is built, and handlers that are added while the program runs.

use axum::Router;
use botmatic_contact::prelude::*;
use botmatic_contact::{HandlerFuture, HasClient, Reply, Service, Table, Value};
use serde_json::json;

use crate::log::Log;
use crate::requests::Call;

struct Kitchen;

impl HasClient for Kitchen {
    type Client = ();
}

#[derive(serde::Deserialize)]
struct Order {
    dish: String,
    count: Option<u8>,
}

#[botmatic::integration]
impl Kitchen {
    #[botmatic::action("order_soup")]
    async fn soup(&self) -> &'static str {
        "exact"
    }

    #[botmatic::action(pattern = r"(?x) order_ (?<dish> \p{L}+ ) ( _ (?<count> \d+ ) )?  # so many of them")]
    async fn order(&self, Captures(order): Captures<Order>) -> Value {
        json!([order.dish, order.count])
    }

    #[botmatic::action(pattern = "cancel|order_last")]
    async fn cancel(&self) -> &'static str {
        "cancel"
    }
}

fn says<K>(
    what: &'static str,
) -> impl for<'a> Fn(botmatic_contact::Call<'a, Kitchen, K>) -> HandlerFuture<'a> {
    move |_| Box::pin(async move { Ok(Reply::data(&what).unwrap()) })
}

fn with(handlers: Table<Kitchen>) -> botmatic_contact::Result<Service<Kitchen>> {
    botmatic::builder(Kitchen).base_url("http://127.0.0.1:9").accept_any_token().handlers(handlers).build()
}

async fn ask(router: &Router, name: &str) -> Value {
    Call::action(name, 0).send(router).await.data()
}

#[tokio::test]
async fn patterns_with_names_in_common_are_reported_with_such_a_name_and_who_answers() {
    let log = Log::listen();
    let router = with(Table::new()).unwrap().router();
    let [line] = &log.lines_with("two action patterns match the same names")[..] else {
        panic!("{}", log.text())
    };
    for part in
        ["WARN", r#"pattern="(?x) order_ "#, r#"answers="cancel|order_last""#, r#"example="order_last""#]
    {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert_eq!(ask(&router, "order_last").await, "cancel", "as it says");
    assert_eq!(ask(&router, "order_crêpes_3").await, json!(["crêpes", 3]));
    assert_eq!(ask(&router, "order_crêpes").await, json!(["crêpes", null]));
    assert_eq!(ask(&router, "order_soup").await, "exact");
    assert_eq!(ask(&router, "cancel").await, "cancel");
}

#[test]
fn a_special_case_of_an_earlier_pattern_is_no_cause_for_a_warning() {
    let log = Log::listen();
    with(Table::new().pattern("order_[b-d]+", says("special"))).unwrap();
    let lines = log.lines_with("answers=\"order_[b-d]+\"");
    assert!(lines.len() == 1 && lines[0].contains("INFO"), "{lines:?}");
}

#[tokio::test]
async fn handlers_that_are_added_while_the_program_runs_count_as_added_last() {
    let added = Table::new().action("order_nothing", says("added")).pattern("order_b.*", says("pattern"));
    let router = with(added).unwrap().router();
    assert_eq!(ask(&router, "order_nothing").await, "added");
    assert_eq!(ask(&router, "order_bread").await, "pattern");
    assert_eq!(ask(&router, "order_soup").await, "exact");
    assert_eq!(ask(&router, "order_rice").await, json!(["rice", null]));
}

#[test]
fn handlers_of_which_nothing_would_remain_are_refused() {
    let error = with(Table::new().action("order_soup", says("again"))).unwrap_err();
    assert!(error.to_string().contains("`order_soup` has two handlers"), "{error}");

    let error = with(Table::new().pattern("cancel|order_.*", says("all"))).unwrap_err();
    let message = error.to_string();
    assert!(error.is_configuration() && message.contains("never asked"), "{message}");
    assert!(message.contains("add `") && message.contains("` after `cancel|order_.*`"), "{message}");

    let error = with(Table::new().pattern("(", says("broken"))).unwrap_err();
    assert!(error.to_string().contains("`(` is not a regular expression"), "{error}");
}

#[test]
fn patterns_that_cannot_be_compared_are_served_all_the_same() {
    let log = Log::listen();
    let beyond = Table::new()
        .pattern(r"(a|b)*a(a|b){30}", says("one"))
        .pattern(r"(a|b)*b(a|b){30}", says("two"))
        .pattern(r"x\b.*", says("three"));
    with(beyond).unwrap();
    assert_eq!(log.lines_with("cannot be compared with others").len(), 1, "{}", log.text());
    assert_eq!(log.lines_with("cannot be compared: they are too large").len(), 1, "{}", log.text());
    assert!(log.lines_with("WARN").iter().all(|line| !line.contains("(a|b)")));
}
