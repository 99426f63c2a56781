// Everything the macros can do, in code that names all things by absolute paths: whatever surrounds it, it means the
// same, so what breaks there is the macros' doing. A new option or attribute gets its line here and is tried in every
// surrounding. `crate::runtime` is the framework.

use crate::runtime::botmatic;

/// A person, with every option of a field. The names of the last ones are those of generated code.
#[derive(
    Clone, Debug, Default, PartialEq, ::serde::Deserialize, ::serde::Serialize, crate::runtime::ContactMapping,
)]
#[contact(crate = crate::runtime)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    #[contact(id)]
    pub(crate) id: u64,
    #[contact("firstname")]
    pub(crate) first_name: ::std::string::String,
    #[contact("email", email)]
    email_address: ::core::option::Option<::std::string::String>,
    #[contact("tags", json)]
    tags: ::core::option::Option<::std::vec::Vec<::std::string::String>>,
    #[contact("level", default)]
    #[serde(rename = "rank", default)]
    level: u8,
    #[contact("weight", with = in_grams)]
    #[serde(with = "in_grams")]
    weight: f64,
    #[serde(serialize_with = "in_grams::serialize_some")]
    r#type: ::core::option::Option<f64>,
    #[cfg(test)]
    present: ::core::primitive::bool,
    #[cfg(not(test))]
    absent: Nothing,
    #[cfg_attr(test, contact("renamed"))]
    conditional: u16,
    #[contact("rating", display)]
    text: u8,
    #[contact(read_only)]
    since: ::core::option::Option<u16>,
    #[contact(write_only, default)]
    place: Rank,
    #[contact(skip)]
    #[serde(skip)]
    secret: ::std::string::String,
    self_: u8,
    contact: u8,
    fields: u8,
    formatter: u8,
    map: u8,
    properties: u8,
    reader: u8,
    serializer: u8,
    value: u8,
    writer: u8,
}

/// An enum of texts, with every option of one.
#[derive(
    Clone, Debug, Default, PartialEq, ::serde::Deserialize, ::serde::Serialize, crate::runtime::PropertyValue,
)]
#[property(crate = crate::runtime, rename_all = "snake_case")]
enum Rank {
    #[default]
    None,
    #[property("very high")]
    Some,
}

/// A value and an id around one of any type.
#[derive(Clone, Debug, PartialEq, crate::runtime::IdValue, crate::runtime::PropertyValue)]
#[property(crate = crate::runtime)]
pub(crate) struct Around<T>(T);

/// Kilograms here, grams there.
mod in_grams {
    pub(super) fn to_botmatic(kilograms: &f64) -> f64 {
        kilograms * 1000.0
    }

    pub(super) fn from_botmatic(grams: f64) -> ::core::result::Result<f64, ::core::convert::Infallible> {
        ::core::result::Result::Ok(grams / 1000.0)
    }

    pub(super) fn serialize<S: ::serde::Serializer>(
        kilograms: &f64,
        to: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        ::serde::Serializer::serialize_f64(to, to_botmatic(kilograms))
    }

    pub(super) fn deserialize<'de, D: ::serde::Deserializer<'de>>(
        from: D,
    ) -> ::core::result::Result<f64, D::Error> {
        let grams = <f64 as ::serde::Deserialize<'de>>::deserialize(from);
        ::core::result::Result::map(grams, |grams| grams / 1000.0)
    }

    pub(super) fn serialize_some<S: ::serde::Serializer>(
        kilograms: &::core::option::Option<f64>,
        to: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        let grams = ::core::option::Option::as_ref(kilograms);
        ::serde::Serialize::serialize(&::core::option::Option::map(grams, to_botmatic), to)
    }
}

/// Generics of every kind; the patch has to carry them too.
#[derive(Clone, Debug, PartialEq, crate::runtime::ContactMapping)]
#[contact(crate = crate::runtime)]
pub(crate) struct Labelled<V = u8, const N: usize = 2>
where
    V: crate::runtime::PropertyValue
        + ::serde::Serialize
        + ::serde::de::DeserializeOwned
        + ::core::default::Default
        + ::core::marker::Send
        + ::core::marker::Sync
        + 'static,
{
    #[contact(id)]
    pub(crate) key: Around<::std::string::String>,
    pub(crate) value: V,
    pub(crate) around: ::core::option::Option<Around<u8>>,
    #[contact(json)]
    pub(crate) values: ::core::option::Option<::std::vec::Vec<V>>,
    #[contact(skip)]
    pub(crate) label: &'static ::core::primitive::str,
    #[contact(skip)]
    pub(crate) size: ::core::marker::PhantomData<[u8; N]>,
}

