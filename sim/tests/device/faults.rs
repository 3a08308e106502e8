//! Faults put in between a card and its host: each seen as the host sees it.

use debye_sim::device::fault::{Fault, FaultyCard};
use debye_sim::device::functional::{Build, FunctionalCard};
use debye_sim::model::Shape;
use debye_spec::answer::{Answer, AnswerFault};
use debye_spec::card_table::CardTable;
use debye_spec::registers::{Capabilities, MAP_VERSION, map_hash};
use debye_spec::ring_map::RingCapabilities;
use debye_spec::rings::Completion;
use debye_spec::{Element, Status};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::frames::{self, Flying};
use crate::support::in_process::InProcess;
use crate::support::rings::{Host, Queue, get, set};
use crate::support::{Content, rng};

/// A card with a fault and a table loaded, and what frames for it are made of.
struct Bench {
    host: InProcess,
    queue: Queue,
    content: Content,
    table: CardTable,
    chunk: Vec<u8>,
    deaths: Arc<AtomicUsize>,
}

impl Bench {
    fn new(fault: &str) -> Bench {
        let faults: Vec<Fault> = vec![fault.parse().unwrap()];
        let deaths = Arc::new(AtomicUsize::new(0));
        let dies = deaths.clone();
        let die = Box::new(move || {
            dies.fetch_add(1, Ordering::Relaxed);
        });
        let card = FunctionalCard::new(Build::default());
        let mut host = InProcess::new(Box::new(FaultyCard::new(Box::new(card), faults, die)));
        let content = Content::new(Element::U16, 300, 37, 5);
        let table = CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap();
        let chunk = content.chunk(128, 0, &mut rng(1));
        let mut queue = Queue::start(&mut host, 0, 4, 4);
        queue.load(&mut host, &table, 0);
        Bench { host, queue, content, table, chunk, deaths }
    }

    /// Submits frames of these sequence numbers, each in its slot.
    fn submit(&mut self, sequences: std::ops::Range<u32>) -> Vec<Flying> {
        let flying: Vec<_> = sequences
            .map(|k| frames::frame(&mut self.host, &self.content, &self.table, &self.chunk, k as usize % 16, k))
            .collect();
        flying.iter().for_each(|flying| self.queue.push(&mut self.host, &flying.submission));
        self.queue.ring(&mut self.host);
        flying
    }

    /// All completions that are there.
    fn completions(&mut self) -> Vec<Completion> {
        self.host.settle();
        let found = std::iter::from_fn(|| self.queue.poll(&mut self.host)).collect();
        self.queue.took(&mut self.host);
        found
    }

    fn sequences(&mut self) -> Vec<u32> {
        self.completions().iter().map(|completion| completion.sequence).collect()
    }

    /// Resets the engine and starts the queue again.
    fn restart(&mut self) {
        set(&mut self.host, "ring_control", 2);
        self.queue = Queue::start(&mut self.host, 0, 4, 4);
        set(&mut self.host, "control", 1);
    }
}

#[test]
fn fault_corrupt_result_is_found_by_its_crc_and_only_there() {
    let mut bench = Bench::new("corrupt-result,after=2,count=1");
    let flying = bench.submit(0..5);
    for completion in bench.completions() {
        let slot = completion.sequence as usize;
        if slot != 2 {
            flying[slot].check(&mut bench.host, &completion);
            continue;
        }
        assert_eq!(completion.status, Status::Ok.code());
        let result = bench.host.get(frames::result_of(2), completion.result_bytes as usize);
        let Err(AnswerFault::Crc { stated, .. }) = Answer::read(&result) else { panic!("{:?}", Answer::read(&result)) };
        assert_eq!(stated, completion.crc);
    }
}

