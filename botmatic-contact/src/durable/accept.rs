//! A call: its event is put in line, tried for a moment, and answered.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use tokio::sync::OwnedSemaphorePermit;

use super::attempt::{Look, Own};
use super::queue::Queue;
use super::record::{Accepted, Reminder};
use crate::agenda::{Acceptance, Agenda};
use crate::call::Request;
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::integration::{Answer, ByToken, Inner, Integration};
use crate::key_store::Claim;
use crate::order::Arrival;

/// How long a call waits to be told what becomes of its event.
const MOMENT: Duration = Duration::from_secs(5);

/// An event that stands in line, and whose call is there.
struct Standing {
    request: Request,
    key: String,
    reminder: Reminder,
    acceptance: Arc<Acceptance>,
}

impl<I: Integration> Inner<I> {
    /// Accepts a contact event. What is answered is what became of it, or, if that is open after a moment, that it was
    /// accepted.
    pub(crate) async fn accept(
        self: &Arc<Self>,
        agenda: &Agenda,
        contact: ContactId,
        request: Request,
        mut arrival: Arrival<'_>,
        acceptance: Option<Arc<Acceptance>>,
    ) -> Answer {
        let installation = request.token.installation();
        let queue = Queue::new(&self.context, agenda, installation);
        if arrival.at_contact(&*self.context.clock).await.is_err() {
            tracing::warn!(%installation, "a call has waited for its turn too long");
            return Answer::TryAgain;
        }
        let event = Accepted::new(&request, contact, queue.now());
        let entered = async {
            self.remember(&request).await?;
            let claim = queue.claim_end(&event.line()).await?;
            queue.enter(&claim, &event, queue.in_a_while(), None).await
        };
        let (key, reminder) = match entered.await {
            Ok(entered) => entered,
            Err(error) => return Answer::failed(&error),
        };
        let acceptance = acceptance.unwrap_or_default();
        acceptance.accept();
        arrival.lets_pass();
        let at = reminder.at;
        let standing = Standing { request, key, reminder, acceptance };
        if agenda.paused(installation, queue.now()).is_none()
            && let Some(answer) = self.at_once(agenda, &queue, standing, &arrival).await
        {
            return answer;
        }
        agenda.remind(installation, at);
        agenda.warn_if_unattended();
        Answer::done()
    }

    /// Tries an event while its call waits. Nothing if it is not at its end after a moment: then somebody else goes on.
    async fn at_once(
        self: &Arc<Self>,
        agenda: &Agenda,
        queue: &Queue<'_>,
        standing: Standing,
        arrival: &Arrival<'_>,
    ) -> Option<Answer> {
        let mut moment = self.context.clock.sleep(MOMENT);
        let line = standing.reminder.line.clone();
        let begin = pin!(async {
            let claim = queue.turn(&line).await?;
            Ok::<_, Error>((claim, arrival.room().await))
        });
        let (claim, room) = match select(begin, &mut moment).await {
            Either::Left((Ok(begun), _)) => begun,
            Either::Left((Err(error), _)) => {
                warn(queue, &error);
                return None;
            }
            Either::Right(_) => return None,
        };
        let acceptance = Arc::clone(&standing.acceptance);
        let begun = match select(Arc::clone(self).try_own(standing, claim, room), moment).await {
            Either::Left((answer, _)) => return answer,
            Either::Right(((), begun)) => begun,
        };
        // Else somebody else has the say, and is about to tell of a failure.
        if acceptance.take() {
            match agenda.hand_over(begun) {
                Ok(()) => return None,
                Err(begun) => {
                    acceptance.accept();
                    return begun.await;
                }
            }
        }
        begun.await
    }

    /// Tries the event of a call, if nobody stands before it. Nothing if it is not over then.
    fn try_own(
        self: Arc<Self>,
        standing: Standing,
        claim: Claim,
        room: Option<OwnedSemaphorePermit>,
    ) -> BoxFuture<'static, Option<Answer>> {
        Box::pin(async move {
            let _room = room;
            let Standing { request, key, reminder, acceptance } = &standing;
            let queue =
                Queue::new(&self.context, self.context.durable.as_ref()?, request.token.installation());
            let own = Own { key, client: &request.client, acceptance };
            match self.look(&queue, &claim, &request.token, reminder, Some(own)).await {
                Ok(Look::Over(answer, _)) => Some(answer),
                Ok(Look::Waits) => None,
                Err(error) => {
                    warn(&queue, &error);
                    None
                }
            }
        })
    }

    /// Sees to it that the installation is found after a restart, also where nobody but the authorizer knows of it.
    async fn remember(&self, request: &Request) -> Result<()> {
        let key_store = &self.context.key_store;
        if !matches!(self.authorizer, ByToken::Installed { .. })
            && key_store.installation(request.token.installation()).await?.is_none()
        {
            key_store.save_installation(&request.token, self.context.clock.now()).await?;
        }
        Ok(())
    }
}

fn warn(queue: &Queue<'_>, error: &Error) {
    let installation = queue.installation;
    tracing::warn!(%installation, error = %error.outline(), "accepted, and not worked on yet");
}
