use super::*;
use crate::device::DmaFault;
use debye_spec::ring_map::{queue_offset, ring_register};
use debye_spec::rings::{CopyJob, phase};
use std::sync::Mutex;

/// Host memory from address 0.
struct Ram(Mutex<Vec<u8>>);

impl HostMemory for Ram {
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), DmaFault> {
        let ram = self.0.lock().unwrap();
        let fault = DmaFault { address, bytes: bytes.len() };
        bytes.copy_from_slice(ram.get(address as usize..address as usize + bytes.len()).ok_or(fault)?);
        Ok(())
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), DmaFault> {
        let mut ram = self.0.lock().unwrap();
        let fault = DmaFault { address, bytes: bytes.len() };
        ram.get_mut(address as usize..address as usize + bytes.len()).ok_or(fault)?.copy_from_slice(bytes);
        Ok(())
    }
}

const SUBMISSIONS: u64 = 0x1000;
const COMPLETIONS: u64 = 0x2000;

fn set(card: &mut FunctionalCard, name: &str, value: u32) {
    let register = ring_register(name).unwrap();
    card.write(queue_offset(0, register), value);
}

/// A card whose queue has so many entries and is as if it had been used up to an index.
fn wound(depth_log2: u32, index: u32) -> (FunctionalCard, Ram) {
    let mut card = FunctionalCard::new(Build::default());
    set(&mut card, "ring_control", 1);
    set(&mut card, "submission_low", SUBMISSIONS as u32);
    set(&mut card, "completion_low", COMPLETIONS as u32);
    set(&mut card, "queue_config", depth_log2 | depth_log2 << 4 | 1 << 8);
    card.queues[0].wind_to(index);
    (card, Ram(Mutex::new(vec![0; 0x10000])))
}

fn submit(ram: &Ram, index: u32, depth_log2: u32) {
    let at = SUBMISSIONS + 64 * (index & ((1 << depth_log2) - 1)) as u64;
    let job = CopyJob { handle: index as u64, sequence: index, bytes: 64, source: 0x4000, target: 0x5000 };
    ram.write(at, &Submission::Copy(job).to_bytes()).unwrap();
}

fn completion(ram: &Ram, index: u32, depth_log2: u32) -> (Completion, bool) {
    let mut bytes = [0; 64];
    ram.read(COMPLETIONS + 64 * (index & ((1 << depth_log2) - 1)) as u64, &mut bytes).unwrap();
    (Completion::read(&bytes), Completion::phase_of(u32::from(bytes[60])))
}

#[test]
fn card_indices_over_the_wrap_at_2_to_the_32_take_and_complete_everything_once() {
    const DEPTH: u32 = 2;
    let first = u32::MAX - 9;
    let (mut card, ram) = wound(DEPTH, first);
    let mut interrupts = 0;
    for step in 0..30 {
        let index = first.wrapping_add(step);
        submit(&ram, index, DEPTH);
        set(&mut card, "arm", index);
        assert!(!card.run(&ram, &mut |_| interrupts += 1).unwrap());
        assert_eq!(interrupts, step, "no interrupt before the completion");
        set(&mut card, "submission_tail", index.wrapping_add(1));
        card.run(&ram, &mut |_| interrupts += 1).unwrap();
        let (done, seen) = completion(&ram, index, DEPTH);
        assert_eq!((done.index, done.sequence, done.handle), (index, index, index as u64));
        assert_eq!((done.submission_head, seen), (index.wrapping_add(1), phase(index, DEPTH)));
        set(&mut card, "completion_head", index.wrapping_add(1));
        assert_eq!(interrupts, step + 1);
    }
    assert_eq!(card.completions, 30);
}

#[test]
fn card_full_completion_ring_over_the_wrap_takes_no_more_until_there_is_room() {
    const DEPTH: u32 = 2;
    let first = u32::MAX - 1;
    let (mut card, ram) = wound(DEPTH, first);
    // The submission ring is refilled while the completions are not taken.
    for lap in 0..2 {
        (0..4).for_each(|k| submit(&ram, first.wrapping_add(4 * lap + k), DEPTH));
        set(&mut card, "submission_tail", first.wrapping_add(4 * lap + 4));
        while card.run(&ram, &mut |_| ()).unwrap() {}
        assert_eq!(card.completions, 4);
    }
    set(&mut card, "completion_head", first.wrapping_add(3));
    while card.run(&ram, &mut |_| ()).unwrap() {}
    assert_eq!(card.completions, 7);
    assert_eq!(completion(&ram, first.wrapping_add(6), DEPTH).0.sequence, first.wrapping_add(6));
}