#[test]
fn fault_completion_lost_leaves_its_entry_and_those_behind_it_stand() {
    let mut bench = Bench::new("completion-lost,after=2");
    bench.submit(0..5);
    assert_eq!(bench.sequences(), [0, 1]);
    bench.queue.head += 1;
    assert_eq!(bench.sequences(), [3, 4]);
    assert_eq!(bench.queue.get(&mut bench.host, "completion_tail"), 6, "the card thinks that it was written");
    bench.restart();
    bench.submit(5..8);
    assert_eq!(bench.sequences(), [5, 6, 7], "once");
}

#[test]
fn fault_completion_duplicated_stands_twice_and_the_card_goes_on_behind() {
    let mut bench = Bench::new("completion-duplicated,after=1,count=2");
    bench.submit(0..4);
    assert_eq!(bench.sequences(), [0, 1, 1, 2, 2, 3]);
    // Many laps on, flow control and interrupts are still right.
    for k in 4..60 {
        let flying = bench.submit(k..k + 1);
        bench.queue.set(&mut bench.host, "arm", bench.queue.head);
        assert_eq!(bench.queue.get(&mut bench.host, "arm"), bench.queue.head);
        let completion = bench.queue.wait(&mut bench.host);
        flying[0].check(&mut bench.host, &completion);
        bench.host.settle();
        assert_eq!(std::mem::take(&mut bench.host.interrupts), [0]);
    }
    assert_eq!(bench.queue.get(&mut bench.host, "completion_tail"), bench.queue.head);
}

#[test]
fn fault_completion_reordered_changes_places_with_the_next_or_comes_late() {
    let mut bench = Bench::new("completion-reordered,seed=4,rate=1");
    let flying = bench.submit(0..5);
    bench.host.pump();
    assert_eq!(bench.queue.poll(&mut bench.host), None);
    let completions = bench.completions();
    assert_eq!(completions.iter().map(|completion| completion.sequence).collect::<Vec<_>>(), [1, 0, 3, 2, 4]);
    assert!(completions.is_sorted_by_key(|completion| completion.submission_head));
    completions.iter().for_each(|completion| flying[completion.sequence as usize].check(&mut bench.host, completion));
}

#[test]
fn fault_completion_delayed_comes_after_those_behind_it_and_keeps_its_interrupt() {
    let mut bench = Bench::new("completion-delayed,ms=60,after=0");
    let start = Instant::now();
    bench.queue.set(&mut bench.host, "arm", bench.queue.head);
    bench.submit(0..3);
    for _ in 0..3 {
        bench.host.pump();
    }
    assert_eq!(bench.queue.poll(&mut bench.host), None);
    assert!(bench.host.interrupts.is_empty());
    assert_eq!(bench.queue.get(&mut bench.host, "completion_tail"), 4);
    assert_eq!(bench.sequences(), [0, 1, 2]);
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert_eq!(bench.host.interrupts, [0]);
}

#[test]
fn fault_interrupt_lost_is_lost_once() {
    let mut bench = Bench::new("interrupt-lost,after=1");
    for k in 0..4 {
        bench.queue.set(&mut bench.host, "arm", bench.queue.head);
        bench.submit(k..k + 1);
        assert_eq!(bench.sequences(), [k]);
        assert_eq!(std::mem::take(&mut bench.host.interrupts).len(), usize::from(k != 1));
    }
    assert_eq!(get(&mut bench.host, "interrupts"), 4, "the card sent them all");
}

#[test]
fn fault_dma_unmapped_is_reported_by_the_card_and_nothing_is_written() {
    let mut bench = Bench::new("dma-unmapped,after=1");
    let flying = bench.submit(0..3);
    let completions = bench.completions();
    assert_eq!((completions[1].status, completions[1].result_bytes), (Status::DmaFault.code(), 0));
    let untouched = bench.host.get(frames::result_of(1), 4096);
    assert!(untouched.iter().all(|&byte| byte == 0xa5));
    for k in [0, 2] {
        flying[k].check(&mut bench.host, &completions[k]);
    }
    assert_eq!(get(&mut bench.host, "fault_address_high") >> 16, 0xdead);
    assert_eq!((get(&mut bench.host, "dma_faults"), get(&mut bench.host, "ring_status")), (1, 2));
}

