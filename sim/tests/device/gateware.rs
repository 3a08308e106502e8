//! The emitted Verilog of a whole card, driven through its rings by the same plain driver as the functional model.

use debye_sim::device::functional::Build;
use debye_sim::device::models::{CardKind, card};
use debye_sim::model::Shape;
use debye_sim::verilator::find;
use debye_spec::card_table::CardTable;
use debye_spec::registers::map_hash;
use debye_spec::ring_map::RingCapabilities;
use debye_spec::rings::{CopyJob, Submission};
use debye_spec::{Element, Status};

use crate::support::frames::{self, SLOTS, chunk_of, round_trip};
use crate::support::in_process::InProcess;
use crate::support::rings::{DATA, Host, Queue, get, set};
use crate::support::{Content, element_of, rng};

/// The card; none without a Verilator.
fn gateware(test: &str) -> Option<InProcess> {
    if let Err(error) = find() {
        println!("skipped: {test}: {error}");
        return None;
    }
    Some(InProcess::new(card(CardKind::Verilator, Build { queues: 2, ..Build::default() }).unwrap()))
}

fn compiled(content: &Content) -> CardTable {
    CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap()
}

#[test]
fn gateware_card_answers_through_its_rings_as_the_functional_one() {
    let Some(mut host) = gateware("gateware_card_answers_through_its_rings_as_the_functional_one") else { return };
    assert_eq!(get(&mut host, "map_hash"), map_hash());
    assert_eq!(host.read(0x7ffc), u32::MAX, "SLVERR");
    let rings = RingCapabilities::from_register(get(&mut host, "ring_capabilities"));
    assert_eq!(rings, RingCapabilities { queues: 2, flights_log2: 6, kinds: 0b1110, memory_log2: 28 });

    // Frames of all types, sound and damaged, one after the other and many at once.
    let mut next = rng(17);
    let mut queue = Queue::start(&mut host, 1, 4, 4);
    for round in 0..5 {
        let content = Content::new(element_of(round), 100 + (next() % 300) as usize, 37, next());
        let table = compiled(&content);
        queue.load(&mut host, &table, 4096 * (round as u64 + 1));
        for damage in 0..4 {
            let chunk = content.chunk(64 * content.element.size(), damage, &mut next);
            let sequence = round as u32 * 4 + damage as u32;
            let completion = round_trip(&mut host, &mut queue, &content, &table, &chunk, sequence);
            assert!(completion.cycles > 100);
        }
        let flying: Vec<_> = (0..SLOTS)
            .map(|slot| {
                let chunk = content.chunk(64 * content.element.size(), slot % 4, &mut next);
                frames::frame(&mut host, &content, &table, &chunk, slot, 1000 + slot as u32)
            })
            .collect();
        flying.iter().for_each(|flying| queue.push(&mut host, &flying.submission));
        queue.ring(&mut host);
        let mut seen = [false; SLOTS];
        for _ in 0..SLOTS {
            let completion = queue.wait(&mut host);
            let slot = completion.sequence as usize - 1000;
            assert!(!std::mem::replace(&mut seen[slot], true), "once");
            flying[slot].check(&mut host, &completion);
        }
    }
    host.settle();
    assert_eq!((get(&mut host, "in_flight"), get(&mut host, "ring_status")), (0, 0));
    assert_eq!(get(&mut host, "frames_done"), 100);

    // An interrupt for the armed completion, and none before it.
    let copy = |target| Submission::Copy(CopyJob { handle: 5, sequence: 6, bytes: 8192, source: DATA, target });
    queue.set(&mut host, "arm", queue.tail.wrapping_add(1));
    host.put(DATA, &[9; 8192]);
    queue.push(&mut host, &copy(DATA + (1 << 16)));
    queue.ring(&mut host);
    assert_eq!(queue.wait(&mut host).result_bytes, 8192);
    host.settle();
    assert_eq!((host.interrupts.len(), host.get(DATA + (1 << 16), 8192)), (0, vec![9; 8192]));
    queue.push(&mut host, &copy(DATA + (1 << 16)));
    queue.ring(&mut host);
    queue.wait(&mut host);
    host.settle();
    assert_eq!(host.interrupts, [1]);
}

#[test]
fn gateware_card_tells_dma_faults_and_comes_back_from_resets() {
    let Some(mut host) = gateware("gateware_card_tells_dma_faults_and_comes_back_from_resets") else { return };
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = compiled(&content);
    let chunk = content.chunk(128, 0, &mut rng(1));
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    let flying = frames::frame(&mut host, &content, &table, &chunk, 0, 1);
    host.ram.hole = chunk_of(0)..chunk_of(0) + 4096;
    queue.push(&mut host, &flying.submission);
    queue.ring(&mut host);
    let done = queue.wait(&mut host);
    assert_eq!((Status::from_code(done.status), done.sequence), (Some(Status::DmaFault), 1));
    assert_eq!(get(&mut host, "ring_status") & 2, 2);
    assert_eq!(get(&mut host, "fault_address_low"), chunk_of(0) as u32);
    host.ram.hole = 0..0;

    // With frames under way, by the register and as a function.
    for how in 0..2 {
        for k in 0..6 {
            let flying = frames::frame(&mut host, &content, &table, &chunk, k, k as u32);
            queue.push(&mut host, &flying.submission);
        }
        queue.ring(&mut host);
        host.pump();
        if how == 0 {
            set(&mut host, "ring_control", 2);
            while get(&mut host, "ring_control") != 0 {
                host.pump();
            }
        } else {
            host.card.reset();
        }
        assert_eq!((get(&mut host, "in_flight"), get(&mut host, "ring_status")), (0, 0));
        assert_eq!((get(&mut host, "control"), get(&mut host, "dma_faults")), (0, 0));
        queue = Queue::start(&mut host, 0, 4, 4);
        if how == 1 {
            queue.load(&mut host, &table, 0);
        }
        set(&mut host, "control", 1);
        round_trip(&mut host, &mut queue, &content, &table, &chunk, 99);
    }
}
