//! What every card that encodes must do: the definition's chunks, byte for byte.

use crate::content::{self, Kind};
use debye::card::{Driver, EncodeOrder, Reply};
use debye_spec::Element;
use rand::RngExt;
use std::collections::BTreeMap;

/// Pixels, and the chunk that the definition makes of them.
pub struct Piece {
    /// Their type.
    pub element: Element,
    /// Little-endian.
    pub pixels: Vec<u8>,
    /// In blocks of the card's size.
    pub chunk: Vec<u8>,
}

/// Pieces of every element type and kind of content, of `counts` pixels each.
pub fn pieces(block_bytes: usize, counts: &[usize], seed: u64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, element) in Element::ALL.into_iter().enumerate() {
        for (kind, count) in Kind::ALL.into_iter().flat_map(|kind| counts.iter().map(move |&count| (kind, count))) {
            let pixels = content::frame(kind, element, count, seed + number as u64);
            let mut chunk = Vec::new();
            debye_spec::encode::encode(&pixels, element, block_bytes, &mut chunk).expect("whole pixels");
            pieces.push(Piece { element, pixels, chunk });
        }
    }
    pieces
}

/// Hands pieces to a card in any order, as many at once as it takes, and compares what comes; says how many came.
pub fn card_makes_the_definitions_chunks(driver: &mut Driver, pieces: &[Piece], seed: u64) -> usize {
    let mut rng = content::rng(seed);
    let mut left: Vec<usize> = (0..pieces.len()).collect();
    let mut came = BTreeMap::new();
    while came.len() < pieces.len() {
        while !left.is_empty() {
            let at = rng.random_range(0..left.len());
            let Piece { element, pixels, .. } = &pieces[left[at]];
            let order = EncodeOrder { tag: left[at] as u64, element: *element, pixels, threshold: 0 };
            if !driver.submit_encode(&order).expect("the card lives") {
                break;
            }
            left.swap_remove(at);
        }
        match driver.poll().expect("the card lives") {
            None => driver.wait().expect("the card lives"),
            Some(done) => {
                let piece = &pieces[done.tag as usize];
                match done.reply {
                    Reply::Made(chunk) => assert!(
                        chunk == piece.chunk,
                        "piece {}: {:?}, {} bytes of pixels",
                        done.tag,
                        piece.element,
                        piece.pixels.len()
                    ),
                    other => panic!("piece {}: {other:?}", done.tag),
                }
                assert!(came.insert(done.tag, ()).is_none(), "piece {} came twice", done.tag);
            }
        }
    }
    came.len()
}
