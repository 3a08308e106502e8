//! Chunks as a source gives them to an engine that lends memory: read from a file to where the engine wants them.

use debye::engine::Engine;
use debye::frame::Payload;
use std::io::Write;

/// A chunk in memory that the engine lends; the payload as it is where it does not.
pub fn lent(engine: &mut dyn Engine, payload: Payload) -> Payload {
    let Some(chunk) = payload.chunk() else { return payload };
    let Some(lent) = engine.lend(chunk.len()) else { return payload };
    let mut file = tempfile::tempfile().expect("there is room for a file");
    file.write_all(b"before").and_then(|()| file.write_all(&chunk)).expect("it is written");
    lent.fill(&file, 6).expect("the file has so many bytes");
    Payload::Lent(lent)
}
