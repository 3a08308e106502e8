//! The gateware of a whole card under Verilator as a device: what the functional model's tests ask of its rings.

use debye_sim::device::functional::Build;
use debye_sim::device::models::{self, CardKind};
use debye_sim::model::Shape;
use debye_sim::verilator::find;
use debye_spec::card_table::CardTable;
use debye_spec::registers::map_hash;
use debye_spec::ring_map::RingCapabilities;
use debye_spec::rings::{CopyJob, Submission, result_bytes};
use debye_spec::{Element, Status};

use crate::support::frames::{self, SLOTS, chunk_of, result_of, round_trip};
use crate::support::fused;
use crate::support::in_process::InProcess;
use crate::support::rings::{DATA, Host, Queue, get, set};
use crate::support::{Content, element_of, rng};

/// A card, if there is a Verilator.
fn card() -> Option<InProcess> {
    if let Err(error) = find() {
        println!("skipped: {error}");
        return None;
    }
    let build = Build { queues: 2, ..Build::default() };
    Some(InProcess::new(models::card(CardKind::Verilator, build).unwrap()))
}

/// A card with encoders, if there is a Verilator.
fn encoding(encoders: u32) -> Option<InProcess> {
    if let Err(error) = find() {
        println!("skipped: {error}");
        return None;
    }
    let build = Build { queues: 2, encoders, ..Build::default() };
    Some(InProcess::new(models::card(CardKind::Verilator, build).unwrap()))
}

fn compiled(content: &Content) -> CardTable {
    CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap()
}

fn copy(sequence: u32) -> Submission {
    let handle = 0xc0 << 32 | u64::from(sequence);
    Submission::Copy(CopyJob { handle, sequence, bytes: 256, source: DATA, target: DATA + 0x1000 })
}

/// Resets the engine and waits until it is back.
fn restart(host: &mut InProcess) {
    set(host, "ring_control", 2);
    for _ in 0..100 {
        if get(host, "ring_control") == 0 {
            return;
        }
        host.pump();
    }
    panic!("the reset does not come back");
}

#[test]
fn gateware_frames_of_all_types_over_many_laps_answer_as_the_definition_does() {
    let mut next = rng(11);
    let Some(mut host) = card() else { return };
    assert_eq!(get(&mut host, "map_hash"), map_hash());
    let found = RingCapabilities::from_register(get(&mut host, "ring_capabilities"));
    assert_eq!(found, RingCapabilities { queues: 2, flights_log2: 6, kinds: 0b1110, memory_log2: 28 });
    assert_eq!([host.read(0x803c), host.read(0x9080), host.read(0xfffc), host.read(0x1_0000)], [u32::MAX; 4]);
    let mut queue = Queue::start(&mut host, 1, 2, 2);
    for round in 0..15 {
        let content = Content::new(element_of(round), 40 + (next() % 900) as usize, 37, next());
        let table = compiled(&content);
        let address = (next() % (1 << 27)) & !63;
        queue.load(&mut host, &table, address);
        for damage in 0..4 {
            let chunk = content.chunk(64 * content.element.size(), damage, &mut next);
            round_trip(&mut host, &mut queue, &content, &table, &chunk, round as u32 * 4 + damage as u32);
        }
    }
    host.settle();
    assert_eq!((get(&mut host, "frames_accepted"), get(&mut host, "frames_done")), (60, 60));
    assert_eq!(get(&mut host, "completions"), 75);
    assert_eq!((queue.get(&mut host, "submission_head"), queue.get(&mut host, "completion_tail")), (75, 75));
}

