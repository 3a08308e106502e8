//! The registers of the functional card, its interrupts, and what a host may write without harm.

use debye_sim::device::functional::{Build, FunctionalCard};
use debye_sim::model::Shape;
use debye_spec::Element;
use debye_spec::registers::{Access, Capabilities, REGISTERS, map_hash, register, stall_offset};
use debye_spec::ring_map::{QUEUE_REGISTERS, RING_REGISTERS, RingCapabilities, queue_offset};
use debye_spec::rings::{CopyJob, Submission};

use crate::support::frames::{self, SLOTS};
use crate::support::in_process::InProcess;
use crate::support::rings::{BASE, DATA, Host, Queue, get, set};
use crate::support::{Content, rng};
use debye_spec::card_table::CardTable;

fn card(queues: u32) -> InProcess {
    InProcess::new(Box::new(FunctionalCard::new(Build { queues, ..Build::default() })))
}

fn copy(sequence: u32) -> Submission {
    Submission::Copy(CopyJob { handle: 1, sequence, bytes: 256, source: DATA, target: DATA + 0x1000 })
}

#[test]
fn card_interrupts_come_once_for_the_armed_completion_and_as_moderation_says() {
    let mut host = card(2);
    let mut other = Queue::start(&mut host, 0, 4, 4);
    let mut queue = Queue::start(&mut host, 1, 4, 4);
    let mut submit = |host: &mut InProcess, count: u32| {
        (0..count).for_each(|_| queue.push(host, &copy(0)));
        queue.ring(host);
    };
    let arm = |host: &mut InProcess, index: u32| host.write(0x9000 + 64 + 0x1c, index);
    let sent = |host: &mut InProcess| std::mem::take(&mut host.interrupts);
    // Not before the completion; then one, of the queue's vector.
    arm(&mut host, 1);
    submit(&mut host, 1);
    host.settle();
    assert!(sent(&mut host).is_empty());
    submit(&mut host, 3);
    host.settle();
    assert_eq!(sent(&mut host), [1]);
    // At once for a completion that is there.
    arm(&mut host, 3);
    host.settle();
    assert_eq!(sent(&mut host), [1]);
    host.settle();
    assert!(sent(&mut host).is_empty());
    // Two completions behind the armed one, or the time: 4 completions are 0 to 3.
    set(&mut host, "moderation", 2 | 0xffff << 8);
    arm(&mut host, 4);
    submit(&mut host, 3);
    host.pump();
    host.pump();
    assert!(sent(&mut host).is_empty());
    host.pump();
    assert_eq!(sent(&mut host), [1], "two are behind");
    arm(&mut host, 7);
    submit(&mut host, 1);
    host.settle();
    assert_eq!(sent(&mut host), [1], "nothing more is to come: the time is over");
    assert_eq!(get(&mut host, "interrupts"), 4);
    other.push(&mut host, &copy(9));
    other.ring(&mut host);
    host.settle();
    assert_eq!((sent(&mut host), other.poll(&mut host).is_some()), (vec![], true));
}

