//! The functional model of the whole card, driven through its rings by a plain driver.

use debye_sim::device::functional::{Build, FunctionalCard};
use debye_sim::model::Shape;
use debye_spec::card_table::CardTable;
use debye_spec::registers::stall_offset;
use debye_spec::rings::{CopyJob, Submission, result_bytes};
use debye_spec::{Element, Status};

use crate::support::frames::{self, SLOTS, chunk_of, result_of, round_trip};
use crate::support::fused;
use crate::support::in_process::InProcess;
use crate::support::rings::{DATA, Host, Queue, get, set};
use crate::support::{Content, element_of, rng};

fn card(queues: u32) -> InProcess {
    InProcess::new(Box::new(FunctionalCard::new(Build { queues, ..Build::default() })))
}

fn compiled(content: &Content) -> CardTable {
    CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap()
}

fn copy(sequence: u32) -> Submission {
    let handle = 0xc0 << 32 | u64::from(sequence);
    Submission::Copy(CopyJob { handle, sequence, bytes: 256, source: DATA, target: DATA + 0x1000 })
}

#[test]
fn card_frames_of_all_types_over_many_laps_answer_as_the_definition_does() {
    let mut next = rng(11);
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 2, 2);
    for round in 0..15 {
        let content = Content::new(element_of(round), 40 + (next() % 900) as usize, 37, next());
        let table = compiled(&content);
        // Anywhere in the table memory, over borders of its pages too.
        let address = (next() % (1 << 27)) & !63;
        queue.load(&mut host, &table, address);
        for damage in 0..4 {
            let chunk = content.chunk(64 * content.element.size(), damage, &mut next);
            round_trip(&mut host, &mut queue, &content, &table, &chunk, round as u32 * 4 + damage as u32);
        }
    }
    assert_eq!((get(&mut host, "frames_accepted"), get(&mut host, "frames_done")), (60, 60));
    assert_eq!(get(&mut host, "completions"), 75);
    assert_eq!((queue.get(&mut host, "submission_head"), queue.get(&mut host, "completion_tail")), (75, 75));
    assert_eq!(host.read(stall_offset(0, 7).unwrap()), 60);
}

#[test]
fn card_indices_go_over_2_to_the_32_as_over_any_other_lap() {
    let mut next = rng(19);
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let mut host = card(2);
    let mut queue = Queue::start_at(&mut host, 1, 2, 3, u32::MAX - 9);
    queue.load(&mut host, &table, 0);
    for sequence in 0..20 {
        let chunk = content.chunk(128, sequence as usize % 4, &mut next);
        queue.set(&mut host, "arm", queue.head);
        round_trip(&mut host, &mut queue, &content, &table, &chunk, sequence);
        host.settle();
        assert_eq!(std::mem::take(&mut host.interrupts), [1]);
    }
    assert_eq!((queue.get(&mut host, "submission_head"), queue.get(&mut host, "completion_tail")), (11, 11));
}

#[test]
fn card_full_rings_of_frames_complete_each_once_and_keep_results_apart() {
    let mut next = rng(3);
    let content = Content::new(Element::U16, 700, 37, 5);
    let table = compiled(&content);
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    for lap in 0..4 {
        let flying: Vec<_> = (0..SLOTS)
            .map(|slot| {
                let chunk = content.chunk(128, (next() % 4) as usize, &mut next);
                frames::frame(&mut host, &content, &table, &chunk, slot, lap * 16 + slot as u32)
            })
            .collect();
        flying.iter().for_each(|flying| queue.push(&mut host, &flying.submission));
        queue.ring(&mut host);
        for _ in 0..SLOTS {
            let completion = queue.wait(&mut host);
            let slot = completion.sequence as usize % SLOTS;
            flying[slot].check(&mut host, &completion);
        }
        assert_eq!(queue.poll(&mut host), None);
    }
}

#[test]
fn card_two_queues_each_get_their_own_completions() {
    let mut host = card(2);
    let mut queues = [0, 1].map(|number| Queue::start(&mut host, number, 3, 3));
    host.put(DATA, &[7; 256]);
    for (number, queue) in queues.iter_mut().enumerate() {
        (0..8).for_each(|k| queue.push(&mut host, &copy(100 * number as u32 + k)));
        queue.ring(&mut host);
    }
    host.settle();
    for (number, queue) in queues.iter_mut().enumerate() {
        for k in 0..8 {
            let done = queue.wait(&mut host);
            assert_eq!((done.sequence, done.status, done.result_bytes), (100 * number as u32 + k, 0, 256));
            assert_eq!(done.submission_head, 8);
        }
        assert_eq!(queue.poll(&mut host), None);
    }
    assert_eq!(host.get(DATA + 0x1000, 256), [7; 256]);
    assert!(host.interrupts.is_empty(), "none was asked for");
}

