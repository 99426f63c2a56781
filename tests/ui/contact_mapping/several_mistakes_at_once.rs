use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
#[contact(crat = ::botmatic_contact)]
struct Candidate {
    id_candidate: u64,
    #[contact("id")]
    reference: String,
    #[contact("email", email, json)]
    email: String,
    #[contact("mail", email)]
    second_email: String,
    #[contact(skip, default)]
    password: String,
    #[contact]
    phone: String,
}

fn main() {}
