use botmatic_contact::prelude::*;

use botmatic_contact::MappingError;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("firstname",, email)]
    first_name: String,
    #[contact("school", with =)]
    school: String,
    #[contact("city" json)]
    city: String,
}

fn the_rest_is_quiet(mut candidate: Candidate, patch: CandidatePatch) -> Result<(), MappingError> {
    patch.apply(&mut candidate)
}

fn main() {}
