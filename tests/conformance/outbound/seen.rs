//! What is compared of a call, and the ways in which ours may differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Request;
use crate::fake::Asked;

/// What could be seen of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) sent: Vec<Sent>,
    pub(crate) result: Outcome,
    pub(crate) pairs: Pairs,
    /// How many contacts at once the external service was asked for, if it was.
    pub(crate) page_size: Option<u64>,
}

/// A request, and how often it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    pub(crate) times: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) accept: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// It came to this.
    Done(Value),
    /// It failed, with that status if there was one.
    Failed(Option<u16>),
    /// There was nobody of that id.
    NotFound,
    /// The process ended.
    Crashed,
    /// It did not come to anything.
    Pending,
    /// There is a function, and it does nothing.
    NotImplemented,
    /// It cannot be written down: there is no such function, or its arguments have other types.
    NotWritable,
}

/// Contact ids with external ids, and the other way round: the packages keep both, and not always in step.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pairs {
    pub(crate) by_contact: BTreeSet<(String, String)>,
    pub(crate) by_external: BTreeSet<(String, String)>,
}

/// What was observed, beside what was recorded, so that a difference can say exactly what is different.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) seen: Seen,
    pub(crate) recorded: Seen,
    /// The status that the recorded Botmatic answered first.
    pub(crate) given: Option<u16>,
}

impl PartialEq for Observed {
    fn eq(&self, other: &Self) -> bool {
        self.seen == other.seen
    }
}

impl Observed {
    /// Whether what was seen is what was recorded but for this change; and but for what holds for all calls: the
    /// external id is no property, and a GET has no body.
    pub(crate) fn is(&self, change: impl FnOnce(&mut Seen)) -> bool {
        let mut expected = self.recorded.clone();
        for sent in &mut expected.sent {
            sent.leave_out_external_ids();
            if sent.method == "GET" {
                (sent.body, sent.content_type) = (Value::Null, None);
            }
        }
        change(&mut expected);
        expected == self.seen
    }
}

impl Seen {
    /// Every request was sent once more; a create, and the event of a campaign, only if it was certainly not carried
    /// out.
    pub(crate) fn tried_again(&mut self, not_done: bool) {
        for sent in &mut self.sent {
            let harmless = sent.method != "POST" || sent.path == "/api/properties";
            sent.times += usize::from(not_done || harmless);
        }
    }

    /// If the only request told of several contacts, it was followed by one for each of them.
    pub(crate) fn halved(&mut self) {
        let [batch] = self.sent.as_slice() else { return };
        let Some(contacts) = batch.body["contacts"].as_array().filter(|_| batch.path == "/api/contacts")
        else {
            return;
        };
        let half = |contact| Sent { body: json!({ "contacts": [contact] }), ..batch.clone() };
        let halves: Vec<_> = contacts.iter().map(half).collect();
        self.sent.extend(halves);
    }

    /// An import that said it was done, although nobody went through.
    pub(crate) fn nobody_imported(&mut self, status: Option<u16>) {
        let Outcome::Done(report) = &self.result else { return };
        let count = report["contacts_count"].as_u64().unwrap_or_default();
        let failures: Vec<_> = (0..count).map(|_| status).collect();
        // Who is throttled has not failed.
        self.result = Outcome::Done(match status {
            Some(429) => json!({ "contacts_count": 0 }),
            _ => json!({ "contacts_count": 0, "failures": failures }),
        });
        self.pairs = Pairs::default();
    }

    /// Whoever was deleted is no pair any more.
    pub(crate) fn deleted(&mut self) {
        self.result = Outcome::Done(Value::Null);
        self.pairs.by_contact.retain(|(contact, _)| contact != "9001");
        self.pairs.by_external.retain(|(external, _)| external != "4001");
    }
}

impl Sent {
    pub(super) fn recorded(request: &Request) -> Self {
        let headers = request.headers_that_matter.iter();
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        Self::new(&request.method, &request.path, &headers, &request.body)
    }

    pub(super) fn asked(asked: &Asked) -> Self {
        Self::new(&asked.method, &asked.path, &asked.headers, &asked.body)
    }

    fn new(method: &str, path: &str, headers: &BTreeMap<String, String>, body: &str) -> Self {
        let header = |name: &str| headers.get(name).cloned();
        Self {
            times: 1,
            method: method.to_owned(),
            path: path.to_owned(),
            authorization: header("authorization"),
            accept: header("accept"),
            content_type: header("content-type").filter(|_| !body.is_empty()),
            body: if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() },
        }
    }

    /// js-contact sends the external id among the properties: those of a create, and of each of several updates.
    fn leave_out_external_ids(&mut self) {
        if self.path != "/api/contacts" {
            return;
        }
        let leave_out = |place: &mut Value| {
            let properties =
                if place.get("contact_props").is_some() { &mut place["contact_props"] } else { place };
            properties.as_object_mut().map(|properties| properties.remove("id"));
        };
        if let Some(contact) = self.body.get_mut("contact") {
            leave_out(contact);
        }
        if let Some(contacts) = self.body.get_mut("contacts").and_then(Value::as_array_mut) {
            contacts.iter_mut().for_each(leave_out);
        }
    }
}

impl Pairs {
    pub(crate) fn insert(&mut self, contact: &str, external: &str) {
        self.by_contact.insert((contact.to_owned(), external.to_owned()));
        self.by_external.insert((external.to_owned(), contact.to_owned()));
    }

    /// From what the packages write into redis: `{token}:b:{contact id}` and `{token}:e:{external id}`.
    pub(super) fn kept<'a>(entries: impl Iterator<Item = (&'a String, impl AsRef<str>)>) -> Self {
        let mut pairs = Self::default();
        for (key, id) in entries {
            let [.., side, half] = key.split(':').collect::<Vec<_>>()[..] else { panic!("{key}") };
            let side = if side == "b" { &mut pairs.by_contact } else { &mut pairs.by_external };
            side.insert((half.to_owned(), id.as_ref().to_owned()));
        }
        pairs
    }
}

/// The requests in order; those that are the same stand together.
pub(super) fn sent(requests: impl Iterator<Item = Sent>) -> Vec<Sent> {
    let mut sent: Vec<Sent> = Vec::new();
    for request in requests {
        match sent.iter_mut().find(|known| Sent { times: 1, ..(*known).clone() } == request) {
            Some(known) => known.times += 1,
            None => sent.push(request),
        }
    }
    sent
}