/// A settings page.
#[derive(Clone, Debug, crate::runtime::SettingsForm)]
#[setting(crate = crate::runtime)]
pub(crate) struct Settings {
    /// Where the service answers.
    #[setting(label = "Address", kind = url)]
    address: ::std::string::String,
    #[setting(min = 1, max = 100)]
    page_size: ::core::option::Option<u32>,
    #[setting(accept = ".pdf", max_size = 10)]
    current: ::core::option::Option<crate::runtime::Upload>,
    form: crate::runtime::Secret,
    reader: ::core::primitive::bool,
}

/// What the pattern of an action finds.
#[derive(Clone, Debug, ::serde::Deserialize)]
pub(crate) struct Sum {
    left: u32,
    right: u32,
}

/// Why a handler failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Full;

impl ::core::fmt::Display for Full {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("no room")
    }
}

impl ::std::error::Error for Full {}

/// The external service.
#[derive(Debug, Default)]
pub(crate) struct Crm {
    people: crate::works::People<Person>,
}

/// The names of the methods are those of generated code.
#[botmatic::integration(crate = crate::runtime, parts(more_of_it))]
impl Crm {
    #[botmatic::on(install)]
    async fn installed(&self, install: crate::runtime::event::Install) -> ::core::result::Result<(), Full> {
        if install.token.expose().is_empty() {
            ::core::result::Result::Err(Full)
        } else {
            ::core::result::Result::Ok(())
        }
    }

    #[botmatic::on("campaign_ended")]
    async fn on(&self) {}

    #[botmatic::on(contact_deleted, replace)]
    async fn replace(
        &self,
        deleted: crate::runtime::event::ContactDeleted,
        who: crate::runtime::ContactId,
    ) -> ::core::primitive::bool {
        deleted.contact_id == who
    }

    #[botmatic::action("table")]
    async fn table(
        &self,
        number: ::core::option::Option<crate::runtime::Params<u8>>,
        who: ::core::result::Result<crate::runtime::ContactId, crate::runtime::Rejection>,
    ) -> u8 {
        if let ::core::option::Option::Some(crate::runtime::Params(number)) = number {
            number
        } else {
            <u8 as ::core::convert::From<::core::primitive::bool>>::from(who.is_err())
        }
    }

    #[botmatic::action("call")]
    async fn call(
        &self,
        #[cfg(test)] crate::runtime::Params(number): crate::runtime::Params<u32>,
        #[cfg(not(test))] absent: Nothing,
        token: crate::runtime::Token,
    ) -> ::std::string::String {
        ::std::format!("{number} {}", token.expose())
    }

    #[botmatic::action(pattern = r"(?<left>\d+)_plus_(?<right>\d+)")]
    async fn action(
        &self,
        crate::runtime::Captures(Sum { left, right }): crate::runtime::Captures<Sum>,
        state: crate::runtime::State<Self>,
        mut auth: crate::runtime::Auth,
    ) -> ::core::result::Result<u32, Full> {
        let _ = (&state.people, &mut auth);
        u32::checked_add(left, right).ok_or(Full)
    }

    #[cfg(not(test))]
    #[botmatic::action("never")]
    async fn never(&self, absent: Nothing) {}

    #[botmatic::settings("/settings")]
    async fn apply(&self) -> Settings {
        Settings {
            address: ::std::string::String::new(),
            page_size: ::core::option::Option::None,
            current: ::core::option::Option::None,
            form: crate::runtime::Secret::new("k"),
            reader: true,
        }
    }
}

/// Another block of the same integration. The names of its methods are those of generated code, too.
#[botmatic::integration(crate = crate::runtime, part = more_of_it)]
impl Crm {
    /// Answers with a number.
    #[botmatic::action("part")]
    async fn merge(&self) -> u8 {
        4
    }
}

#[botmatic::settings("/settings", save, crate = crate::runtime)]
async fn save(entered: Settings, crm: crate::runtime::State<Crm>) {
    let Settings { address, page_size, current: file, form: secret, reader: ticked } = entered;
    ::core::mem::drop((address, page_size, file, secret, ticked, crm));
}

