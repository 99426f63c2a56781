//! The bearer token of an installation, and the name under which an installation may be spoken of.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Botmatic's bearer token of an installation. A secret: it is never printed, compared in constant time, and wiped
/// from memory when dropped.
///
/// ```
/// # use botmatic_contact::Token;
/// let token = Token::new("s3cret");
/// assert_eq!(format!("{token:?}"), "Token(…)");
/// assert!(token == Token::new("s3cret"));
/// ```
#[derive(Clone)]
pub struct Token {
    text: Arc<SecretString>,
    installation: InstallationId,
}

impl Token {
    /// Wraps the text of a token.
    pub fn new(text: impl Into<String>) -> Self {
        let text = SecretString::from(text.into());
        let digest: [u8; 32] = Sha256::digest(text.expose_secret().as_bytes()).into();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self { text: Arc::new(text), installation: InstallationId(id) }
    }

    /// The text itself, for those who store it or send it. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The name of the installation that this token belongs to.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        self.installation
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// Which installation something belongs to. Made from the token by a one-way function, so it may be logged and used
/// as a key: it has a fixed length, no special characters, and does not give the token away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstallationId([u8; 16]);

impl InstallationId {
    /// The sixteen bytes of the id.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for InstallationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for InstallationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "InstallationId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_installation_id_does_not_contain_the_token() {
        let installation = Token::new("tok-alpha").installation();
        assert_eq!(installation, Token::new("tok-alpha").installation());
        assert_ne!(installation, Token::new("tok-beta").installation());
        assert_eq!(installation.to_string().len(), 32);
    }
}
