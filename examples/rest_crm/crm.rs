//! The service, over its REST interface; and what bots can ask.

use std::time::Duration;

use botmatic_contact::Properties;
use botmatic_contact::prelude::*;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, Url};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::contact::{Person, PersonPatch};

/// How long the service may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The service.
pub(crate) struct Crm {
    http: Client,
    contacts: Url,
}

impl Crm {
    /// The service at that address.
    pub(crate) fn new(mut url: Url) -> Result<Self, reqwest::Error> {
        let http = Client::builder().timeout(TIMEOUT).connect_timeout(TIMEOUT / 6);
        // Reading the machine's certificates takes longer than all else at the start.
        let http = if url.scheme() == "http" { http.tls_certs_only([]) } else { http };
        let http = http.build()?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("contacts");
        }
        Ok(Self { http, contacts: url })
    }

    /// The address of one contact, whatever characters its id has.
    fn contact(&self, id: &ExternalId) -> Url {
        let mut url = self.contacts.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(id.as_str());
        }
        url
    }

    /// A contact with all its members.
    pub(crate) async fn read(&self, id: &ExternalId) -> Result<Option<Map<String, Value>>, ConsumerError> {
        match send(self.http.get(self.contact(id))).await {
            Ok(answer) => Ok(Some(json(answer).await?)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl ExternalApiConsumer for Crm {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _: &Auth, person: Person) -> Result<ExternalId, ConsumerError> {
        // As a change of all that it has: what it has not is not mentioned, and its id is the service's to give.
        let members = PersonPatch::from_properties(&person.to_properties()?)?;
        let created: Person =
            json(send_to_all(self.http.post(self.contacts.clone()).json(&members)).await?).await?;
        created.id.ok_or_else(|| ConsumerError::failed("the service created a contact and gave it no id"))
    }

    async fn get_contact(&self, _: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        let found = self.read(id).await?;
        Ok(found.map(|members| serde_json::from_value(members.into())).transpose()?)
    }

    async fn get_contact_by_email(&self, _: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
        let found = send_to_all(self.http.get(self.contacts.clone()).query(&[("email", email)])).await?;
        // As long as no contact has a member `email`, json-server takes no notice of the query and answers with all.
        let found: Vec<Person> = json(found).await?;
        Ok(found.into_iter().find(|person| person.has_email(email)))
    }

    async fn list_contacts(&self, _: &Auth, page: Page) -> Result<Vec<Person>, ConsumerError> {
        let query = [("_page", page.number), ("_limit", page.size)];
        json(send_to_all(self.http.get(self.contacts.clone()).query(&query)).await?).await
    }

    async fn update_contact(
        &self,
        _: &Auth,
        id: &ExternalId,
        patch: PersonPatch,
    ) -> Result<(), ConsumerError> {
        send(self.http.patch(self.contact(id)).json(&patch)).await.map(drop)
    }

    async fn delete_contact(&self, _: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        send(self.http.delete(self.contact(id))).await.map(drop)
    }
}

/// Sends a request about one contact and says what the service thought of it. Neither addresses nor answers get into an error: they tell
/// of people.
async fn send(request: RequestBuilder) -> Result<Response, ConsumerError> {
    let answer = request.send().await.map_err(reqwest::Error::without_url)?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Err(ConsumerError::from_status(answer.status().as_u16(), retry_after))
}

/// The same for a request that is not about one contact: there is nobody who could be missing.
async fn send_to_all(request: RequestBuilder) -> Result<Response, ConsumerError> {
    match send(request).await {
        Err(error) if error.is_not_found() => {
            Err(ConsumerError::failed("the service has no `/contacts`: is CRM_URL its address?"))
        }
        answer => answer,
    }
}

async fn json<T: serde::de::DeserializeOwned>(answer: Response) -> Result<T, ConsumerError> {
    Ok(answer.json().await.map_err(reqwest::Error::without_url)?)
}

/// What a bot names with `set_PROPERTY_VALUE`.
#[derive(Deserialize, JsonSchema)]
struct Set {
    /// The name of the property on Botmatic.
    property: String,
    /// Its new value, as text.
    value: String,
}

#[botmatic::integration]
impl Crm {
    /// Answers with what it was called with.
    #[botmatic::action("echo")]
    async fn echo(&self, Params(data): Params<Value>) -> Value {
        data
    }

    /// Sets a property of the contact, here and at the service. A mapped property is set in its own kind:
    /// `set_validation_1` sets a number.
    #[botmatic::action(pattern = r"set_(?<property>signup_date|[^_]+)_(?<value>.+)")]
    async fn set(
        &self,
        Captures(set): Captures<Set>,
        who: ContactId,
        botmatic: Botmatic<Self>,
    ) -> botmatic_contact::Result<()> {
        // The event of the change brings it to the service.
        let asked = Properties::from_iter([(set.property, set.value)]);
        let mapped = PersonPatch::from_properties(&asked)?.to_properties()?;
        botmatic.set_properties(&who, if mapped.is_empty() { &asked } else { &mapped }).await
    }
}
