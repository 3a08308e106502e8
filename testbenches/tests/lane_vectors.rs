//! The vector of the cocotb benches of lane and card: requests with their chunks, and the results that the definition
//! makes of them. It stands in `testbenches/vectors/lane.json`; `DEBYE_WRITE_VECTORS=1` writes it anew.

use debye_sim::functional::Functional;
use debye_sim::model::Shape;
use debye_spec::Element;
use debye_spec::card_table::CardTable;
use debye_spec::ops::Op;
use debye_spec::wire::Request;
use debye_testbenches::content::{self, Kind};
use debye_testbenches::data;
use serde_json::{Value, json};
use std::fmt::Write;

/// Rows and columns of the frames: not a multiple of 8 pixels, so that chunks have a tail.
const SHAPE: [usize; 2] = [13, 19];
const BINS: usize = 21;
const TABLE: u32 = 0x51;
const ELEMENT: Element = Element::U16;
const THRESHOLD: u32 = 5;

fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Frames of every kind in blocks of several sizes; some are cut, some changed, one belongs to another table.
fn vector() -> Value {
    let table = content::table(SHAPE, BINS, None, 4, 13);
    let shape = Shape::default();
    let card = CardTable::compile(&table.spec(), ELEMENT, TABLE, shape.bins()).expect("a lane takes the table");
    let pixels = SHAPE[0] * SHAPE[1];
    let mut frames = Vec::new();
    for (number, kind) in Kind::ALL.into_iter().chain(Kind::ALL).chain(Kind::ALL).enumerate() {
        let frame = content::frame(kind, ELEMENT, pixels, 40 + number as u64);
        let mut chunk = content::chunk(&frame, ELEMENT, [None, Some(64), Some(8)][number % 3]);
        match number {
            5 => chunk.truncate(chunk.len() / 2),
            7 => chunk[20] ^= 0x10,
            9 => chunk[3] ^= 1,
            _ => {}
        }
        let request = Request {
            handle: 0x8877_6655_4433_2200 + number as u64,
            sequence: number as u32,
            element: ELEMENT,
            chunk_bytes: chunk.len() as u32,
            pixels: pixels as u32,
            bins: BINS as u32,
            max_valid: 65533,
            threshold: THRESHOLD,
            chunk_address: 0,
            table: if number == 10 { TABLE + 1 } else { TABLE },
        };
        let result = Functional::answer(&shape, &card, &request.to_bytes(), &chunk);
        frames.push(json!({ "request": hex(request.to_bytes()), "chunk": hex(chunk), "result": hex(result) }));
    }
    let ops = hex(card.ops.iter().flat_map(|&Op(op)| op.to_le_bytes()));
    json!({ "table_id": TABLE, "table_pixels": pixels, "table_bins": BINS, "ops": ops, "frames": frames })
}

#[test]
fn lane_vector_is_what_the_definition_makes() {
    let path = data::root().join("testbenches/vectors/lane.json");
    let text = format!("{:#}\n", vector());
    if std::env::var_os("DEBYE_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &text).expect("the vectors' folder takes files");
    }
    let stands = std::fs::read_to_string(&path).expect("the vector is there");
    assert!(stands == text, "testbenches/vectors/lane.json is not what the definition makes: see this test's head");
}
