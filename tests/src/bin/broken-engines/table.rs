//! The broken engines, one a row.

/// One way to break the engine.
#[derive(Debug)]
pub(crate) struct Break {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it breaks.
    pub(crate) what: &'static str,
    /// Where, below `botmatic-contact/src`.
    pub(crate) file: &'static str,
    /// What stands there, once.
    pub(crate) text: &'static str,
    /// What stands there when it is broken.
    pub(crate) replacement: &'static str,
    /// Within how many seeds it is caught.
    pub(crate) seeds: u64,
    /// What goes wrong meanwhile, beside the engine: arguments of `simulate`.
    pub(crate) faults: &'static [&'static str],
}

/// What goes wrong unless something else is said.
const USUAL: &[&str] = &[];

pub(crate) const BREAKS: &[Break] = &[
    Break {
        name: "email-not-claimed",
        what: "whoever may share an e-mail address is worked on at the same time",
        file: "sync/mod.rs",
        text: ".or_else(|| email.map(whoever_has));",
        replacement: ".or_else(|| email.map(whoever_has).filter(|_| false));",
        seeds: 200,
        faults: USUAL,
    },
    Break {
        name: "snapshot-not-written",
        what: "what was written outside is not agreed on",
        file: "sync/updated.rs",
        text: "let snapshot = diff::agreed(snapshot, changes);",
        replacement: "drop(changes);",
        seeds: 200,
        faults: USUAL,
    },
    Break {
        name: "intents-ignored",
        what: "nobody is recognised as the one that is being created",
        file: "sync/intents.rs",
        text: "if same::<I::Contact>(&properties, stated) {",
        replacement: "if false && same::<I::Contact>(&properties, stated) {",
        seeds: 40,
        faults: USUAL,
    },
    Break {
        name: "absent-is-cleared",
        what: "what an update does not mention is cleared",
        file: "sync/updated.rs",
        text: "let statement = I::Contact::canonical(contact.properties)?;",
        replacement: "let mut statement = I::Contact::canonical(contact.properties)?;
        for property in I::Contact::PROPERTIES {
            if statement.get(&property.name).is_none() {
                statement.set(property.name.clone(), crate::contact::Value::Null);
            }
        }",
        seeds: 200,
        faults: USUAL,
    },
    Break {
        name: "no-tombstone",
        what: "who was deleted is forgotten at once",
        file: "sync/mod.rs",
        text: "Known::Deleted(at) if self.context.clock.now().duration_since(at) > TOMBSTONE => Known::No,",
        replacement: "Known::Deleted(_) => Known::No,",
        seeds: 40,
        faults: &["none", "Repeat=20"],
    },
];