#[test]
fn card_completions_that_are_not_taken_hold_back_submissions() {
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 5, 2);
    (0..20).for_each(|k| queue.push(&mut host, &copy(k)));
    queue.ring(&mut host);
    let (mut done, mut taken) = (0, [4, 5, 8, 12, 16, 20].into_iter());
    while let Some(expected) = taken.next() {
        host.settle();
        assert_eq!(queue.get(&mut host, "submission_head"), expected);
        assert_eq!(get(&mut host, "in_flight"), 0);
        let room = taken.clone().next().unwrap_or(20) - expected;
        for _ in 0..room {
            assert_eq!(queue.poll(&mut host).unwrap().sequence, done);
            done += 1;
        }
        queue.took(&mut host);
    }
}

#[test]
fn card_reset_in_flight_forgets_everything_and_works_again() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 4096);
    for k in 0..6 {
        let flying = frames::frame(&mut host, &content, &table, &chunk, k, k as u32);
        queue.push(&mut host, &flying.submission);
    }
    queue.ring(&mut host);
    host.pump();
    assert_eq!(get(&mut host, "in_flight"), 5);
    assert_eq!(get(&mut host, "ring_status"), 0b101);
    set(&mut host, "ring_control", 2);
    assert_eq!(get(&mut host, "ring_control"), 0, "done, and disabled");
    assert_eq!([get(&mut host, "in_flight"), get(&mut host, "ring_status"), get(&mut host, "control")], [0; 3]);
    assert_eq!(queue.get(&mut host, "queue_config"), 0);
    host.settle();
    queue.head = 2;
    assert!(!queue.peek(&mut host).1, "no completion for what was forgotten");

    // The table memory and what the registers say of it are as before.
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    set(&mut host, "control", 1);
    round_trip(&mut host, &mut queue, &content, &table, &chunk, 99);
}

#[test]
fn card_without_core_enabled_keeps_frames_and_copies_on() {
    let content = Content::new(Element::U8, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(64, 0, &mut rng(1));
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    set(&mut host, "control", 0);
    let flying = frames::frame(&mut host, &content, &table, &chunk, 0, 1);
    queue.push(&mut host, &flying.submission);
    queue.push(&mut host, &copy(2));
    queue.ring(&mut host);
    assert_eq!(queue.wait(&mut host).sequence, 2);
    host.settle();
    assert_eq!((queue.poll(&mut host), get(&mut host, "in_flight")), (None, 1));
    set(&mut host, "control", 1);
    let completion = queue.wait(&mut host);
    flying.check(&mut host, &completion);
}

#[test]
fn card_dma_to_unmapped_memory_is_told_and_touches_nothing() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    let slots: Vec<_> =
        (0..3).map(|slot| frames::frame(&mut host, &content, &table, &chunk, slot, slot as u32)).collect();
    for (count, (slot, hole)) in [(0, chunk_of(0)), (1, result_of(1))].into_iter().enumerate() {
        host.ram.hole = hole..hole + 4096;
        let before = host.get(DATA, 1 << 21);
        queue.push(&mut host, &slots[slot].submission);
        queue.ring(&mut host);
        let done = queue.wait(&mut host);
        assert_eq!((done.status, done.result_bytes, done.crc), (Status::DmaFault.code(), 0, 0));
        assert_eq!(done.sequence, slot as u32);
        assert!(host.get(DATA, 1 << 21) == before);
        assert_eq!(get(&mut host, "dma_faults"), count as u32 + 1);
        // The first is remembered.
        let address = [get(&mut host, "fault_address_low"), get(&mut host, "fault_address_high")];
        assert_eq!(address, [chunk_of(0) as u32, (chunk_of(0) >> 32) as u32]);
        assert_eq!(get(&mut host, "ring_status") & 2, 2);
    }
    // The card goes on; an entry that cannot be fetched is completed too, of a kind that is none.
    queue.push(&mut host, &slots[2].submission);
    queue.ring(&mut host);
    let done = queue.wait(&mut host);
    slots[2].check(&mut host, &done);
    let ring = queue.rings()[0];
    host.ram.hole = ring..ring + 4096;
    queue.push(&mut host, &slots[2].submission);
    queue.ring(&mut host);
    let done = queue.wait(&mut host);
    assert_eq!((done.status, done.kind, done.handle), (Status::DmaFault.code(), 0, 0));
    host.ram.hole = 0..0;
    set(&mut host, "ring_control", 2);
    assert_eq!([get(&mut host, "dma_faults"), get(&mut host, "fault_address_low")], [0; 2]);
}

