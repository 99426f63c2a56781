use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find_jobs(&self, Params(city): Params<String>) -> usize {
        let jobs = city.
    }
}

fn main() {
    let service = botmatic::builder(Jobs).build();
    drop(service.map(|service| service.router()));
}
