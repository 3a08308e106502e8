//! The functional model answers with what `spec` computes, whatever the chunk.

use debye_sim::functional::Functional;
use debye_sim::model::{CardModel, Config, ModelError, Shape};
use debye_spec::answer::Answer;
use debye_spec::card_table::{CardTable, TableRefused};
use debye_spec::wire::{Request, invalid_pixels};
use debye_spec::{Element, Entry, Job, Status, Table, frame};

use crate::support::{Content, element_of, rng};

fn ask(model: &mut Functional, header: [u8; 64], chunk: &[u8]) -> Answer {
    model.submit(header, chunk.to_vec()).unwrap();
    model.run(u64::MAX).unwrap().expect("an answer")
}

#[test]
fn functional_any_chunk_answers_what_spec_computes() {
    let mut next = rng(5);
    for round in 0..60 {
        let content = Content::new(element_of(round), 40 + (next() % 900) as usize, 37, next());
        let table = content.table();
        let card = CardTable::compile(&table, content.element, 3, Shape::default().bins()).unwrap();
        let mut model = Functional::new(Config::default());
        model.load(&card).unwrap();
        let job = Job { element: content.element, max_valid: 200, threshold: 5 };
        for damage in 0..4 {
            let chunk = content.chunk(64 * content.element.size(), damage, &mut next);
            let header = content.request(&job, &chunk, 9);
            let answer = ask(&mut model, header.to_bytes(), &chunk);
            assert_eq!((answer.header.handle, answer.header.sequence), (header.handle, 9));
            match frame::integrate(&chunk, &job, &table) {
                Ok(result) => {
                    assert_eq!(answer.header.status, Status::Ok);
                    assert_eq!(answer.bins, result.bins);
                    assert_eq!(answer.header.statistics, result.statistics);
                    assert_eq!(invalid_pixels(&answer.groups, content.element), result.invalid);
                }
                Err(error) => assert_eq!(answer.header.status, Status::from(&error)),
            }
        }
    }
}

#[test]
fn functional_request_that_does_not_fit_is_refused_in_order() {
    let content = Content::new(Element::U16, 5000, 37, 1);
    let card = CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap();
    let mut model = Functional::new(Config::default());
    let header = |change: fn(&mut Request)| {
        let job = Job::new(Element::U16);
        let mut request = content.request(&job, &content.chunk(8192, 0, &mut rng(1)), 0);
        change(&mut request);
        request.to_bytes()
    };
    assert_eq!(model.submit(header(|_| {}), vec![]), Err(ModelError::NoTable));
    model.load(&card).unwrap();
    let chunk = content.chunk(8192, 0, &mut rng(1));
    let mut status = |header: [u8; 64], chunk: &[u8]| ask(&mut model, header, chunk).header.status;
    assert_eq!(status(header(|_| {}), &chunk), Status::Ok);
    assert_eq!(status(header(|request| request.bins = 2049), &chunk), Status::TooManyBins);
    assert_eq!(status(header(|request| request.bins = 36), &chunk), Status::TableMismatch);
    assert_eq!(status(header(|request| request.pixels += 1), &chunk), Status::TableMismatch);
    assert_eq!(status(header(|request| request.table = 4), &chunk), Status::TableMismatch);
    assert_eq!(status(header(|request| request.element = Element::U32), &chunk), Status::TableMismatch);
    for byte in [0, 3, 4, 5, 6] {
        let mut bytes = header(|request| request.bins = 2049);
        bytes[byte] ^= 0x40;
        assert_eq!(status(bytes, &chunk), Status::RequestInvalid, "byte {byte}");
    }
    let large = content.chunk(16384, 0, &mut rng(1));
    let mut request = content.request(&Job::new(Element::U16), &large, 0);
    assert_eq!(status(request.to_bytes(), &large), Status::BlockTooLarge);
    request.chunk_bytes = 11;
    assert_eq!(status(request.to_bytes(), &large), Status::HeaderTruncated);
}

#[test]
fn compile_table_that_a_card_cannot_take_is_refused_with_a_reason() {
    let content = Content::new(Element::U16, 100, 37, 1);
    let few = Shape { rows: 2, ..Shape::default() };
    let refused = CardTable::compile(&content.table(), content.element, 3, few.bins()).unwrap_err();
    assert_eq!(refused, TableRefused::TooManyBins { bins: 37, most: 32 });
    let (masked, starts, entries) = ([false], [0, 1], [Entry::new(50, 64)]);
    let broken = Table { bins: 37, masked: &masked, starts: &starts, entries: &entries };
    let refused = CardTable::compile(&broken, content.element, 3, Shape::default().bins()).unwrap_err();
    assert_eq!(refused.to_string(), "pixel 0: there is no bin 50");
}
