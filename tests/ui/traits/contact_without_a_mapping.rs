use botmatic_contact::prelude::*;

struct Person {
    name: String,
}

fn declared<T: ContactMapping>(_contact: &T) -> usize {
    T::PROPERTIES.len()
}

fn main() {
    let person = Person { name: String::new() };
    let _ = (declared(&person), person.name);
}
