//! A commit is a transaction, which looks at the fencing number before it changes anything.

use deadpool_postgres::Transaction;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::super::lease::{Lease, LeaseKey};
use super::{Postgres, failed, half_key, key, outline};
use crate::error::{Error, Kind, Result};
use crate::key_store::{Entry, Half, Pair, Write, record};
use crate::token::InstallationId;

const BURY_CONTACT: &str = "insert into deleted_contacts values ($1, $2, $3) \
                            on conflict (installation, id) do update set at = excluded.at";
const BURY_EXTERNAL: &str = "insert into deleted_externals values ($1, $2, $3) \
                             on conflict (installation, id) do update set at = excluded.at";

impl Postgres {
    pub(super) async fn commit(
        &self,
        installation: InstallationId,
        lease: &Lease,
        writes: Vec<Write>,
    ) -> Result<()> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(failed)?;
        // Until the transaction ends, nobody takes the leases over.
        let held = "select key from claims where key = any($1) and fence = $2 and ends > clock_timestamp() \
                    order by key for share";
        let held = transaction.prepare_cached(held).await.map_err(failed)?;
        let keys: Vec<_> = lease.keys.iter().map(LeaseKey::as_str).collect();
        let found = transaction.query(&held, &[&keys, &lease.fence]).await.map_err(failed)?;
        if found.len() != keys.len() {
            return Err(Error::claim_lost());
        }
        let installation = key(installation);
        for write in writes {
            apply(&transaction, &installation, write).await?;
        }
        transaction.commit().await.map_err(|error| {
            if error.code().is_some() {
                return failed(error);
            }
            let message =
                "the key store did not answer, so it is not known whether it saved what was done; try again";
            Error::new(Kind::KeyStore, message).with_source(outline(&error))
        })
    }
}

async fn run(
    transaction: &Transaction<'_>,
    statement: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<()> {
    let statement = transaction.prepare_cached(statement).await.map_err(failed)?;
    transaction.execute(&statement, parameters).await.map(drop).map_err(failed)
}

async fn apply(transaction: &Transaction<'_>, installation: &Vec<u8>, write: Write) -> Result<()> {
    if let Write::Deleted { contact, external, .. } = &write {
        let (contact, external) = (contact.as_str().as_bytes(), external.as_str().as_bytes());
        let unpair = "delete from pairs where installation = $1 and (contact = $2 or external = $3)";
        run(transaction, unpair, &[installation, &contact, &external]).await?;
    }
    match write {
        Write::Pair(pair) => save(transaction, installation, &pair, "excluded.record").await,
        Write::NewPair(pair) => save(transaction, installation, &pair, "pairs.record").await,
        Write::Deleted { contact, external, at } => {
            let at = at.as_millisecond();
            run(transaction, BURY_CONTACT, &[installation, &contact.as_str().as_bytes(), &at]).await?;
            run(transaction, BURY_EXTERNAL, &[installation, &external.as_str().as_bytes(), &at]).await
        }
        Write::Intent(intent) => {
            let save = "insert into intents values ($1, $2, $3) \
                        on conflict (installation, half) do update set record = excluded.record";
            let record = record::intent_to_bytes(&intent)?;
            run(transaction, save, &[installation, &half_key(&intent.half), &record]).await
        }
        Write::Withdraw(half) => {
            let withdraw = "delete from intents where installation = $1 and half = $2";
            run(transaction, withdraw, &[installation, &half_key(&half)]).await
        }
        Write::Tombstone { half, at } => {
            let withdraw = "delete from intents where installation = $1 and half = $2";
            run(transaction, withdraw, &[installation, &half_key(&half)]).await?;
            let (bury, id) = match &half {
                Half::Contact(id) => (BURY_CONTACT, id.as_str()),
                Half::External(id) => (BURY_EXTERNAL, id.as_str()),
            };
            run(transaction, bury, &[installation, &id.as_bytes(), &at.as_millisecond()]).await
        }
        Write::Put(journal, Entry { key, value }) => {
            let put = "insert into journals values ($1, $2, $3, $4) \
                       on conflict (installation, journal, key) do update set value = excluded.value";
            run(transaction, put, &[installation, &journal.name(), &key.as_bytes(), &value]).await
        }
        Write::Remove(journal, key) => {
            let remove = "delete from journals where installation = $1 and journal = $2 and key = $3";
            run(transaction, remove, &[installation, &journal.name(), &key.as_bytes()]).await
        }
    }
}

/// Saves a pair; `which` is the record that stays where there is one.
async fn save(transaction: &Transaction<'_>, installation: &Vec<u8>, pair: &Pair, which: &str) -> Result<()> {
    let (contact, external) = (pair.contact.as_str().as_bytes(), pair.external.as_str().as_bytes());
    let revive = "delete from deleted_contacts where installation = $1 and id = $2";
    run(transaction, revive, &[installation, &contact]).await?;
    let revive = "delete from deleted_externals where installation = $1 and id = $2";
    run(transaction, revive, &[installation, &external]).await?;
    let halves = [pair.contact.clone().into(), pair.external.clone().into()].map(|half| half_key(&half));
    let withdraw = "delete from intents where installation = $1 and half = any($2)";
    run(transaction, withdraw, &[installation, &halves.as_slice()]).await?;
    // Whoever has another external contact is left as it is, and counts as not saved.
    let save = format!(
        "insert into pairs values ($1, $2, $3, $4) on conflict (installation, contact) \
         do update set record = {which} where pairs.external = excluded.external"
    );
    let save = transaction.prepare_cached(&save).await.map_err(failed)?;
    let record = record::pair_to_bytes(pair)?;
    match transaction.execute(&save, &[installation, &contact, &external, &record]).await {
        Ok(0) => Err(Error::paired_otherwise()),
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Err(Error::paired_otherwise()),
        Err(error) => Err(failed(error)),
    }
}