#[test]
fn card_registers_are_those_of_the_map() {
    let build = Build { shape: Shape { lanes: 3, ..Shape::default() }, queues: 2, ..Build::default() };
    let mut host = InProcess::new(Box::new(FunctionalCard::new(build)));
    for register in REGISTERS.iter().chain(&RING_REGISTERS).chain(&QUEUE_REGISTERS) {
        if let Some(reset) = register.reset {
            assert_eq!(host.read(register.offset), reset, "{}", register.name);
        }
        // What these hold is not only what was written.
        if register.access == Access::ReadWrite && !["control", "ring_control", "queue_config"].contains(&register.name)
        {
            host.write(register.offset, u32::MAX);
            assert_eq!(host.read(register.offset), register.mask(), "{}", register.name);
            host.write(register.offset, 0);
        } else if register.access == Access::Read {
            let before = host.read(register.offset);
            host.write(register.offset, !before);
            assert_eq!(host.read(register.offset), before, "{}", register.name);
        }
    }
    assert_eq!(get(&mut host, "map_hash"), map_hash());
    let capabilities = Capabilities::from_registers(get(&mut host, "capabilities"), get(&mut host, "max_bins"));
    assert_eq!((capabilities.lanes, capabilities.block_log2, capabilities.max_bins), (3, 13, 2048));
    assert!(Element::ALL.into_iter().all(|element| capabilities.takes(element)));
    let rings = RingCapabilities::from_register(get(&mut host, "ring_capabilities"));
    assert_eq!(rings, RingCapabilities { queues: 2, flights_log2: 6, kinds: 0b1110, memory_log2: 28 });
    let last = QUEUE_REGISTERS[QUEUE_REGISTERS.len() - 1];
    let beyond =
        [0x50, 0xffc, stall_offset(2, 7).unwrap() + 4, 0x7ffc, 0x803c, last.offset + 4, queue_offset(2, &last)];
    for offset in beyond.into_iter().chain([0xfffc, u32::MAX]) {
        host.write(offset, 0);
        assert_eq!(host.read(offset), u32::MAX, "{offset:#x}");
    }
    assert_eq!(host.read(stall_offset(2, 7).unwrap()), 0);
    assert_eq!(register("identity").unwrap().offset, 0);
}

#[test]
fn card_queue_with_depths_out_of_range_is_refused_until_they_are_right() {
    let mut host = card(1);
    let mut queue = Queue::start(&mut host, 0, 1, 4);
    for (submission, completion, refused) in [(1, 4, true), (4, 13, true), (2, 12, false)] {
        queue.set(&mut host, "queue_config", submission | completion << 4 | 1 << 8);
        let word = submission | completion << 4 | if refused { 1 << 9 } else { 1 << 8 };
        assert_eq!(queue.get(&mut host, "queue_config"), word);
    }
    queue.set(&mut host, "queue_config", 0);
    queue.push(&mut host, &copy(0));
    queue.ring(&mut host);
    host.settle();
    assert_eq!(queue.get(&mut host, "submission_head"), 0, "a disabled queue takes nothing");
}

#[test]
fn card_whatever_a_host_writes_goes_on_and_comes_back() {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap();
    let chunk = content.chunk(128, 0, &mut rng(1));
    let mut next = rng(77);
    let mut host = card(2);
    for round in 0..150 {
        let mut queue = Queue::start(&mut host, (next() % 2) as u32, 4, 4);
        queue.load(&mut host, &table, 4096);
        for step in 0..40 {
            let flying = frames::frame(&mut host, &content, &table, &chunk, step % SLOTS, step as u32);
            let mut entry = flying.submission.to_bytes();
            for _ in 0..next() % 3 {
                entry[next() as usize % 64] ^= 1 << (next() % 8);
            }
            queue.push_bytes(&mut host, &entry);
            let places = REGISTERS.len() + RING_REGISTERS.len() + 2 * QUEUE_REGISTERS.len();
            if next().is_multiple_of(4) {
                let at = next() as usize % places;
                let all = REGISTERS.iter().chain(&RING_REGISTERS).chain(&QUEUE_REGISTERS).map(|one| one.offset);
                let second = QUEUE_REGISTERS.iter().map(|one| queue_offset(1, one));
                let offset = all.chain(second).nth(at).unwrap();
                let value = match next() % 4 {
                    0 => next() as u32,
                    1 => 1 << (next() % 32),
                    2 => (BASE + next() % (1 << 20)) as u32,
                    _ => (next() % 8) as u32,
                };
                host.write(offset, value);
            }
            queue.ring(&mut host);
            (0..next() % 4).for_each(|_| host.pump());
            queue.head += (next() % 3) as u32;
            queue.took(&mut host);
        }
        // However it was left, a reset brings it back.
        set(&mut host, "ring_control", 2);
        let mut queue = Queue::start(&mut host, 0, 4, 4);
        queue.load(&mut host, &table, 0);
        let sequence = 1000 + round;
        frames::round_trip(&mut host, &mut queue, &content, &table, &chunk, sequence);
        set(&mut host, "ring_control", 2);
    }
}
