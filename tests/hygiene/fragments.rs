//! Structs and blocks that a macro of the user's writes, of fragments of every kind.

use botmatic_contact::prelude::*;
use botmatic_contact::{Integration, Properties};
use serde::Serialize;

use crate::runtime::simulator::Simulator;

macro_rules! person {
    (
        $(#[$meta:meta])*
        $vis:vis $name:ident $life:lifetime $key:ident: $id:ty,
        $($field:ident $property:literal: $ty:ty),*;
        $with:path => $moment:ident: $path:path;
        $($tokens:tt)*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, ContactMapping)]
        $vis struct $name<$life> where $life: 'static {
            #[contact(id)]
            $key: $id,
            $(#[contact($property)] $vis $field: $ty,)*
            #[contact(with = $with)]
            $moment: $path,
            #[contact(skip)]
            #[serde(skip)]
            label: &$life str,
            $($tokens)*
        }
    };
}

mod in_seconds {
    use std::time::Duration;

    pub(super) fn to_botmatic(time: &Duration) -> u64 {
        time.as_secs()
    }

    pub(super) fn from_botmatic(seconds: u64) -> Result<Duration, std::convert::Infallible> {
        Ok(Duration::from_secs(seconds))
    }
}

person! {
    /// A person.
    pub(crate) Person 'label id: u64,
    first_name "firstname": String,
    nickname "nick": Option<String>;
    self::in_seconds => score: std::time::Duration;
    #[contact(json, default)] r#type: Vec<String>
}

macro_rules! service {
    ($name:ident, $state:ty, $event:ident, $own:literal, $action:expr, $pattern:literal, $visible:vis $method:ident($($parameter:tt)*) -> $answer:ty $body:block, $attribute:meta) => {
        #[derive(Default)]
        struct $name(#[expect(dead_code, reason = "a type that comes from a fragment")] $state);

        #[botmatic::integration]
        impl $name {
            #[botmatic::on($event)]
            async fn heard(&self) {}

            #[$attribute]
            #[botmatic::on($own)]
            $visible async fn ended(&self) {}

            #[botmatic::action(pattern = $pattern)]
            async fn matched(&self, Captures(found): Captures<Found>) -> String {
                found.what
            }

            #[botmatic::action("literal")]
            $visible async fn $method(&self, $($parameter)*) -> $answer $body

            #[botmatic::action("expression")]
            async fn expression(&self) -> u8 {
                $action
            }
        }
    };
}

#[derive(serde::Deserialize)]
struct Found {
    what: String,
}

service!(
    Shop, Vec<u8>, bot_reply, "campaign_ended", 2 + 3, r"find_(?<what>\w+)",
    pub(crate) literal(Params(name): Params<Option<String>>, _token: Token) -> Option<String> { name },
    doc = "Hears of the end of a campaign."
);

#[test]
fn a_struct_is_mapped() {
    let properties: [(&str, serde_json::Value); 3] =
        [("firstname", "Ada".into()), ("score", 12.into()), ("type", "[\"vip\"]".into())];
    let properties: Properties = properties.into_iter().collect();
    let person = Person::from_properties(&properties).unwrap();
    assert_eq!((person.score.as_secs(), &person.r#type[..]), (12, &["vip".to_owned()][..]));
    assert_eq!(person.to_properties().unwrap(), properties);
    let patch = PersonPatch { nickname: Change::Set("A".to_owned()), ..PersonPatch::default() };
    assert_eq!(serde_json::to_string(&patch).unwrap(), r#"{"nickname":"A"}"#);
}

#[tokio::test]
async fn a_block_answers() {
    let (simulator, token) = (Simulator::new(), Token::new("tok-alpha"));
    let service = botmatic::builder(Shop::default()).platform(simulator.clone()).build().unwrap();
    assert!(format!("{:?}", Shop::table()).contains("campaign_ended"));
    simulator.connect(&token, service);
    for (action, data, answer) in
        [("literal", "\"a\"", "\"a\""), ("expression", "null", "5"), ("find_ada", "null", "\"ada\"")]
    {
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        let said = simulator.action(&token, action, data).await.unwrap();
        assert_eq!(said.data.to_string(), answer, "{action}");
    }
}
