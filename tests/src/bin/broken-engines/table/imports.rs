//! Imports, which work on many at once.

use super::{Break, IMPATIENT, LATE, TIDY, UNANSWERED, USUAL};

pub(super) const BREAKS: &[Break] = &[
    Break {
        name: "import-does-not-claim",
        what: "an import waits for nobody",
        file: "sync/import/batch.rs",
        text: "let claim = self.claim(subjects).await?;",
        replacement: "let claim = self.claim({ drop(subjects); Vec::new() }).await?;",
        seeds: 400,
        faults: USUAL,
    },
    Break {
        name: "import-without-intents",
        what: "the creates of an import are not saved before they are sent",
        file: "sync/import/write.rs",
        text: "Ok(writes) => self.commit(claim, writes).await,",
        replacement: "Ok(_) => Ok(()),",
        seeds: 200,
        faults: USUAL,
    },
    Break {
        name: "import-does-not-adopt",
        what: "an import creates whoever is being created",
        file: "sync/import/batch.rs",
        text: "Known::No if any_lost || begun.contains_key(&item.id) => {",
        replacement: "Known::No if any_lost && false => {",
        seeds: 100,
        faults: LATE,
    },
    Break {
        name: "import-answers-mixed",
        what: "the answers to a batch are matched in the wrong order",
        file: "sync/import/write.rs",
        text: "who.into_iter().zip(contacts).zip(results)",
        replacement: "who.into_iter().zip(contacts).zip(results.into_iter().rev())",
        seeds: 100,
        faults: USUAL,
    },
    Break {
        name: "strays-imported",
        what: "an import creates who was created once too often",
        file: "sync/import/batch.rs",
        text: "any_begun || self.stray(&claim, Side::External, is_one).await?.is_some();",
        replacement: "any_begun || { drop(is_one); false };",
        seeds: 10000,
        faults: UNANSWERED,
    },
    Break {
        name: "import-overwrites-pairs",
        what: "an import saves a pair that was saved meanwhile",
        file: "sync/import/write.rs",
        text: "self.save(claim, Write::NewPair, done",
        replacement: "self.save(claim, Write::Pair, done",
        seeds: 4000,
        faults: TIDY,
    },
    Break {
        name: "import-does-not-note",
        what: "an import saves nothing before it writes",
        file: "sync/import/write.rs",
        text: "if let Err(error) = self.commit(claim, planned).await {",
        replacement: "drop::<Vec<Write>>(planned);
        if let Err(error) = Ok::<(), Error>(()) {",
        seeds: 20000,
        faults: IMPATIENT,
    },
];
