use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("school", json, with = legacy)]
    school: String,
    #[contact("colour", display, json)]
    colour: String,
}

mod legacy {
    pub(super) fn to_botmatic(school: &String) -> String {
        school.clone()
    }

    pub(super) fn from_botmatic(school: String) -> Result<String, std::convert::Infallible> {
        Ok(school)
    }
}

fn main() {}
