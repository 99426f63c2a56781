//! Free functions as handlers.

use botmatic_contact::prelude::*;
use botmatic_contact::{Call, FromCall, Handlers, HasClient, Integration, Rejection, Table};
use serde_json::json;

use super::Bot;

/// An integration that has a state, and no handler of its own.
#[derive(Default)]
pub(crate) struct Library {
    books: Vec<&'static str>,
}

impl Integration for Library {
    fn table() -> Table<Self> {
        Table::new()
    }
}

fn library() -> Library {
    Library { books: vec!["Emma", "Walden"] }
}

mod shelf {
    use super::*;

    /// Says which books there are.
    ///
    /// In their order.
    #[botmatic::action("books")]
    pub(super) async fn books(library: State<Library>, Params(limit): Params<usize>) -> Vec<&'static str> {
        library.books.iter().take(limit).copied().collect()
    }

    #[botmatic::action(pattern = r"has_(?<title>\w+)")]
    pub(super) async fn has(
        Captures(asked): Captures<Asked>,
        botmatic: Botmatic<Library>,
    ) -> Result<bool, String> {
        match asked.title.as_str() {
            "nothing" => Err("a book has a title".to_owned()),
            title => Ok(botmatic.integration().books.contains(&title)),
        }
    }

    #[derive(serde::Deserialize)]
    pub(super) struct Asked {
        title: String,
    }
}

type Shared = State<Library>;

/// What the library alone has.
struct Count(usize);

impl<K: Send + Sync> FromCall<Library, K> for Count {
    async fn from_call(call: Call<'_, Library, K>) -> Result<Self, Rejection> {
        Ok(Self(call.integration().books.len()))
    }
}

#[botmatic::action("first", for = Library)]
async fn first(library: Shared) -> Option<&'static str> {
    library.books.first().copied()
}

#[botmatic::action("last")]
async fn last(library: Result<State<Library>, Rejection>) -> Result<&'static str, String> {
    let library = library.map_err(|_| "there is no library")?;
    library.books.last().copied().ok_or_else(|| "it is empty".to_owned())
}

#[botmatic::action("count", for = Library)]
async fn count(
    Count(count): Count,
    #[cfg(test)] library: State<Library>,
    #[cfg(not(test))] library: State<Missing>,
) -> bool {
    library.books.len() == count
}

/// Is there whatever the integration is.
#[botmatic::action("ping")]
async fn ping() -> &'static str {
    "pong"
}

#[botmatic::on("reading")]
async fn reading(Params(title): Params<String>, token: Token) -> String {
    format!("{title} {}", token.expose())
}

#[botmatic::on(install)]
async fn installed(_: Install) {}

#[cfg(not(test))]
#[botmatic::action("absent")]
async fn absent(missing: Missing) {}

#[cfg(test)]
#[botmatic::action("present", crate = ::botmatic_contact)]
async fn present(#[cfg(not(test))] missing: Missing, #[cfg(test)] token: Token) -> usize {
    token.expose().len()
}

#[tokio::test]
async fn a_function_is_a_handler_of_the_integration_whose_state_it_takes() {
    use shelf::{books, has};

    let bot = Bot::of(botmatic::builder(library()).handlers(books {}).handlers(has {})).await;
    assert_eq!(bot.ask("books", 1).await, json!(["Emma"]));
    assert_eq!(bot.ask("has_Walden", ()).await, json!(true));
    assert_eq!(bot.ask("has_nothing", ()).await, json!({ "error": "a book has a title" }));
    let [action] = &bot.manifest().actions[..] else { panic!("{:?}", bot.manifest()) };
    assert_eq!(action.description.as_deref(), Some("Says which books there are.\n\nIn their order."));
    let schema = action.params.as_ref().unwrap();
    assert_eq!(schema["type"], "integer", "{schema}");
}

#[tokio::test]
async fn a_function_can_name_its_integration() {
    let bot =
        Bot::of(botmatic::builder(library()).handlers(first {}).handlers(last {}).handlers(count {})).await;
    assert_eq!(bot.ask("first", ()).await, json!("Emma"));
    assert_eq!(bot.ask("last", ()).await, json!("Walden"));
    assert_eq!(bot.ask("count", ()).await, json!(true));
}

#[tokio::test]
async fn a_function_without_a_state_is_a_handler_of_every_integration() {
    struct Other;

    impl Integration for Other {
        fn table() -> Table<Self> {
            Table::new().merge(ping {}).merge(reading {})
        }
    }

    let together = Table::new().merge(ping {}).merge(reading {}).merge(installed {}).merge(present {});
    let bot = Bot::of(botmatic::builder(library()).handlers(together)).await;
    assert_eq!(bot.ask("ping", ()).await, json!("pong"));
    assert_eq!(bot.tell("reading", "Emma").await, json!("Emma tok-alpha"));
    assert_eq!(bot.ask("present", ()).await, json!(9));
    assert_eq!(bot.manifest().events.len(), 2);
    let bot = Bot::of(botmatic::builder(Other)).await;
    assert_eq!(bot.ask("ping", ()).await, json!("pong"));
}

#[tokio::test]
async fn a_function_asks_of_an_integration_no_more_than_the_client_that_it_takes() {
    #[derive(Debug)]
    struct Account(u8);

    struct Bank;

    impl HasClient for Bank {
        type Client = Account;
    }

    impl Integration for Bank {
        fn table() -> Table<Self> {
            Table::new()
        }
    }

    #[botmatic::action("account")]
    async fn account(auth: Auth<Account>) -> u8 {
        auth.client().0
    }

    let service = botmatic::builder(Bank)
        .handlers(account {})
        .handlers(ping {})
        .authorize_with(async |_: Token| Ok::<_, std::io::Error>(Some(Account(7))))
        .base_url("http://127.0.0.1:9")
        .build()
        .unwrap();
    let answer = service.handle(Some(Token::new("tok-alpha")), br#"{"action":"account"}"#).await;
    let botmatic_contact::Answer::Reply(answer) = answer else { panic!("{answer:?}") };
    assert!(String::from_utf8_lossy(&answer).contains('7'));
}

#[tokio::test]
async fn a_function_stays_one() {
    assert_eq!(ping().await, "pong");
    assert_eq!(reading(Params("Emma".to_owned()), Token::new("t")).await, "Emma t");
    let table: Table<Library> = ping {}.into_table();
    assert!(format!("{table:?}").contains("ping"));
}
