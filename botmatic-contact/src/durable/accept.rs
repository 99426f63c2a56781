//! A call: its event is put in line, tried, and answered.

use super::attempt::Look;
use super::queue::Queue;
use super::record::Accepted;
use crate::agenda::Agenda;
use crate::call::Request;
use crate::error::Result;
use crate::id::ContactId;
use crate::integration::{Answer, ByToken, Inner, Integration};

impl<I: Integration> Inner<I> {
    /// Accepts a contact event. What is answered is what became of it, or, if that is open, that it was accepted.
    pub(crate) async fn accept(&self, agenda: &Agenda, contact: ContactId, request: Request) -> Answer {
        let queue = Queue::new(&self.context, agenda, request.token.installation());
        let event = Accepted::new(&request, contact, queue.now());
        let mut reminder = queue.meanwhile(event.line());
        let entered = async {
            self.remember(&request).await?;
            let (key, writes) = queue.enter(&event, &reminder)?;
            queue.write(writes).await?;
            Ok(key)
        };
        let key = match entered.await {
            Ok(key) => key,
            Err(error) => return Answer::failed(&error),
        };
        loop {
            let own = Some((&*key, &request.client));
            match self.look(&queue, &request.token, &reminder, own).await {
                Ok(Look::Over(done, answer, _)) if done == key => return answer,
                // One that came before.
                Ok(Look::Over(_, _, Some(next))) => reminder = next,
                Ok(_) => break,
                Err(error) => {
                    let installation = queue.installation;
                    tracing::warn!(%installation, error = %error.outline(), "accepted, and not worked on yet");
                    break;
                }
            }
        }
        agenda.warn_if_unattended();
        Answer::done()
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
