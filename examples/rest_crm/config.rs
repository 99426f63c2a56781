//! What the environment says. Whatever is wrong with it is said in one line: which variable, and what to write. Values
//! that may hold a password are not repeated.

use std::env::{self, VarError};
use std::sync::Arc;

use botmatic_contact::KeyStore;
use botmatic_contact::prelude::*;
use reqwest::Url;

use crate::routes;

/// The environment, understood.
pub(crate) struct Config {
    /// The address of the service.
    pub(crate) crm: Url,
    /// The address to listen on.
    pub(crate) listen: String,
    /// The path to which Botmatic posts.
    pub(crate) endpoint: String,
    /// Where the pairs live.
    pub(crate) key_store: Arc<dyn KeyStore>,
}

impl Config {
    pub(crate) async fn from_env() -> Result<Self, String> {
        let crm = variable("CRM_URL")?
            .ok_or("CRM_URL is missing: write the address of the service, as in `http://127.0.0.1:3000`")?;
        Ok(Self {
            crm: address(&crm)?,
            listen: variable("LISTEN")?.unwrap_or_else(|| "127.0.0.1:3456".to_owned()),
            endpoint: endpoint()?,
            key_store: key_store(variable("KEY_STORE")?.as_deref()).await?,
        })
    }
}

/// A variable; one that is empty is not there.
fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is no text: write it in UTF-8")),
    }
}

fn address(crm: &str) -> Result<Url, String> {
    let url: Option<Url> = crm.parse().ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none()).ok_or_else(|| {
        "CRM_URL is not the address of a service: write it as in `http://127.0.0.1:3000`".to_owned()
    })
}

/// The path to which Botmatic posts.
pub(crate) fn endpoint() -> Result<String, String> {
    let endpoint = variable("ENDPOINT")?.unwrap_or_else(|| "/".to_owned());
    let is_path = endpoint.starts_with('/') && !endpoint.contains(['{', '}', '?', '#']);
    // To a router, `/:name` and `/*name` mean something else.
    if !is_path || endpoint.contains("/:") || endpoint.contains("/*") {
        return Err(format!("ENDPOINT: `{endpoint}` is not a path: write it as in `/botmatic`"));
    }
    if routes::PATHS.contains(&endpoint.as_str()) {
        return Err(format!(
            "ENDPOINT: `{endpoint}` is for the service: write another path, as in `/botmatic`"
        ));
    }
    Ok(endpoint)
}

async fn key_store(said: Option<&str>) -> Result<Arc<dyn KeyStore>, String> {
    let Some(said) = said else {
        tracing::warn!("KEY_STORE is not set: who belongs to whom is forgotten at the end");
        return Ok(Arc::new(MemoryKeyStore::new()));
    };
    let failed = |error: botmatic_contact::Error| format!("KEY_STORE: {error}");
    match said.split_once(':') {
        Some(("redb", file)) if !file.is_empty() => Ok(Arc::new(RedbKeyStore::open(file).map_err(failed)?)),
        Some(("redis", _)) => Ok(Arc::new(RedisKeyStore::connect(said).await.map_err(failed)?)),
        Some(("postgres" | "postgresql", _)) => {
            Ok(Arc::new(PostgresKeyStore::connect(said).await.map_err(failed)?))
        }
        Some(("memory", "")) => Ok(Arc::new(MemoryKeyStore::new())),
        _ => Err("KEY_STORE names no key store: write `memory:`, `redb:PATH`, `redis://HOST` or \
                  `postgres://USER@HOST/DATABASE`"
            .to_owned()),
    }
}