#[test]
fn fault_hang_ends_with_a_reset_and_does_not_come_again() {
    let mut bench = Bench::new("hang,after=2");
    bench.submit(0..5);
    assert_eq!(bench.sequences(), [0, 1]);
    for _ in 0..100 {
        bench.host.pump();
    }
    assert_eq!(bench.queue.poll(&mut bench.host), None);
    assert_eq!(get(&mut bench.host, "in_flight"), 2, "registers answer");
    bench.restart();
    bench.submit(2..5);
    assert_eq!(bench.sequences(), [2, 3, 4]);
}

#[test]
fn fault_all_ones_is_a_card_that_is_gone() {
    let mut bench = Bench::new("all-ones,after=1");
    bench.submit(0..3);
    assert_eq!(bench.sequences(), [0]);
    assert!(!bench.host.card.present());
    for name in ["identity", "map_version", "ring_status", "in_flight"] {
        assert_eq!(get(&mut bench.host, name), u32::MAX);
    }
    bench.host.card.reset();
    assert!(bench.host.card.present());
    assert_eq!(get(&mut bench.host, "map_version"), MAP_VERSION);
}

#[test]
fn fault_die_calls_for_the_end_before_the_completion() {
    let mut bench = Bench::new("die,after=2");
    bench.submit(0..5);
    assert_eq!(bench.sequences(), [0, 1]);
    assert_eq!(bench.deaths.load(Ordering::Relaxed), 1);
}

#[test]
fn fault_version_and_capabilities_are_other_from_the_beginning() {
    let mut bench = Bench::new("version-mismatch");
    assert_ne!(get(&mut bench.host, "map_version"), MAP_VERSION);
    assert_ne!(get(&mut bench.host, "map_hash"), map_hash());
    let rings = |fault: &str| RingCapabilities::from_register(get(&mut Bench::new(fault).host, "ring_capabilities"));
    assert_eq!(rings("capability-missing,what=queues").queues, 0);
    assert_eq!(rings("capability-missing,what=kinds").kinds, 1 << 3);
    let mut bench = Bench::new("capability-missing");
    let card = Capabilities::from_registers(get(&mut bench.host, "capabilities"), get(&mut bench.host, "max_bins"));
    assert!(card.takes(Element::U8) && !card.takes(Element::U16) && card.lanes == 1);
    assert_eq!(card.max_bins, 2048);
}

#[test]
fn fault_wild_completions_say_what_cannot_be() {
    let mut bench = Bench::new("wild-completion,what=length");
    bench.submit(0..2);
    let completions = bench.completions();
    assert!(completions[0].result_bytes > 1 << 30);
    assert!(completions[1].result_bytes < 1 << 20);

    let mut bench = Bench::new("wild-completion,what=handle,after=1");
    bench.submit(0..2);
    let handles: Vec<u64> = bench.completions().iter().map(|completion| completion.handle).collect();
    assert_eq!(handles[0], 0xfeed_0000_0000_0000);
    assert_ne!(handles[1] >> 32, 0xfeed_0000);

    let mut bench = Bench::new("wild-completion,what=phase");
    bench.submit(0..1);
    let completions = bench.completions();
    assert_eq!(completions.len(), 2, "one that is none stands behind it");
    assert_eq!((completions[0].sequence, completions[1].handle), (0, 0));
}

#[test]
fn fault_at_random_hits_its_share_of_many_frames_and_the_rest_is_right() {
    let mut bench = Bench::new("completion-duplicated,seed=8,rate=0.2");
    let (mut twice, mut last) = (0, None);
    for k in (0..400).step_by(8) {
        bench.submit(k..k + 8);
        for sequence in bench.sequences() {
            let again = last == Some(sequence);
            assert!(again || sequence == last.map_or(0, |last| last + 1));
            twice += u32::from(again);
            last = Some(sequence);
        }
    }
    assert_eq!(last, Some(399));
    assert!((50..110).contains(&twice), "{twice}");
}
