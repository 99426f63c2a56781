use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Person {
    #[contact(id)]
    id: u64,
    name: String,
}

#[derive(ContactMapping)]
struct Company {
    #[contact(id)]
    id: u64,
    name: String,
}

fn rename(company: &mut Company, patch: PersonPatch) -> Result<(), Box<dyn std::error::Error>> {
    Ok(patch.apply(company)?)
}

fn main() {
    let mut company = Company { id: 1, name: String::new() };
    let person = Person { id: company.id, name: company.name.clone() };
    let _ = rename(&mut company, PersonPatch::default());
    let _ = (person.id, person.name);
}
