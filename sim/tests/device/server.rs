//! The card served over a socket, spoken to by a client of our own.

use debye_sim::device::functional::{Build, FunctionalCard};
use debye_sim::device::server::{ServeError, Server, Visit};
use debye_sim::model::Shape;
use debye_spec::card_table::CardTable;
use debye_spec::registers::{IDENTITY, map_hash};
use debye_spec::rings::{CopyJob, Submission};
use debye_spec::{Element, Status, pci};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::support::frames::{self, SLOTS, round_trip};
use crate::support::rings::{BASE, BYTES, DATA, Host, Queue, get, set};
use crate::support::vfio_client::{CONFIG, Client};
use crate::support::{Content, rng};

/// A served card; ends after so many clients.
struct Served {
    socket: PathBuf,
    visits: Receiver<Visit>,
    thread: Option<JoinHandle<()>>,
}

fn socket(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("debye-{}-{name}", std::process::id()))
}

fn served(name: &str, clients: usize, queues: u32) -> Served {
    let socket = socket(name);
    let card = Box::new(FunctionalCard::new(Build { queues, ..Build::default() }));
    let mut server = Server::bind(&socket, card, queues).unwrap();
    let (tell, visits) = mpsc::channel();
    let thread = thread::spawn(move || {
        for _ in 0..clients {
            tell.send(server.serve_client().unwrap()).unwrap();
        }
    });
    Served { socket, visits, thread: Some(thread) }
}

impl Served {
    fn visit(&self) -> Visit {
        self.visits.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    fn ended(&mut self) {
        self.thread.take().unwrap().join().unwrap();
        assert!(!self.socket.exists(), "the socket is removed");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A server that still waits for a client goes with the process.
        std::fs::remove_file(&self.socket).ok();
    }
}

fn content() -> (Content, CardTable, Vec<u8>) {
    let content = Content::new(Element::U16, 300, 37, 5);
    let table = CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap();
    let chunk = content.chunk(128, 0, &mut rng(1));
    (content, table, chunk)
}

fn copy(source: u64, target: u64, bytes: u32) -> Submission {
    Submission::Copy(CopyJob { handle: 1, sequence: 2, bytes, source, target })
}

#[test]
fn server_frames_go_through_the_socket_as_through_the_model() {
    let mut served = served("frames", 1, 1);
    let (content, table, _) = content();
    let mut next = rng(9);
    let mut host = Client::ready(&served.socket);
    assert_eq!((get(&mut host, "identity"), get(&mut host, "map_hash")), (IDENTITY, map_hash()));
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 4096);
    for sequence in 0..20 {
        let chunk = content.chunk(128, sequence as usize % 4, &mut next);
        round_trip(&mut host, &mut queue, &content, &table, &chunk, sequence);
    }
    drop(host);
    assert_eq!(served.visit(), Visit { touched: true, broken: false });
    served.ended();
}

#[test]
fn server_configuration_space_bars_and_odd_accesses_are_as_on_a_bus() {
    let served = served("config", 1, 3);
    let mut host = Client::connect(&served.socket);
    assert_eq!(host.config(0), u32::from(pci::DEVICE) << 16 | u32::from(pci::VENDOR));
    assert_eq!(host.config(0x2c), u32::from(pci::SUBSYSTEM) << 16 | u32::from(pci::SUBSYSTEM_VENDOR));
    assert_eq!(host.config(8) >> 8, pci::CLASS);
    // Sizes and kinds of regions and interrupts, as the client is told.
    let info = |host: &mut Client, command, index: u32| {
        let words = [if command == 5 { 32 } else { 16 }, 0, index, 0].map(u32::to_le_bytes).concat();
        let body = if command == 5 { [words, vec![0; 16]].concat() } else { words };
        host.call(command, &body, None).unwrap()
    };
    let size = |host: &mut Client, region| u64::from_le_bytes(*info(host, 5, region)[16..].first_chunk().unwrap());
    let sizes: Vec<u64> = (0..9).map(|region| size(&mut host, region)).collect();
    assert_eq!(sizes, [1 << 18, 0, 0, 0, 4096, 0, 0, 4096, 0]);
    let vectors = info(&mut host, 7, 2);
    assert_eq!(u32::from_le_bytes(*vectors[12..].first_chunk().unwrap()), 3);
    assert!(host.call(5, &[0; 32].map(|_: u8| 0xff), None).is_err(), "a region that is not");

    // Registers in parts, two at once, across the end, in regions that are not there.
    assert_eq!(host.region_read(0, 1, 2), IDENTITY.to_le_bytes()[1..3]);
    let both = host.region_read(0, 4, 8);
    assert_eq!(both[4..], map_hash().to_le_bytes());
    assert_eq!(host.region_read(0, 0xfffe, 4), [0xff; 4]);
    assert_eq!(host.region_read(3, 0, 4), [0xff; 4]);
    host.region_write(0, 0x2d, &[7], false);
    assert_eq!(get(&mut host, "table_id"), 0, "a part of a register is not written");
    set(&mut host, "table_id", 77);
    assert_eq!(get(&mut host, "table_id"), 77);
    // The MSI-X table keeps what is written; the pending bits cannot be.
    host.region_write(4, 16, &[1, 2, 3, 4], false);
    host.region_write(4, 0x800, &[1], false);
    assert_eq!((host.region_read(4, 16, 4), host.region_read(4, 0x800, 1)), (vec![1, 2, 3, 4], vec![0]));
    host.region_write(CONFIG, u64::MAX, &[1, 2], true);
    assert_eq!(host.config(0) & 0xffff, u32::from(pci::VENDOR), "the connection is in step");
}

