//! A commit is a transaction, which looks at the fencing number before it changes anything.

use jiff::Timestamp;
use tokio_postgres::error::SqlState;

use super::super::lease::{Lease, LeaseKey};
use super::connection::{Connection, Parameters};
use super::{Postgres, begin, half_key, key};
use crate::error::{Error, Result};
use crate::key_store::{BURIED, Entry, Half, Pair, TOMBSTONE, Write, record};
use crate::token::InstallationId;

const WITHDRAW: &str = "delete from intents where installation = $1 and half = $2";

impl Postgres {
    pub(super) async fn commit(
        &self,
        installation: InstallationId,
        lease: &Lease,
        writes: Vec<Write>,
    ) -> Result<()> {
        let begin = begin(installation, false);
        let keys: Vec<_> = lease.keys.iter().map(LeaseKey::as_str).collect();
        let installation = key(installation);
        let commit = async |connection: &mut Connection| {
            // Until the transaction ends, nobody takes the leases over.
            let held = "with held as (select key from claims where key = any($1) and fence = $2 \
                        and ends > clock_timestamp() order by key for share) \
                        select (select count(*) from held), \
                        exists (select from tenancies where installation = $3 and tenancy = $4)";
            let values: Parameters<'_> = &[&keys, &lease.fence, &installation, &lease.tenancy];
            let row = connection.row(held, values).await?;
            if !row.get::<_, bool>(1) {
                return Err(Error::uninstalled());
            }
            if usize::try_from(row.get::<_, i64>(0)) != Ok(keys.len()) {
                return Err(Error::claim_lost());
            }
            for write in writes {
                apply(connection, &installation, write).await?;
            }
            Ok(())
        };
        self.connection().await?.transaction(&begin, commit).await
    }
}

async fn apply(connection: &mut Connection, installation: &Vec<u8>, write: Write) -> Result<()> {
    match write {
        Write::Pair(pair) => save(connection, installation, &pair, "excluded.record").await?,
        Write::NewPair(pair) => save(connection, installation, &pair, "pairs.record").await?,
        Write::Deleted { contact, external, at } => {
            let (contact, external) = (contact.as_str().as_bytes(), external.as_str().as_bytes());
            let unpair = "delete from pairs where installation = $1 and (contact = $2 or external = $3)";
            connection.execute(unpair, &[installation, &contact, &external]).await?;
            bury(connection, "deleted_contacts", installation, contact, at).await?;
            bury(connection, "deleted_externals", installation, external, at).await?;
        }
        Write::Intent(intent) => {
            let save = "insert into intents values ($1, $2, $3) \
                        on conflict (installation, half) do update set record = excluded.record";
            let record = record::intent_to_bytes(&intent)?;
            connection.execute(save, &[installation, &half_key(&intent.half), &record]).await?;
        }
        Write::Withdraw(half) => {
            connection.execute(WITHDRAW, &[installation, &half_key(&half)]).await?;
        }
        Write::Tombstone { half, at } => {
            connection.execute(WITHDRAW, &[installation, &half_key(&half)]).await?;
            let (table, id) = match &half {
                Half::Contact(id) => ("deleted_contacts", id.as_str()),
                Half::External(id) => ("deleted_externals", id.as_str()),
            };
            bury(connection, table, installation, id.as_bytes(), at).await?;
        }
        Write::Put(journal, Entry { key, value }) => {
            let put = "insert into journals values ($1, $2, $3, $4) \
                       on conflict (installation, journal, key) do update set value = excluded.value";
            connection.execute(put, &[installation, &journal.name(), &key.as_bytes(), &value]).await?;
        }
        Write::Remove(journal, key) => {
            let remove = "delete from journals where installation = $1 and journal = $2 and key = $3";
            connection.execute(remove, &[installation, &journal.name(), &key.as_bytes()]).await?;
        }
    }
    Ok(())
}

/// Leaves a tombstone, and removes some that are past.
async fn bury(
    connection: &mut Connection,
    table: &str,
    installation: &Vec<u8>,
    id: &[u8],
    at: Timestamp,
) -> Result<()> {
    let bury = format!(
        "insert into {table} values ($1, $2, $3) on conflict (installation, id) do update set at = excluded.at"
    );
    let at = at.as_millisecond();
    connection.execute(&bury, &[installation, &id, &at]).await?;
    // What somebody else has locked is left to the next one: nobody waits for it.
    let forget = format!(
        "delete from {table} where ctid = any(array(select ctid from {table} \
         where installation = $1 and at < $2 order by at limit {BURIED} for update skip locked))"
    );
    let past = at.saturating_sub(i64::try_from(TOMBSTONE.as_millis()).unwrap_or(i64::MAX));
    connection.execute(&forget, &[installation, &past]).await?;
    Ok(())
}

/// Saves a pair; `which` is the record that stays where there is one.
async fn save(connection: &mut Connection, installation: &Vec<u8>, pair: &Pair, which: &str) -> Result<()> {
    let (contact, external) = (pair.contact.as_str().as_bytes(), pair.external.as_str().as_bytes());
    let revive = "delete from deleted_contacts where installation = $1 and id = $2";
    connection.execute(revive, &[installation, &contact]).await?;
    let revive = "delete from deleted_externals where installation = $1 and id = $2";
    connection.execute(revive, &[installation, &external]).await?;
    let halves = [pair.contact.clone().into(), pair.external.clone().into()].map(|half| half_key(&half));
    let withdraw = "delete from intents where installation = $1 and half = any($2)";
    connection.execute(withdraw, &[installation, &halves.as_slice()]).await?;
    // Whoever has another external contact is left as it is, and counts as not saved.
    let save = format!(
        "insert into pairs values ($1, $2, $3, $4) on conflict (installation, contact) \
         do update set record = {which} where pairs.external = excluded.external"
    );
    let record = record::pair_to_bytes(pair)?;
    match connection.execute(&save, &[installation, &contact, &external, &record]).await {
        Ok(0) => Err(Error::paired_otherwise()),
        Ok(_) => Ok(()),
        Err(failure) if failure.code() == Some(&SqlState::UNIQUE_VIOLATION) => Err(Error::paired_otherwise()),
        Err(failure) => Err(failure.into()),
    }
}
