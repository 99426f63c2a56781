use botmatic_contact::prelude::*;

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Address {
    city: String,
}

#[derive(Serialize, Deserialize, ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("address", json)]
    #[serde(flatten)]
    address: Address,
}

fn main() {}
