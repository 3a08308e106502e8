//! Many frames through a served card: none is lost, and memory does not grow.

use debye_sim::device::functional::{Build, FunctionalCard};
use debye_sim::device::server::Server;
use debye_sim::model::Shape;
use debye_spec::Element;
use debye_spec::card_table::CardTable;
use std::thread;
use std::time::Instant;

use crate::support::frames::{self, SLOTS};
use crate::support::rings::{Queue, get};
use crate::support::vfio_client::Client;
use crate::support::{Content, rng};

const FRAMES: u32 = 100_000;

/// KiB of memory that this process holds.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "takes minutes"]
fn server_a_hundred_thousand_frames_come_back_once_each_in_the_same_memory() {
    let socket = std::env::temp_dir().join(format!("debye-{}-soak", std::process::id()));
    let mut server = Server::bind(&socket, Box::new(FunctionalCard::new(Build::default())), 1).unwrap();
    let serving = thread::spawn(move || server.serve_client().unwrap());

    let content = Content::new(Element::U16, 1000, 37, 5);
    let table = CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap();
    let mut next = rng(21);
    let chunks: Vec<Vec<u8>> = (0..SLOTS).map(|k| content.chunk(512, k % 4, &mut next)).collect();
    let mut host = Client::ready(&socket);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);

    let start = Instant::now();
    let mut flying: Vec<_> = (0..SLOTS).map(|_| None).collect();
    let (mut sent, mut done, mut early) = (0, 0, 0);
    while done < FRAMES {
        while sent < FRAMES && sent - done < SLOTS as u32 {
            let slot = sent as usize % SLOTS;
            let frame = frames::frame(&mut host, &content, &table, &chunks[slot], slot, sent);
            queue.push(&mut host, &frame.submission);
            flying[slot] = Some(frame);
            sent += 1;
        }
        queue.ring(&mut host);
        let completion = queue.wait(&mut host);
        let slot = completion.sequence as usize % SLOTS;
        flying[slot].take().expect("a frame that was submitted, once").check(&mut host, &completion);
        done += 1;
        if done == FRAMES / 10 {
            early = resident();
        }
    }
    let (seconds, late) = (start.elapsed().as_secs_f64(), resident());
    println!("{FRAMES} frames in {seconds:.1} s; {early} KiB after a tenth, {late} KiB at the end");
    assert_eq!((get(&mut host, "frames_done"), get(&mut host, "in_flight")), (FRAMES, 0));
    assert!(flying.iter().all(Option::is_none) && queue.poll(&mut host).is_none());
    assert!(late < early + 4096, "{early} KiB became {late}");
    drop(host);
    assert!(!serving.join().unwrap().broken);
}