#[test]
fn card_submissions_that_cannot_be_done_complete_with_the_reason() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    let good = frames::frame(&mut host, &content, &table, &chunk, 0, 1).submission.to_bytes();
    let upload = |bytes, target| Submission::Upload(CopyJob { handle: 1, sequence: 2, bytes, source: DATA, target });
    let mut small = good;
    small[52..56].copy_from_slice(&(result_bytes(37) - 1).to_le_bytes());
    let with = |at: usize, value: u8| {
        let mut bytes = good;
        bytes[at] = value;
        bytes
    };
    let cases = [
        (with(0, 0), Status::RequestInvalid, 0),
        (with(5, 9), Status::RequestInvalid, 0),
        (with(40, 1), Status::RequestInvalid, 0),
        (small, Status::ResultTooLarge, 0),
        (upload(128, (1 << 28) - 64).to_bytes(), Status::RequestInvalid, 0),
        (upload(128, u64::MAX - 63).to_bytes(), Status::RequestInvalid, 0),
        (upload(64, (1 << 28) - 64).to_bytes(), Status::Ok, 64),
        // A lane's own refusals have a result: header and trailer.
        (with(6, 3), Status::RequestInvalid, 72),
        (with(48, 4), Status::TableMismatch, 72),
    ];
    for (entry, status, bytes) in cases {
        queue.push_bytes(&mut host, &entry);
        queue.ring(&mut host);
        let done = queue.wait(&mut host);
        assert_eq!((done.status, done.result_bytes), (status.code(), bytes), "{entry:?}");
        assert_eq!((done.kind, done.handle & 0xff), (entry[5], entry[8].into()));
    }
    assert_eq!((get(&mut host, "dma_faults"), get(&mut host, "table_faults")), (0, 0));
}

#[test]
fn card_table_that_is_not_what_the_registers_say_fails_frames_only() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 1 << 20);
    let mut status = |host: &mut InProcess| {
        let flying = frames::frame(host, &content, &table, &chunk, 0, 1);
        queue.push(host, &flying.submission);
        queue.ring(host);
        Status::from_code(queue.wait(host).status)
    };
    assert_eq!(status(&mut host), Some(Status::Ok));
    // One operation too few or too many.
    for ops in [table.ops.len() - 1, table.ops.len() + 1] {
        set(&mut host, "table_ops", ops as u32);
        assert_eq!(status(&mut host), Some(Status::TableMismatch), "{ops} operations");
    }
    assert_eq!(get(&mut host, "table_faults"), 0);
    for (ops, address) in [(u32::MAX, 1 << 20), (table.ops.len() as u32, 1 << 28)] {
        set(&mut host, "table_ops", ops);
        set(&mut host, "table_address_low", address);
        assert_eq!(status(&mut host), Some(Status::TableMismatch), "not in the memory");
    }
    assert_eq!((get(&mut host, "table_faults"), get(&mut host, "status")), (2, 1 << 8));
    set(&mut host, "control", 1 | 4);
    assert_eq!((get(&mut host, "table_faults"), get(&mut host, "status")), (0, 0));
    set(&mut host, "table_address_low", 1 << 20);
    assert_eq!(status(&mut host), Some(Status::Ok));
}

fn encoding() -> InProcess {
    InProcess::new(Box::new(FunctionalCard::new(Build { queues: 2, encoders: 1, ..Build::default() })))
}

#[test]
fn card_pixels_encoded_and_integrated_in_one_pass_answer_as_both_steps_do() {
    fused::mixed(&mut encoding(), 15, 21);
}

#[test]
fn card_fused_submissions_that_cannot_be_done_complete_with_the_reason() {
    fused::refused(&mut encoding());
    // Without an encoder it is a kind that is not known.
    let mut host = card(1);
    let content = Content::new(Element::U16, 300, 37, 5);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &compiled(&content), 0);
    let entry = fused::fused(&mut host, &content, &compiled(&content), 0, 1).entry;
    queue.push_bytes(&mut host, &entry);
    queue.ring(&mut host);
    let done = queue.wait(&mut host);
    assert_eq!((done.status, done.result_bytes, done.chunk_bytes), (Status::RequestInvalid.code(), 0, 0));
}
