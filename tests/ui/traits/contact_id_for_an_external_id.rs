use botmatic_contact::prelude::*;

fn delete(_id: &ExternalId) {}

fn main() {
    let id = ContactId::from(9001_u64);
    delete(&id);
}
