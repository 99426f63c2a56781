//! Claims as rows, and the messages that wake those who wait.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::select;
use tokio::task::AbortHandle;
use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Config, NoTls};

use super::super::lease::{Fence, LeaseKey, LeaseTable, Releases, Taking, Tenancy};
use super::connection::Parameters;
use super::{Postgres, key};
use crate::error::Result;
use crate::token::InstallationId;

/// How long one waits before a connection to listen with is tried again. Meanwhile those who wait look now and then.
const PAUSE: Duration = Duration::from_secs(1);

/// Removes the claims of those who were gone without giving them back. There are some after a process was killed or could
/// not reach the server, and then one connects.
const FORGET: &str = "delete from claims where ctid = any(array(\
                      select ctid from claims where ends < clock_timestamp() - interval '1 minute' \
                      for update skip locked))";

fn names(keys: &[LeaseKey]) -> Vec<&str> {
    keys.iter().map(LeaseKey::as_str).collect()
}

#[async_trait]
impl LeaseTable for Postgres {
    async fn take(&self, installation: InstallationId, keys: &[LeaseKey], lease: Duration) -> Result<Taking> {
        // Whoever holds one of them is seen without waiting for what he is committing. Rows are locked in the order of their
        // keys, so nobody waits in a circle.
        let take = "with held as \
                    (select max(ends) as ends from claims where key = any($1) and ends > clock_timestamp()), \
                    taken as (select nextval('fences') as fence from held where ends is null), \
                    granted as (insert into claims \
                    select key, fence, clock_timestamp() + make_interval(secs => $2) \
                    from unnest($1::text[]) as key, taken order by key \
                    on conflict (key) do update set fence = excluded.fence, ends = excluded.ends \
                    where claims.ends <= clock_timestamp() returning fence), \
                    known as (select tenancy from tenancies where installation = $3), \
                    begun as (insert into tenancies (installation) \
                    select $3 where not exists (select from known) on conflict (installation) \
                    do update set tenancy = tenancies.tenancy returning tenancy) \
                    select (select fence from taken), (select count(*) from granted), \
                    (select extract(epoch from ends - clock_timestamp())::float8 from held), \
                    (select tenancy from known union all select tenancy from begun)";
        let mut connection = self.connection().await?;
        let values: Parameters<'_> = &[&names(keys), &lease.as_secs_f64(), &key(installation)];
        let row = match connection.row(take, values).await {
            // Somebody's commit has outlived the lease, and stands still. The server ends it.
            Err(failure) if failure.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                return Ok(Taking::HeldFor(PAUSE, None));
            }
            row => row?,
        };
        let tenancy: Tenancy = row.get(3);
        let Some(fence) = row.get::<_, Option<Fence>>(0) else {
            let left = row.get::<_, Option<f64>>(2).unwrap_or_default();
            let left = Duration::try_from_secs_f64(left).unwrap_or_default();
            return Ok(Taking::HeldFor(left.max(Duration::from_millis(1)), Some(tenancy)));
        };
        if usize::try_from(row.get::<_, i64>(1)) == Ok(keys.len()) {
            return Ok(Taking::Granted(fence, tenancy));
        }
        // Somebody else took one of them at this moment.
        drop(connection);
        self.release(keys, fence).await?;
        Ok(Taking::HeldFor(Duration::from_millis(1), Some(tenancy)))
    }

    async fn renew(&self, keys: &[LeaseKey], fence: Fence, lease: Duration) -> Result<bool> {
        let renew = "with ours as (select key from claims where key = any($1) and fence = $2 \
                     and ends > clock_timestamp() order by key for update) \
                     update claims set ends = clock_timestamp() + make_interval(secs => $3) \
                     from ours where claims.key = ours.key";
        let values: Parameters<'_> = &[&names(keys), &fence, &lease.as_secs_f64()];
        let renewed = self.connection().await?.execute(renew, values).await?;
        Ok(renewed == keys.len() as u64)
    }

    async fn release(&self, keys: &[LeaseKey], fence: Fence) -> Result<()> {
        let release = "with ours as (select key from claims where key = any($1) and fence = $2 \
                       order by key for update), \
                       released as (delete from claims using ours where claims.key = ours.key returning ours.key) \
                       select pg_notify($3, key) from released";
        let values: Parameters<'_> = &[&names(keys), &fence, &self.channel];
        Ok(self.connection().await?.rows(release, values).await.map(drop)?)
    }
}

/// A task that ends with this.
pub(super) struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    /// Hears of released leases.
    pub(super) fn start(config: Config, channel: String, releases: Releases) -> Self {
        let listening = async move {
            loop {
                // Whatever ends it: it is tried again, and who waits looks now and then.
                let _ = listen(&config, &channel, &releases).await;
                sleep(PAUSE).await;
            }
        };
        Self(tokio::spawn(listening).abort_handle())
    }
}

/// Listens until the connection is lost.
async fn listen(config: &Config, channel: &str, releases: &Releases) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let messages = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(released) = message? {
                releases.say(released.payload());
            }
        }
        Ok(())
    };
    let asked = async {
        client.batch_execute(&format!("listen \"{channel}\"")).await?;
        client.batch_execute(FORGET).await?;
        pending().await
    };
    select(pin!(messages), pin!(asked)).await.factor_first().0
}
