use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("signup_date", with = legacy_datetime)]
    signed_up: u64,
}

mod legacy_datetime {
    fn to_botmatic(seconds: &u64) -> String {
        seconds.to_string()
    }

    pub(super) fn from_botmatic(text: String) -> Result<u64, std::num::ParseIntError> {
        text.parse()
    }
}

fn main() {}