#[test]
fn server_without_bus_master_or_mapping_the_card_reports_faults() {
    let served = served("master", 1, 1);
    let mut host = Client::connect(&served.socket);
    host.map(BASE, 0, BYTES as u64, 3).unwrap();
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.push(&mut host, &copy(DATA, DATA + 4096, 64));
    queue.ring(&mut host);
    while queue.get(&mut host, "completion_tail") == 0 {
        host.pump();
    }
    assert_eq!(queue.poll(&mut host), None, "nothing reaches memory");
    assert_eq!(get(&mut host, "fault_address_low"), BASE as u32);
    assert_eq!(get(&mut host, "dma_faults"), 2);
    host.master(true);
    set(&mut host, "ring_control", 2);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    let mut status = |host: &mut Client, source, target| {
        queue.push(host, &copy(source, target, 8192));
        queue.ring(host);
        Status::from_code(queue.wait(host).status).unwrap()
    };
    assert_eq!(status(&mut host, DATA, DATA + 8192), Status::Ok);
    // Read only, write only, and memory that the card cannot reach.
    let (reads, writes, far) = (0x10_0000, 0x20_0000, 0x30_0000);
    host.map(reads, 0, 8192, 1).unwrap();
    host.map(writes, 0, 8192, 2).unwrap();
    host.map_without_file(far, 8192).unwrap();
    assert_eq!(status(&mut host, reads, DATA), Status::Ok);
    assert_eq!(status(&mut host, DATA, reads), Status::DmaFault);
    assert_eq!(status(&mut host, writes, DATA), Status::DmaFault);
    assert_eq!(status(&mut host, far, DATA), Status::DmaFault);
    assert_eq!(status(&mut host, u64::MAX - 63, DATA), Status::DmaFault);
    // Mappings that overlap, are empty, wrap, or lie behind the file's end are refused.
    for (address, offset, bytes) in [(reads + 4096, 0, 8192), (reads - 4096, 0, 8192), (reads, 0, 1 << 21)] {
        assert!(host.map(address, offset, bytes, 3).is_err(), "{address:#x}");
    }
    for (address, offset, bytes) in [(0, 0, 0), (u64::MAX - 4095, 0, 8192), (0x40_0000, BYTES as u64, 4096)] {
        assert!(host.map(address, offset, bytes, 3).is_err(), "{address:#x}");
    }
    assert_eq!(status(&mut host, reads, DATA), Status::Ok);
    host.unmap(reads, 8192);
    assert_eq!(status(&mut host, reads, DATA), Status::DmaFault);
}

#[test]
fn server_memory_in_pages_of_any_order_is_one_buffer() {
    let served = served("pages", 1, 1);
    let mut host = Client::ready(&served.socket);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    // Twelve pages of IOVA whose pages in memory stand the other way round; one of them twice the size.
    let (window, pages) = (0x7000_0000, 12u64);
    let first = (DATA - BASE) as usize;
    let place = |page: u64| first + 4096 * (pages - 1 - page) as usize;
    for page in (0..pages).rev() {
        host.map(window + 4096 * page, place(page) as u64, 4096, 3).unwrap();
        host.memory.put(place(page), &[page as u8 + 1; 4096]);
    }
    let target = DATA + (1 << 18);
    queue.push(&mut host, &copy(window + 64, target, 4096 * 11));
    queue.ring(&mut host);
    assert_eq!(queue.wait(&mut host).status, 0);
    let copied = host.get(target, 4096 * 11);
    let expected: Vec<u8> = (64..64 + 4096 * 11).map(|at| (at / 4096) as u8 + 1).collect();
    assert!(copied == expected);
    // A hole in the middle.
    host.unmap(window + 4096 * 5, 4096);
    queue.push(&mut host, &copy(window, target, 4096 * 11));
    queue.ring(&mut host);
    assert_eq!(Status::from_code(queue.wait(&mut host).status), Some(Status::DmaFault));
    assert_eq!(get(&mut host, "fault_address_low"), (window + 4096 * 5) as u32);
}

#[test]
fn server_interrupts_arrive_on_the_eventfd_of_their_queue() {
    let served = served("irq", 1, 2);
    let mut host = Client::ready(&served.socket);
    let [first, second] = [0, 1].map(|vector| host.vector(vector));
    let mut queue = Queue::start(&mut host, 1, 4, 4);
    for _ in 0..3 {
        queue.set(&mut host, "arm", queue.head);
        queue.push(&mut host, &copy(DATA, DATA + 4096, 64));
        queue.ring(&mut host);
        let start = Instant::now();
        while second.read().is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "no interrupt");
            thread::yield_now();
        }
        assert!(queue.poll(&mut host).is_some(), "the completion stands when the interrupt comes");
        queue.took(&mut host);
    }
    assert!(first.read().is_err() && second.read().is_err());
}