#[test]
fn gateware_indices_go_over_2_to_the_32_as_over_any_other_lap() {
    let mut next = rng(19);
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let Some(mut host) = card() else { return };
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
fn gateware_full_rings_of_frames_complete_each_once_and_interrupts_come_when_armed() {
    let mut next = rng(3);
    let content = Content::new(Element::U16, 700, 37, 5);
    let table = compiled(&content);
    let Some(mut host) = card() else { return };
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    set(&mut host, "moderation", 2 | 10 << 8);
    for lap in 0..3 {
        let flying: Vec<_> = (0..SLOTS)
            .map(|slot| {
                let chunk = content.chunk(128, (next() % 4) as usize, &mut next);
                frames::frame(&mut host, &content, &table, &chunk, slot, lap * 16 + slot as u32)
            })
            .collect();
        flying.iter().for_each(|flying| queue.push(&mut host, &flying.submission));
        queue.set(&mut host, "arm", queue.head + 5 + lap);
        queue.ring(&mut host);
        host.settle();
        assert_eq!(std::mem::take(&mut host.interrupts), [0]);
        for _ in 0..SLOTS {
            let completion = queue.wait(&mut host);
            let slot = completion.sequence as usize % SLOTS;
            flying[slot].check(&mut host, &completion);
        }
        assert_eq!(queue.poll(&mut host), None);
    }
    // Armed for what is written: at once, or as late as it is held back.
    queue.set(&mut host, "arm", queue.head - 1);
    host.settle();
    assert_eq!(std::mem::take(&mut host.interrupts), [0]);
    queue.set(&mut host, "arm", queue.head);
    host.settle();
    assert!(host.interrupts.is_empty());
    assert_eq!(get(&mut host, "interrupts"), 4);
}

#[test]
fn gateware_without_room_or_core_holds_back_what_cannot_be_done() {
    let content = Content::new(Element::U8, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(64, 0, &mut rng(1));
    let Some(mut host) = card() else { return };
    let mut queue = Queue::start(&mut host, 0, 5, 2);
    (0..20).for_each(|k| queue.push(&mut host, &copy(k)));
    queue.ring(&mut host);
    for done in [4, 8, 12, 16, 20] {
        host.settle();
        assert_eq!(queue.get(&mut host, "submission_head"), done);
        assert_eq!(get(&mut host, "in_flight"), 0);
        (0..4).for_each(|k| assert_eq!(queue.poll(&mut host).unwrap().sequence, done - 4 + k));
        queue.took(&mut host);
    }
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
fn gateware_dma_to_unmapped_memory_is_told_and_the_card_goes_on() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let Some(mut host) = card() else { return };
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    let slots: Vec<_> =
        (0..3).map(|slot| frames::frame(&mut host, &content, &table, &chunk, slot, slot as u32)).collect();
    for (slot, hole) in [(0, chunk_of(0)), (1, result_of(1))] {
        host.ram.hole = hole..hole + 4096;
        queue.push(&mut host, &slots[slot].submission);
        queue.ring(&mut host);
        let done = queue.wait(&mut host);
        assert_eq!((done.status, done.result_bytes, done.crc), (Status::DmaFault.code(), 0, 0));
        assert_eq!(done.sequence, slot as u32);
        let address = [get(&mut host, "fault_address_low"), get(&mut host, "fault_address_high")];
        assert_eq!(address, [chunk_of(0) as u32, (chunk_of(0) >> 32) as u32]);
        assert_eq!(get(&mut host, "ring_status") & 2, 2);
    }
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
    host.settle();
    restart(&mut host);
    assert_eq!([get(&mut host, "dma_faults"), get(&mut host, "fault_address_low")], [0; 2]);
}

#[test]
fn gateware_reset_in_flight_forgets_everything_and_works_again() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let Some(mut host) = card() else { return };
    for slice in 0..4 {
        let mut queue = Queue::start(&mut host, 0, 4, 4);
        queue.load(&mut host, &table, 4096);
        for k in 0..6 {
            let flying = frames::frame(&mut host, &content, &table, &chunk, k, k as u32);
            queue.push(&mut host, &flying.submission);
        }
        queue.ring(&mut host);
        (0..slice).for_each(|_| host.pump());
        restart(&mut host);
        let control = [get(&mut host, "ring_control"), get(&mut host, "control")];
        assert_eq!((control, get(&mut host, "in_flight"), get(&mut host, "ring_status")), ([0; 2], 0, 0));
        assert_eq!(queue.get(&mut host, "queue_config"), 0);
    }
    // A function-level reset forgets the table too.
    host.card.reset();
    assert_eq!(get(&mut host, "table_ops"), 0);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 64);
    round_trip(&mut host, &mut queue, &content, &table, &chunk, 99);
}

#[test]
fn gateware_submissions_that_cannot_be_done_complete_with_the_reason() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let Some(mut host) = card() else { return };
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
fn gateware_pixels_encoded_and_integrated_in_one_pass_answer_as_both_steps_do() {
    let Some(mut host) = encoding(1) else { return };
    fused::mixed(&mut host, 15, 21);
    restart(&mut host);
    fused::refused(&mut host);
    for wild in [false, true] {
        restart(&mut host);
        let [encoded, both] = fused::rates(&mut host, wild);
        println!("wild {wild}: {encoded:.2} bytes of pixels a cycle encoded, {both:.2} encoded and integrated");
        assert!(encoded > 7.5 && both > 4.0, "{encoded} {both}");
    }
}

#[test]
fn gateware_two_encoders_answer_as_one_does_and_encode_faster() {
    let Some(mut host) = encoding(2) else { return };
    fused::mixed(&mut host, 12, 23);
    restart(&mut host);
    let [encoded, both] = fused::rates(&mut host, true);
    println!("two encoders: {encoded:.2} bytes of pixels a cycle encoded, {both:.2} encoded and integrated");
    // One makes 7.8; the one lane integrates 8 bytes a cycle at most.
    assert!(encoded > 10.0 && both > 4.0, "{encoded} {both}");
}
