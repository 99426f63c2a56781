//! Everything that runs: the simulated Botmatic, the address book, and the integration between them, each with a port
//! of its own. Only the integration is ours; the other two are what it would meet in the world.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::{HttpEndpoint, Simulator};
use botmatic_contact::{KeyStore, Manifest, Service};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::integration::{self, AddressBookApi};
use crate::service::{AddressBook, BoxError};

/// Where the integration hears Botmatic.
const ENDPOINT: &str = "/botmatic";

/// How long the two sides may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) token: Token,
    pub(crate) botmatic: Simulator,
    pub(crate) book: AddressBook,
    pub(crate) http: reqwest::Client,
    pub(crate) addresses: Addresses,
    integration: Option<Running>,
    pairs: std::path::PathBuf,
}

/// Where everybody listens.
#[derive(Clone, Copy)]
pub(crate) struct Addresses {
    pub(crate) botmatic: SocketAddr,
    pub(crate) book: SocketAddr,
    pub(crate) integration: SocketAddr,
}

/// The integration, serving.
struct Running {
    service: Service<AddressBookApi>,
    store: Arc<RedbKeyStore>,
    end: oneshot::Sender<()>,
    task: JoinHandle<botmatic_contact::Result<()>>,
}

/// What bots can call. Nobody runs for it, so the addresses are nobody's.
pub(crate) fn manifest() -> Result<Manifest, BoxError> {
    let api = AddressBookApi::new(reqwest::Client::new(), "http://localhost/people".parse()?);
    let service = botmatic::builder(api)
        .key_store(MemoryKeyStore::new())
        .platform(Simulator::new())
        .endpoint(ENDPOINT)
        .build()?;
    Ok(service.manifest())
}

impl World {
    /// Starts everybody on what is in the folder.
    pub(crate) async fn start(folder: &Path) -> Result<Self, BoxError> {
        let token = Token::new("quickstart-token");
        let botmatic = Simulator::open(folder.join("botmatic.journal"))?;
        let people = folder.join("people.redb");
        let book = AddressBook::open(&people)
            .await
            .map_err(|error| format!("cannot open the address book `{}`: {error}", people.display()))?;
        let (on_botmatic, on_book, on_integration) = (listen().await?, listen().await?, listen().await?);
        let addresses = Addresses {
            botmatic: on_botmatic.local_addr()?,
            book: on_book.local_addr()?,
            integration: on_integration.local_addr()?,
        };
        spawn("Botmatic", {
            let botmatic = botmatic.clone();
            async move { botmatic.serve(on_botmatic, std::future::pending()).await }
        });
        spawn("the address book", {
            let book = book.clone();
            async move { book.serve(on_book, std::future::pending()).await }
        });

        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut world = Self {
            token,
            botmatic,
            book,
            http,
            addresses,
            integration: None,
            pairs: folder.join("pairs.redb"),
        };
        world.start_integration(on_integration)?;
        let endpoint = format!("http://{}{ENDPOINT}", addresses.integration);
        world.botmatic.connect(&world.token, HttpEndpoint::new(endpoint)?);
        let webhook = json!({
            "url": format!("http://{}/address-book", addresses.integration),
            "token": world.token.expose(),
        });
        let answer = world.http.put(format!("{}/webhook", world.book_url())).json(&webhook).send().await?;
        answer.error_for_status()?;
        Ok(world)
    }

    fn start_integration(&mut self, listener: TcpListener) -> Result<(), BoxError> {
        let store = Arc::new(RedbKeyStore::open(&self.pairs)?);
        let service = botmatic::builder(AddressBookApi::new(
            self.http.clone(),
            format!("{}/people", self.book_url()).parse()?,
        ))
        .key_store(Arc::clone(&store))
        .base_url(format!("http://{}", self.addresses.botmatic))
        .endpoint(ENDPOINT)
        .build()?;
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn({
            let service = service.clone();
            let routes = integration::routes(&service);
            async move {
                let ended = async {
                    let _ = ended.await;
                };
                service.serve_with(listener, routes, ended).await
            }
        });
        self.integration = Some(Running { service, store, end, task });
        Ok(())
    }

    /// Ends the integration as SIGTERM does, and starts it again on the same store.
    pub(crate) async fn restart_integration(&mut self) -> Result<(), BoxError> {
        if let Some(Running { service, store, end, task }) = self.integration.take() {
            let _ = end.send(());
            task.await??;
            drop(service);
            // The file is free when the last connection that was served has let go of it.
            while Arc::strong_count(&store) > 1 {
                tokio::task::yield_now().await;
            }
        }
        let listener = TcpListener::bind(self.addresses.integration).await?;
        self.start_integration(listener)
    }

    fn running(&self) -> Result<&Running, BoxError> {
        self.integration.as_ref().ok_or_else(|| "the integration is not running".into())
    }

    pub(crate) fn service(&self) -> Result<&Service<AddressBookApi>, BoxError> {
        Ok(&self.running()?.service)
    }

    /// All pairs of the integration's key store.
    pub(crate) async fn pairs(&self) -> Result<Vec<botmatic_contact::key_store::Pair>, BoxError> {
        Ok(self.running()?.store.pairs(self.token.installation(), None, usize::MAX).await?)
    }

    pub(crate) fn book_url(&self) -> String {
        format!("http://{}", self.addresses.book)
    }

    /// Waits until nobody has anything to tell anybody any more.
    pub(crate) async fn settled(&self) -> Result<(), BoxError> {
        let quiet = async {
            loop {
                let before = self.writes();
                self.botmatic.settled().await;
                self.book.settled().await?;
                self.botmatic.settled().await;
                if self.writes() == before {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(PATIENCE, quiet).await.map_err(|_| "the two sides do not come to rest")?
    }

    /// The requests that wrote something, on each side.
    pub(crate) fn writes(&self) -> Writes {
        let requests = self.botmatic.requests();
        let on_botmatic = |operation: &str| requests.get(operation).copied().unwrap_or_default();
        let book = self.book.requests();
        Writes {
            botmatic: Side {
                creates: on_botmatic("create contact"),
                batches: on_botmatic("create contacts"),
                updates: on_botmatic("update contact") + on_botmatic("update contacts"),
                deletes: on_botmatic("delete contact"),
            },
            book: Side { creates: book.creates, batches: 0, updates: book.updates, deletes: book.deletes },
        }
    }
}

/// How many writing requests each side got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Writes {
    pub(crate) botmatic: Side,
    pub(crate) book: Side,
}

/// How many writing requests one side got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) creates: u64,
    pub(crate) batches: u64,
    pub(crate) updates: u64,
    pub(crate) deletes: u64,
}

impl Side {
    /// Those since an earlier count.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            creates: self.creates - earlier.creates,
            batches: self.batches - earlier.batches,
            updates: self.updates - earlier.updates,
            deletes: self.deletes - earlier.deletes,
        }
    }
}

async fn listen() -> Result<TcpListener, BoxError> {
    Ok(TcpListener::bind("127.0.0.1:0").await?)
}

/// Runs a part of the world. If it fails, the story comes to a halt where it needs it; this says why.
fn spawn<E: std::fmt::Display>(
    name: &'static str,
    part: impl Future<Output = Result<(), E>> + Send + 'static,
) {
    tokio::spawn(async move {
        if let Err(error) = part.await {
            tracing::error!(%error, "{name} failed");
        }
    });
}