#[test]
fn server_function_level_reset_and_device_reset_bring_the_card_back_new() {
    let served = served("flr", 1, 1);
    let (content, table, chunk) = content();
    let mut host = Client::ready(&served.socket);
    for how in 0..2 {
        let mut queue = Queue::start(&mut host, 0, 4, 4);
        queue.load(&mut host, &table, 0);
        round_trip(&mut host, &mut queue, &content, &table, &chunk, 1);
        if how == 0 {
            host.region_write(CONFIG, 0x68, &0x8000u16.to_le_bytes(), false);
        } else {
            host.device_reset();
        }
        assert_eq!((get(&mut host, "ring_control"), get(&mut host, "frames_done")), (0, 0));
        assert_eq!(queue.get(&mut host, "queue_config"), 0);
        assert_eq!(host.config(4) & 4, 0, "bus master is off");
        host.master(true);
    }
}

#[test]
fn server_next_client_finds_a_new_card_whatever_the_last_one_did() {
    let mut served = served("clients", 4, 1);
    let (content, table, chunk) = content();
    // One that looks and goes, one that dies in a message with work under way, one that sends what is no message.
    drop(std::os::unix::net::UnixStream::connect(&served.socket).unwrap());
    assert_eq!(served.visit(), Visit { touched: false, broken: false });
    let mut host = Client::ready(&served.socket);
    let mut queue = Queue::start(&mut host, 0, 6, 6);
    queue.load(&mut host, &table, 0);
    for k in 0..SLOTS {
        let flying = frames::frame(&mut host, &content, &table, &chunk, k, k as u32);
        queue.push(&mut host, &flying.submission);
    }
    queue.ring(&mut host);
    host.die_in_a_message();
    assert_eq!(served.visit(), Visit { touched: true, broken: true });
    let mut bad = std::os::unix::net::UnixStream::connect(&served.socket).unwrap();
    // A version that is shorter than its own header.
    std::io::Write::write_all(&mut bad, &[1, 0, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    drop(bad);
    assert!(!served.visit().touched);

    let mut host = Client::ready(&served.socket);
    assert_eq!([get(&mut host, "control"), get(&mut host, "completions"), get(&mut host, "in_flight")], [0; 3]);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    queue.load(&mut host, &table, 0);
    round_trip(&mut host, &mut queue, &content, &table, &chunk, 5);
    drop(host);
    assert_eq!(served.visit(), Visit { touched: true, broken: false });
    served.ended();
}

#[test]
fn server_unmapping_while_the_card_works_is_safe() {
    let served = served("unmap", 1, 1);
    let mut host = Client::ready(&served.socket);
    let mut queue = Queue::start(&mut host, 0, 4, 4);
    let window = 0x5000_0000;
    let (mut good, mut faults) = (0, 0);
    for round in 0..200u32 {
        host.map(window, 1 << 20, 1 << 20, 3).unwrap();
        queue.push(&mut host, &copy(window, DATA + (1 << 20), 1 << 20));
        queue.ring(&mut host);
        if round % 2 == 0 {
            thread::sleep(Duration::from_micros(u64::from(round)));
            host.unmap(window, 1 << 20);
        }
        match Status::from_code(queue.wait(&mut host).status) {
            Some(Status::Ok) => good += 1,
            Some(Status::DmaFault) => faults += 1,
            other => panic!("{other:?}"),
        }
        if round % 2 == 1 {
            host.unmap(window, 1 << 20);
        }
    }
    assert!(good >= 100, "{good} good, {faults} faults");
    assert_eq!(get(&mut host, "dma_faults"), faults);
}

#[test]
fn server_socket_that_is_taken_is_refused_and_a_stale_one_replaced() {
    let served = served("taken", 2, 1);
    let card = || Box::new(FunctionalCard::new(Build::default()));
    let refused = Server::bind(&served.socket, card(), 1).err();
    assert!(matches!(refused, Some(ServeError::InUse(_))), "{refused:?}");
    assert!(!served.visit().touched);
    let mut host = Client::connect(&served.socket);
    assert_eq!(get(&mut host, "identity"), IDENTITY, "it is still served");

    let stale = socket("stale");
    drop(UnixListener::bind(&stale).unwrap());
    assert!(stale.exists());
    drop(Server::bind(&stale, card(), 1).unwrap());
    assert!(!stale.exists());

    // A name that was taken away and given to another is that one's.
    let server = Server::bind(&stale, card(), 1).unwrap();
    std::fs::remove_file(&stale).unwrap();
    let other = UnixListener::bind(&stale).unwrap();
    drop(server);
    assert!(stale.exists());
    drop(other);
    std::fs::remove_file(&stale).unwrap();

    let file = socket("file");
    std::fs::write(&file, "mine").unwrap();
    assert!(matches!(Server::bind(&file, card(), 1).err(), Some(ServeError::NoSocket(_))));
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(Server::bind(&stale.join("x"), card(), 1).err(), Some(ServeError::Bind { .. })));
}
