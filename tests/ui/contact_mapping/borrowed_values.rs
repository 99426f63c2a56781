use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Person<'a> {
    #[contact(id)]
    id: u64,
    name: &'a str,
}

fn first<T: ContactMapping>(_: T) {}

fn main() {
    let person = Person { id: 1, name: "Ada" };
    println!("{} {}", person.id, person.name);
    first(person);
}
