//! Who may call, and whose installation it is.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::BoxError;
use crate::token::{InstallationId, Token};

/// One authorised installation: its token, and whatever the [`Authorizer`] said of who it is.
pub struct Auth<C = ()> {
    token: Token,
    client: Arc<C>,
}

impl<C> Auth<C> {
    pub(crate) fn new(token: Token, client: Arc<C>) -> Self {
        Self { token, client }
    }

    /// The token of the installation.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Whose installation it is.
    #[must_use]
    pub fn client(&self) -> &C {
        &self.client
    }

    /// The name of the installation, for logs and keys.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        self.token.installation()
    }
}

impl<C> Clone for Auth<C> {
    fn clone(&self) -> Self {
        Self { token: self.token.clone(), client: Arc::clone(&self.client) }
    }
}

impl<C> fmt::Debug for Auth<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Auth").field("installation", &self.installation()).finish_non_exhaustive()
    }
}

/// Decides which tokens are served, and whose they are. Not asked at install and uninstall: those are Botmatic's to
/// confirm.
///
/// Any `async` closure from a token to `Result<Option<Client>, _>` is one; give it to
/// [`Builder::authorize_with`](crate::Builder::authorize_with).
#[async_trait]
pub trait Authorizer: Send + Sync + 'static {
    /// Whose installation it is.
    type Client: Send + Sync + 'static;

    /// The client behind a token, or `None` for a token that is not served.
    ///
    /// # Errors
    /// When it cannot be told at the moment; the caller is asked to try again.
    async fn authorize(&self, token: &Token) -> Result<Option<Self::Client>, BoxError>;
}

#[async_trait]
impl<F, R, C, E> Authorizer for F
where
    F: Fn(Token) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Option<C>, E>> + Send,
    C: Send + Sync + 'static,
    E: Into<BoxError> + Send,
{
    type Client = C;

    async fn authorize(&self, token: &Token) -> Result<Option<C>, BoxError> {
        self(token.clone()).await.map_err(Into::into)
    }
}

/// An integration whose installations have a client. Every [`ExternalApiConsumer`](crate::ExternalApiConsumer) is one;
/// an integration without contacts implements it by hand when its handlers take an [`Auth`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whose its installations are",
    label = "whose client would this be",
    note = "write `impl HasClient for {Self} {{ type Client = …; }}`; an integration that keeps contacts in step says it \
            in `impl ExternalApiConsumer` instead"
)]
pub trait HasClient {
    /// Whose installation it is.
    type Client: Send + Sync + 'static;
}

/// A client whose type is known to the extractor alone.
pub(crate) type AnyClient = Arc<dyn Any + Send + Sync>;

/// Makes the client of whoever has no authorizer.
pub type MakeClient = fn() -> Arc<dyn Any + Send + Sync>;

/// Which type the clients of an integration have.
#[derive(Debug, Clone, Copy)]
pub struct ClientType {
    id: fn() -> TypeId,
    name: fn() -> &'static str,
}

impl ClientType {
    /// That type.
    #[must_use]
    pub const fn of<C: 'static>() -> Self {
        Self { id: TypeId::of::<C>, name: type_name::<C> }
    }

    pub(crate) fn name(self) -> &'static str {
        (self.name)()
    }
}

impl PartialEq for ClientType {
    fn eq(&self, other: &Self) -> bool {
        (self.id)() == (other.id)()
    }
}

/// An authorizer whose type of client has been forgotten.
#[async_trait]
pub(crate) trait AnyAuthorizer: Send + Sync {
    async fn authorize_any(&self, token: &Token) -> Result<Option<AnyClient>, BoxError>;
}

#[async_trait]
impl<A: Authorizer> AnyAuthorizer for A {
    async fn authorize_any(&self, token: &Token) -> Result<Option<AnyClient>, BoxError> {
        Ok(self.authorize(token).await?.map(|client| Arc::new(client) as AnyClient))
    }
}
