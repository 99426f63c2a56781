use botmatic_contact::prelude::*;

struct CrmError;

fn ask() -> Result<(), CrmError> {
    Err(CrmError)
}

fn delete() -> Result<(), ConsumerError> {
    ask()?;
    Ok(())
}

fn main() {
    let _ = delete();
}
