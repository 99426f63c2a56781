//! Events that are accepted before they are worked on.

use super::Break;

/// Much is tried again, by others than those who began.
const TRIED_AGAIN: &[&str] = &["durable", "none", "TimedOut=15", "Crash=20", "Duplicate=20", "Haste=50"];

/// Processes end while something takes its time.
const CUT_SHORT: &[&str] = &["durable", "none", "TimedOut=20", "Crash=60", "SlowAnswer=40", "Haste=80"];

pub(super) const BREAKS: &[Break] = &[
    Break {
        name: "reminder-forgotten",
        what: "nothing says that an accepted event is to be looked at",
        file: "durable/queue.rs",
        text: "let writes = [Write::Put(Journal::Accepted, entry), put(&reminder)];",
        replacement: "let writes = [Write::Put(Journal::Accepted, entry)];",
        seeds: 400,
        faults: TRIED_AGAIN,
        found: "do not stop writing",
    },
    Break {
        name: "settled-before-the-sync",
        what: "an accepted event is taken for done before anything is done about it",
        file: "durable/attempt.rs",
        text: "let tried = self.try_sync(",
        replacement:
            "let done = crate::key_store::Write::Remove(crate::key_store::Journal::Accepted, key.clone());
        self.context.key_store.commit(claim, vec![done]).await?;
        let tried = self.try_sync(",
        seeds: 400,
        faults: CUT_SHORT,
        found: "are on Botmatic and",
    },
    Break {
        name: "line-not-claimed",
        what: "the events of a contact are tried by several at once",
        file: "durable/queue.rs",
        text: r#"let subjects = [Subject::Work(format!("accepted {}", line.as_str()).into())];"#,
        replacement: "let subjects: [Subject; 0] = [];
        let _ = line;",
        seeds: 30000,
        faults: TRIED_AGAIN,
        found: "is overwritten on",
    },
    Break {
        name: "line-backwards",
        what: "what was accepted last is tried first",
        file: "durable/queue.rs",
        text: "let number = self.next_number(&line).await?;",
        replacement: "let number = u64::MAX - self.next_number(&line).await?;",
        seeds: 400,
        faults: TRIED_AGAIN,
        found: "is overwritten on",
    },
    Break {
        name: "passing-is-the-end",
        what: "what fails in passing after it was accepted is not tried again",
        file: "durable/attempt.rs",
        text: "Left::Passing if !is_last => Fate::Again,",
        replacement: "Left::Passing if !is_last => Fate::Done,",
        seeds: 400,
        faults: TRIED_AGAIN,
        found: "was told of and has no pair",
    },
];
