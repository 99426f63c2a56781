//! Writes the bodies of the recorded requests as seeds: `corpus/endpoint` beside the `Cargo.toml`.

use std::path::Path;
use std::{fs, io};

use serde_json::Value;

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = here.join("corpus/endpoint");
    fs::create_dir_all(&corpus)?;
    let text = fs::read_to_string(here.join("../conformance/recordings/inbound.json"))?;
    let recordings: Vec<Value> = serde_json::from_str(&text)?;
    let bodies = recordings.iter().filter_map(|recording| recording["request"]["body"].as_str());
    for (number, body) in bodies.enumerate() {
        // The first byte says how it is sent: to the service without contacts, or to the one with.
        for service in [0_u8, 1] {
            let seed = [&[service], body.as_bytes()].concat();
            fs::write(corpus.join(format!("recorded-{number}-{service}")), seed)?;
        }
    }
    Ok(())
}
