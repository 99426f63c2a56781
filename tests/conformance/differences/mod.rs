//! Where we differ from the JavaScript packages on purpose, with a file for each kind of recording. The same table, for
//! readers, is in the crate's documentation (`botmatic_contact::from_js_contact`); the tests hold the two together.

mod inbound;
mod mapper;
mod outbound;
mod settings;
mod token_source;

pub(crate) use inbound::INBOUND;
pub(crate) use mapper::MAPPER;
pub(crate) use outbound::OUTBOUND;
pub(crate) use settings::{SETTINGS, SETTINGS_CONTENT_TYPES};
pub(crate) use token_source::TOKEN_SOURCE;
