//! Types wherever they can be declared, and however little they can be seen.

use botmatic_contact::prelude::*;
use botmatic_contact::{Integration, Properties};
use serde::{Deserialize, Serialize};

mod inner {
    use super::*;

    /// A name on its way into the struct; nobody outside sees it.
    #[derive(Debug, Default, Serialize, Deserialize)]
    struct Address {
        street: String,
    }

    #[derive(Debug, Default, ContactMapping)]
    pub(in crate::places) struct Person {
        #[contact(id)]
        pub(super) id: u64,
        #[contact("address", json)]
        home: Option<Address>,
        pub(in crate::places) r#match: Option<String>,
    }

    impl Person {
        pub(super) fn numbered(id: u64) -> Self {
            Self { id, ..Self::default() }
        }

        pub(super) fn street(&self) -> Option<&str> {
            self.home.as_ref().map(|home| home.street.as_str())
        }
    }

    pub(super) fn moves() -> PersonPatch {
        PersonPatch { home: Change::Set(Address { street: "Quay".to_owned() }), ..PersonPatch::default() }
    }
}

#[test]
fn private_types_stay_private_and_the_patch_is_as_visible_as_the_struct() {
    let mut person = inner::Person::numbered(1);
    inner::moves().apply(&mut person).unwrap();
    assert_eq!((person.id, person.street(), person.r#match.as_deref()), (1, Some("Quay"), None));
    let patch: inner::PersonPatch = ContactPatch::from_properties(&Properties::default()).unwrap();
    assert!(patch.is_empty() && patch.r#match.is_keep());
}

#[test]
fn a_body_of_a_function_declares_all_of_it() {
    #[derive(Debug, PartialEq, ContactMapping)]
    struct Person<const N: usize = 1> {
        #[contact(id)]
        id: Option<String>,
        name: String,
        #[contact(skip)]
        size: std::marker::PhantomData<[u8; N]>,
    }

    #[derive(SettingsForm)]
    struct Settings {
        name: String,
    }

    struct Crm(String);

    #[botmatic::integration]
    impl Crm {
        #[botmatic::action("name")]
        async fn name(&self) -> String {
            self.0.clone()
        }

        #[botmatic::settings("/settings")]
        async fn settings(&self) -> Settings {
            Settings { name: self.0.clone() }
        }

        #[botmatic::settings("/settings", save)]
        async fn save(&self, settings: Settings) -> Result<(), String> {
            if settings.name == self.0 { Ok(()) } else { Err(settings.name) }
        }
    }

    let properties = Properties::from_iter([("name", "Ada")]);
    let person: Person = Person::from_properties(&properties).unwrap();
    assert_eq!((person.id.as_deref(), person.to_properties().unwrap()), (None, properties));
    assert!(format!("{:?}", Crm::table()).contains("name"));
}

#[test]
#[expect(non_camel_case_types, reason = "the name of a keyword, and that of its patch")]
fn raw_names_lose_their_prefix() {
    #[derive(Default, Serialize, ContactMapping)]
    struct r#struct {
        #[contact(id)]
        r#fn: u64,
        r#type: Option<String>,
    }

    let patch = structPatch { r#type: Change::Set("vip".to_owned()) };
    assert_eq!(serde_json::to_string(&patch).unwrap(), r#"{"type":"vip"}"#);
    assert_eq!(patch.to_properties().unwrap(), Properties::from_iter([("type", "vip")]));
    assert_eq!(<r#struct as ContactMapping>::PROPERTIES[0].name, "type");
}

#[test]
fn other_derives_stand_beside_ours() {
    #[derive(
        Clone,
        Debug,
        Default,
        PartialEq,
        Eq,
        PartialOrd,
        Ord,
        Hash,
        Serialize,
        Deserialize,
        ContactMapping,
        clap::Parser,
        SettingsForm,
    )]
    #[serde(default, deny_unknown_fields)]
    #[command(no_binary_name = true)]
    struct Person {
        #[contact(id)]
        #[arg(long, default_value_t)]
        #[setting(max = 10)]
        id: u64,
        #[arg(long, short)]
        #[contact("firstname")]
        #[setting(label = "First name")]
        name: String,
    }

    let person = <Person as clap::Parser>::parse_from(["--name", "Ada"]);
    assert_eq!(person.to_properties().unwrap(), Properties::from_iter([("firstname", "Ada")]));
}

#[tokio::test]
async fn async_trait_beside_a_block_changes_nothing() {
    #[async_trait::async_trait]
    trait Greets {
        async fn greet(&self) -> String;
    }

    struct Crm;

    #[async_trait::async_trait]
    impl Greets for Crm {
        async fn greet(&self) -> String {
            "hello".to_owned()
        }
    }

    #[botmatic::integration]
    impl Crm {
        #[botmatic::action("greet")]
        async fn greeting(&self) -> String {
            self.greet().await
        }
    }

    assert_eq!(Crm.greeting().await, "hello");
    assert!(format!("{:?}", Crm::table()).contains("greet"));
}
