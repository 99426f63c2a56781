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

/// Nobody waits for the news of what others have done, and news come late and in any order.
const HURRIED: &[&str] = &["none", "Reorder=30", "Delay=30", "Duplicate=30", "Haste=100", "Tidy=100"];

/// Everything is known that was done, and much comes twice and at once.
const KNOWN: &[&str] = &["none", "Duplicate=30", "Haste=80"];

/// The same address is that of several people, or of somebody on both sides.
const SHARED: &[&str] = &["none", "Duplicate=30", "Haste=50", "SharedAddress=50", "Acquaintance=50"];

/// Answers come late, and much is refused.
const SLOW: &[&str] =
    &["none", "Duplicate=30", "Reorder=30", "SlowAnswer=30", "Throttled=20", "PartialBatch=30", "Haste=50"];

/// Much is told again, as it was then.
const REPEATED: &[&str] = &["none", "Repeat=30", "TellsStates=100", "Haste=50"];

/// Much times out, and news come late.
const LATE: &[&str] = &["none", "TimedOut=30", "Delay=40", "Haste=30"];

/// Nobody knows what became of much that was asked.
const UNSURE: &[&str] = &["none", "Crash=20", "TimedOut=15", "FailedAfterwards=15", "StoreFailed=10"];

pub(crate) const BREAKS: &[Break] = &[
    Break {
        name: "email-not-claimed",
        what: "whoever may share an e-mail address is worked on at the same time",
        file: "sync/mod.rs",
        text: ".or_else(|| email.map(whoever_has));",
        replacement: ".or_else(|| email.map(whoever_has).filter(|_| false));",
        seeds: 400,
        faults: SHARED,
    },
    Break {
        name: "claim-skipped",
        what: "nobody waits for anybody",
        file: "sync/mod.rs",
        text: "self.context.key_store.claim(self.installation, &subjects);",
        replacement: "self.context.key_store.claim(self.installation, &[]);",
        seeds: 40,
        faults: SHARED,
    },
    Break {
        name: "counterpart-not-claimed",
        what: "the two halves of a pair are worked on at the same time",
        file: "sync/mod.rs",
        text: "let with = other.clone().map(Subject::Half).or_else(|| email.map(whoever_has));",
        replacement: "let with = email.map(whoever_has);",
        seeds: 400,
        faults: KNOWN,
    },
    Break {
        name: "no-tombstone",
        what: "who was deleted is forgotten at once",
        file: "sync/mod.rs",
        text: "Known::Deleted(at) if self.context.clock.now().duration_since(at) > TOMBSTONE => Known::No,",
        replacement: "Known::Deleted(_) => Known::No,",
        seeds: 100,
        faults: REPEATED,
    },
    Break {
        name: "installations-mixed",
        what: "all installations share their pairs",
        file: "sync/mod.rs",
        text: "installation: auth.installation() }",
        replacement: r#"installation: crate::token::Token::new("all").installation() }"#,
        seeds: 40,
        faults: USUAL,
    },
    Break {
        name: "write-not-noted-before",
        what: "nothing is saved before a side is written",
        file: "sync/mod.rs",
        text: "self.commit(claim, vec![Write::Pair(pair.clone())]).await?;",
        replacement: "",
        seeds: 3000,
        faults: USUAL,
    },
    Break {
        name: "commits-swapped",
        what: "a side is written before it is saved what will be",
        file: "sync/mod.rs",
        text: "self.commit(claim, vec![Write::Pair(pair.clone())]).await?;
            self.write(side.other(), &pair, &news).await?;
            self.write(side, &pair, &again).await?;",
        replacement: "self.write(side.other(), &pair, &news).await?;
            self.write(side, &pair, &again).await?;
            self.commit(claim, vec![Write::Pair(pair.clone())]).await?;",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "snapshot-not-changed",
        what: "what was written is not agreed on",
        file: "sync/mod.rs",
        text: "pair.agree_on(news);",
        replacement: "drop(news);",
        seeds: 40,
        faults: KNOWN,
    },
    Break {
        name: "snapshot-not-written",
        what: "what is agreed on is not saved",
        file: "sync/mod.rs",
        text: "self.commit(claim, vec![Write::Pair(pair)]).await?;",
        replacement: "drop(pair);",
        seeds: 40,
        faults: USUAL,
    },
    Break {
        name: "learnt-not-saved",
        what: "what was confirmed is not saved",
        file: "sync/mod.rs",
        text: "if is_settled && !heard.has_learnt {",
        replacement: "if is_settled {",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "late-words-believed",
        what: "a late word of the external service is not doubted",
        file: "sync/outbound.rs",
        text: "if (heard.has_doubt || pair.may_be_late(&heard.news, now))",
        replacement: "if false",
        seeds: 12000,
        faults: SLOW,
    },
    Break {
        name: "no-intent-outside",
        what: "a create on the external service is not saved before it is sent",
        file: "sync/created.rs",
        text: "remembered.into_iter().chain([Write::Intent(intent)]).collect()",
        replacement: "{ drop(intent); remembered.into_iter().collect() }",
        seeds: 100,
        faults: USUAL,
    },
    Break {
        name: "no-intent-on-botmatic",
        what: "a create on Botmatic is not saved before it is sent",
        file: "sync/outbound.rs",
        text: "remembered.into_iter().chain([Write::Intent(intent)]).collect()",
        replacement: "{ drop(intent); remembered.into_iter().collect() }",
        seeds: 100,
        faults: USUAL,
    },
    Break {
        name: "not-found-by-email",
        what: "nobody is looked for by e-mail address before they are created",
        file: "sync/created.rs",
        text: "let found = match email::<I::Contact>(&stated) {",
        replacement: "let found = match email::<I::Contact>(&stated).filter(|_| false) {",
        seeds: 40,
        faults: SHARED,
    },
    Break {
        name: "lost-create-not-looked-up",
        what: "a create whose answer was lost is sent again without looking",
        file: "sync/created.rs",
        text: "(None, Some(earlier)) => match self.lost_external(contact, earlier).await? {",
        replacement: "(None, Some(earlier)) => match Lost::<I::Contact>::NotThere {",
        seeds: 200,
        faults: UNSURE,
    },
    Break {
        name: "create-repeated-outside",
        what: "a create on the external service is sent again when it fails",
        file: "sync/reactions.rs",
        text: "(Work::Repeatable, Self::Transient) => Reaction::Again",
        replacement: "(Work::Repeatable | Work::Create, Self::Transient) => Reaction::Again",
        seeds: 40,
        faults: UNSURE,
    },
    Break {
        name: "create-repeated-on-botmatic",
        what: "a create on Botmatic is sent again when it fails",
        file: "sync/outbound.rs",
        text: "match self.context.platform.create_contact(self.auth.token(), &snapshot).await {",
        replacement: "let first = self.context.platform.create_contact(self.auth.token(), &snapshot).await;
        let answer = match first {
            Err(error) if !error.is_refusal() => {
                self.context.platform.create_contact(self.auth.token(), &snapshot).await
            }
            first => first,
        };
        match answer {",
        seeds: 40,
        faults: UNSURE,
    },
    Break {
        name: "not-adopted-on-botmatic",
        what: "a contact of Botmatic's is not recognised as the one that is being created there",
        file: "sync/created.rs",
        text: "if let Some(outcome) = self.adopt(claim, &half, &stated).await? {",
        replacement: "if let Some(outcome) = None {",
        seeds: 100,
        faults: USUAL,
    },
    Break {
        name: "not-adopted-outside",
        what: "an external contact is not recognised as the one that is being created there",
        file: "sync/outbound.rs",
        text: "if let Some(outcome) = self.adopt(claim, &half, &snapshot).await? {",
        replacement: "if let Some(outcome) = None {",
        seeds: 100,
        faults: USUAL,
    },
    Break {
        name: "withdrawn-outside",
        what: "a create on the external service is forgotten though it may have taken place",
        file: "sync/created.rs",
        text: "if error.is_refusal() {",
        replacement: "if true {",
        seeds: 200,
        faults: USUAL,
    },
    Break {
        name: "withdrawn-on-botmatic",
        what: "a create on Botmatic is forgotten though it may have taken place",
        file: "sync/outbound.rs",
        text: "if error.is_refusal() {",
        replacement: "if true {",
        seeds: 200,
        faults: UNSURE,
    },
    Break {
        name: "not-withdrawn-outside",
        what: "a create that the external service refused stays open",
        file: "sync/created.rs",
        text: "if error.is_refusal() {",
        replacement: "if false {",
        seeds: 400,
        faults: SLOW,
    },
    Break {
        name: "not-withdrawn-on-botmatic",
        what: "a create that Botmatic refused stays open",
        file: "sync/outbound.rs",
        text: "if error.is_refusal() {",
        replacement: "if false {",
        seeds: 40,
        faults: SLOW,
    },
    Break {
        name: "undecided-not-awaited",
        what: "a create on Botmatic whose outcome is unknown is sent again at once",
        file: "sync/intents.rs",
        text: "if intents.iter().any(is_undecided) {",
        replacement: "if false {",
        seeds: 100,
        faults: UNSURE,
    },
    Break {
        name: "creators-not-awaited",
        what: "somebody unknown is created while another may be creating them",
        file: "sync/intents.rs",
        text: "let creators = creators::<I::Contact>(intents, half, &stated);
            if creators.iter().all(|other| waited_for.contains(other)) {",
        replacement: "let creators = creators::<I::Contact>(intents, half, &stated);
            if true {",
        seeds: 1200,
        faults: SLOW,
    },
    Break {
        name: "tidied-not-adopted",
        what: "who was tidied while being created is not recognised",
        file: "sync/intents.rs",
        text: ".or_else(|| intents.iter().position(|intent| alike::<I::Contact>(&intent.properties, stated)));",
        replacement: ".or(None);",
        seeds: 500,
        faults: USUAL,
    },
    Break {
        name: "anybody-adopted",
        what: "whoever turns up is taken for the one who is being created",
        file: "sync/intents.rs",
        text: "intents.iter().position(|intent| same::<I::Contact>(&intent.properties, stated));",
        replacement: "intents.iter().position(|_| true);",
        seeds: 40,
        faults: USUAL,
    },
    Break {
        name: "fulfilled-not-noticed",
        what: "a create that was finished between two looks is not noticed",
        file: "sync/intents.rs",
        text: "if let Some(outcome) = already_paired(&self.known(half).await?) {",
        replacement: "if let Some(outcome) = None {",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "strays-ignored",
        what: "who was created once too often is told of, and stays",
        file: "sync/intents.rs",
        text: "let Some(stray) = self.stray(claim, half, stated).await? else { return Ok(None) };",
        replacement: "let Some(stray) = None::<super::strays::Stray> else { return Ok(None) };",
        seeds: 400,
        faults: USUAL,
    },
    Break {
        name: "spelling-forgotten",
        what: "how the external service spells what is agreed is forgotten",
        file: "sync/statement.rs",
        text: "spelt.or_else(|| pair.snapshot.get(name))",
        replacement: "pair.snapshot.get(name)",
        seeds: 3000,
        faults: USUAL,
    },
    Break {
        name: "unknown-deletion-ignored",
        what: "the deletion of somebody who has no pair yet is forgotten",
        file: "sync/deleted.rs",
        text: "self.commit(claim, stray.into_iter().chain([tombstone]).collect()).await?;",
        replacement: "drop((stray, tombstone));",
        seeds: 40,
        faults: HURRIED,
    },
    Break {
        name: "deleted-stays-a-pair",
        what: "the pair of somebody who was deleted stays",
        file: "sync/deleted.rs",
        text: "self.commit(claim, vec![Write::Deleted { contact, external, at }]).await?;",
        replacement: "drop((claim, contact, external, at));",
        seeds: 40,
        faults: USUAL,
    },
    Break {
        name: "import-does-not-claim",
        what: "an import waits for nobody",
        file: "sync/import/batch.rs",
        text: "let claim = self.claim(subjects).await?;",
        replacement: "let claim = self.claim({ drop(subjects); Vec::new() }).await?;",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "import-without-intents",
        what: "the creates of an import are not saved before they are sent",
        file: "sync/import/batch.rs",
        text: "let intents = self.commit(claim, writes).await;",
        replacement: "drop(writes);
        let intents: Result<()> = Ok(());",
        seeds: 600,
        faults: USUAL,
    },
    Break {
        name: "import-does-not-adopt",
        what: "an import creates whoever is being created",
        file: "sync/import/batch.rs",
        text: "Known::No if any_lost || begun.contains_key(&item.id) => {",
        replacement: "Known::No if any_lost && false => {",
        seeds: 1600,
        faults: LATE,
    },
    Break {
        name: "import-answers-mixed",
        what: "the answers to a batch are matched in the wrong order",
        file: "sync/import/batch.rs",
        text: "ids.into_iter().zip(contacts).zip(results)",
        replacement: "ids.into_iter().zip(contacts).zip(results.into_iter().rev())",
        seeds: 100,
        faults: USUAL,
    },
    Break {
        name: "half-a-commit",
        what: "only the first change of a commit is made",
        file: "key_store/memory.rs",
        text: "writes.into_iter().for_each(|write| kept.write(write));",
        replacement: "writes.into_iter().take(1).for_each(|write| kept.write(write));",
        seeds: 200,
        faults: USUAL,
    },
    Break {
        name: "deletion-does-not-wait",
        what: "somebody is deleted while being created, and nobody waits for it",
        file: "sync/deleted.rs",
        text: "if creators.iter().all(|other| waited_for.contains(other)) {",
        replacement: "if true {",
        seeds: 4000,
        faults: SLOW,
    },
    Break {
        name: "deleted-is-linked",
        what: "somebody is linked with one who was deleted after being found",
        file: "sync/created.rs",
        text: "Known::Deleted(_) if self.current(&external).await?.is_none() => {",
        replacement: "Known::Deleted(_) if false => {",
        seeds: 8000,
        faults: SHARED,
    },
    Break {
        name: "link-not-noted",
        what: "nothing is saved before a side is written to link somebody",
        file: "sync/created.rs",
        text: "if !to_external.is_empty() {",
        replacement: "if false {",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "met-not-merged",
        what: "who was met by the e-mail address stays as they were on both sides",
        file: "sync/statement.rs",
        text: "let have_met = pair.traces.have_met;",
        replacement: "let have_met = false;",
        seeds: 8000,
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
        seeds: 40,
        faults: USUAL,
    },
    Break {
        name: "not-said-again",
        what: "who spoke while the other side had the last word is not corrected",
        file: "sync/mod.rs",
        text: "self.write(side, &pair, &again).await?;",
        replacement: "",
        seeds: 6000,
        faults: USUAL,
    },
];

/// Breaks that the simulation does not find, or not reliably: it lacks something, or nobody could notice. They are tried
/// only when they are named.
pub(crate) const OPEN: &[Break] = &[
    Break {
        name: "claim-not-looked-at-again",
        what: "who got a counterpart while one waited is worked on without it",
        file: "sync/mod.rs",
        text: "if other_half(half, &known) == other {",
        replacement: "if true {",
        seeds: 4000,
        faults: SLOW,
    },
    Break {
        name: "untold-overwritten",
        what: "what the external service has not told of yet is overwritten",
        file: "sync/updated.rs",
        text: "if pair.may_overwrite(&heard.news, now)",
        replacement: "if false",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "twin-stays-outside",
        what: "who was created outside once too often stays",
        file: "sync/created.rs",
        text: "Err(error) if error.is_conflict() => self.resolve_twin(claim, &half, &twin).await,",
        replacement: "Err(error) if error.is_conflict() => Ok(outcome),",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "twin-stays-on-botmatic",
        what: "who was created on Botmatic once too often stays",
        file: "sync/outbound.rs",
        text: "Err(error) if error.is_conflict() => self.resolve_twin(claim, &half, &twin).await,",
        replacement: "Err(error) if error.is_conflict() => Ok(outcome),",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "pair-overwritten-outside",
        what: "a pair that was saved meanwhile is saved once more",
        file: "sync/created.rs",
        text: "if self.is_paired(&pair.contact, &pair.external).await? {",
        replacement: "if false {",
        seeds: 4000,
        faults: SLOW,
    },
    Break {
        name: "pair-overwritten-on-botmatic",
        what: "a pair that was saved meanwhile is saved once more",
        file: "sync/outbound.rs",
        text: "if self.is_paired(&pair.contact, &pair.external).await? {",
        replacement: "if false {",
        seeds: 4000,
        faults: SLOW,
    },
    Break {
        name: "tidied-is-news",
        what: "our own word in another spelling is taken for news",
        file: "sync/statement.rs",
        text: "} else if near(said, &written.value) && now.duration_since(written.at) < LATE {",
        replacement: "} else if false {",
        seeds: 4000,
        faults: HURRIED,
    },
    Break {
        name: "import-overwrites-pairs",
        what: "an import saves a pair that was saved meanwhile",
        file: "sync/import/batch.rs",
        text: "let is_paired = self.is_paired(&contact, &external).await?;",
        replacement: "let is_paired = false;",
        seeds: 4000,
        faults: SLOW,
    },
    Break {
        name: "import-does-not-note",
        what: "an import saves nothing before it writes",
        file: "sync/import/batch.rs",
        text: "if let Err(error) = self.commit(claim, planned).await {",
        replacement: "drop::<Vec<Write>>(planned);
        if let Err(error) = Ok::<(), Error>(()) {",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "late-is-news",
        what: "a late word is taken for news",
        file: "sync/statement.rs",
        text: "} else if is_late() {",
        replacement: "} else if false {",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "undone-not-redone",
        what: "what was to be written when a process ended is never written",
        file: "sync/statement.rs",
        text: "let undone = pair.traces.written(side.other()).get(name);",
        replacement: "let undone = pair.traces.written(side.other()).get(name).filter(|_| false);",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "replaced-forgotten",
        what: "what was replaced is not remembered",
        file: "sync/statement.rs",
        text: "replaced.drain(..superfluous);",
        replacement: "replaced.clear();",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "moments-forgotten",
        what: "when something was written is not remembered",
        file: "sync/statement.rs",
        text: "changed.insert(name.to_owned(), now);",
        replacement: "changed.clear();",
        seeds: 4000,
        faults: USUAL,
    },
    Break {
        name: "link-not-finished",
        what: "what a link wrote on Botmatic is not agreed on",
        file: "sync/created.rs",
        text: "pair.agree_on(to_botmatic);",
        replacement: "drop(to_botmatic);",
        seeds: 4000,
        faults: SHARED,
    },
];