/// A function that is a handler.
#[botmatic::action("function", crate = crate::runtime)]
pub(crate) async fn handled(
    crm: crate::runtime::State<Crm>,
    crate::runtime::Params(number): crate::runtime::Params<u8>,
    #[cfg(not(test))] absent: Nothing,
) -> ::core::result::Result<u8, Full> {
    let _ = &crm.people;
    ::core::result::Result::Ok(number)
}

/// A function that is a handler of every integration whose clients are nothing.
#[cfg(test)]
#[botmatic::on(bot_reply, crate = crate::runtime)]
pub(crate) async fn replied(auth: crate::runtime::Auth, mut reply: crate::runtime::event::BotReply) {
    ::core::mem::drop((auth, &mut reply));
}

#[cfg(not(test))]
#[botmatic::action("never", crate = crate::runtime)]
async fn never(absent: Nothing) {}

/// A block with one handler.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Block<T> {
    data: T,
}

#[botmatic::action("block", crate = crate::runtime)]
impl<T: ::core::marker::Copy + ::core::marker::Send + ::core::marker::Sync + ::serde::Serialize + 'static>
    Block<T>
{
    async fn table(&self) -> T {
        self.data
    }
}

impl crate::runtime::ExternalApiConsumer for Crm {
    type Contact = Person;
    type Client = ();

    async fn create_contact(
        &self,
        _: &crate::runtime::Auth,
        mut person: Person,
    ) -> ::core::result::Result<crate::runtime::ExternalId, crate::runtime::ConsumerError> {
        person.id = 4001;
        ::core::result::Result::Ok(self.people.add(4001, person))
    }

    async fn get_contact(
        &self,
        _: &crate::runtime::Auth,
        id: &crate::runtime::ExternalId,
    ) -> ::core::result::Result<::core::option::Option<Person>, crate::runtime::ConsumerError> {
        ::core::result::Result::Ok(self.people.get(id))
    }

    async fn get_contact_by_email(
        &self,
        _: &crate::runtime::Auth,
        email: &::core::primitive::str,
    ) -> ::core::result::Result<::core::option::Option<Person>, crate::runtime::ConsumerError> {
        ::core::result::Result::Ok(self.people.find(|person| person.email_address.as_deref(), email))
    }

    async fn list_contacts(
        &self,
        _: &crate::runtime::Auth,
        page: crate::runtime::Page,
    ) -> ::core::result::Result<::std::vec::Vec<Person>, crate::runtime::ConsumerError> {
        ::core::result::Result::Ok(self.people.page(page))
    }

    async fn update_contact(
        &self,
        _: &crate::runtime::Auth,
        id: &crate::runtime::ExternalId,
        patch: PersonPatch,
    ) -> ::core::result::Result<(), crate::runtime::ConsumerError> {
        self.people.change(id, patch)
    }

    async fn delete_contact(
        &self,
        _: &crate::runtime::Auth,
        id: &crate::runtime::ExternalId,
    ) -> ::core::result::Result<(), crate::runtime::ConsumerError> {
        self.people.remove(id);
        ::core::result::Result::Ok(())
    }
}

impl crate::works::Subject for Crm {
    type Generic = Labelled<::std::string::String, 3>;

    const ANSWERS: &'static [crate::works::Answer] = &[
        ("table", "null", "1"),
        ("call", "3", r#""3 tok-alpha""#),
        ("2_plus_3", "null", "5"),
        ("part", "null", "4"),
        ("function", "7", "7"),
        ("block", "null", "1"),
    ];

    fn more() -> crate::runtime::Table<Self> {
        let more = crate::runtime::Table::merge(crate::runtime::Table::new(), handled {});
        let more = crate::runtime::Table::merge(more, save {});
        let more = crate::runtime::Table::merge(more, Block { data: 1 });
        crate::runtime::Table::merge(more, replied {})
    }

    fn contact() -> Person {
        Person {
            first_name: ::std::borrow::ToOwned::to_owned("Ada"),
            email_address: ::core::option::Option::Some(::std::borrow::ToOwned::to_owned("ada@example.test")),
            weight: 61.5,
            r#type: ::core::option::Option::Some(0.25),
            map: 7,
            ..::core::default::Default::default()
        }
    }

    fn round_trip() {
        crate::runtime::assert_round_trip!(Labelled<::std::string::String, 3>);
    }

    fn people(&self) -> &crate::works::People<Person> {
        &self.people
    }
}
