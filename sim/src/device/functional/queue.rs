//! A queue: its registers, its indices, its interrupt.

use debye_spec::ring_map::{
    MODERATION_COUNT, MODERATION_CYCLES, MODERATION_UNIT, QUEUE_COMPLETION_LOG2, QUEUE_ENABLE, QUEUE_REFUSED,
    QUEUE_SUBMISSION_LOG2,
};
use debye_spec::rings::{ENTRY_BYTES, MAX_DEPTH_LOG2, MIN_DEPTH_LOG2};

/// Bits of an address that a ring's must not have.
const RING_ALIGNMENT: u64 = 4096;

/// See the module.
#[derive(Default)]
pub struct Queue {
    submission_ring: u64,
    completion_ring: u64,
    submission_log2: u32,
    /// log2 of the completion ring's entries.
    pub completion_log2: u32,
    enabled: bool,
    refused: bool,
    submission_tail: u32,
    completion_head: u32,
    /// Submissions taken.
    pub submission_head: u32,
    completion_tail: u32,
    in_flight: u32,
    start: u32,
    arm: u32,
    armed: Option<Armed>,
}

/// An interrupt that was asked for.
struct Armed {
    /// Completion that it waits for.
    index: u32,
    /// When that was written, or found written.
    since: Option<u64>,
}

fn entry(ring: u64, index: u32, depth_log2: u32) -> u64 {
    let at = index & ((1 << depth_log2) - 1);
    (ring & !(RING_ALIGNMENT - 1)).wrapping_add(ENTRY_BYTES as u64 * at as u64)
}

fn set_low(word: &mut u64, value: u32) {
    *word = *word & !0xffff_ffff | value as u64;
}

fn set_high(word: &mut u64, value: u32) {
    *word = *word & 0xffff_ffff | (value as u64) << 32;
}

impl Queue {
    /// A register.
    pub fn read(&self, name: &str) -> u32 {
        match name {
            "submission_low" => self.submission_ring as u32,
            "submission_high" => (self.submission_ring >> 32) as u32,
            "completion_low" => self.completion_ring as u32,
            "completion_high" => (self.completion_ring >> 32) as u32,
            "queue_config" => {
                let word = QUEUE_SUBMISSION_LOG2.put(0, self.submission_log2);
                let word = QUEUE_COMPLETION_LOG2.put(word, self.completion_log2);
                QUEUE_REFUSED.put(QUEUE_ENABLE.put(word, self.enabled.into()), self.refused.into())
            }
            "submission_tail" => self.submission_tail,
            "completion_head" => self.completion_head,
            "arm" => self.arm,
            "submission_head" => self.submission_head,
            "completion_tail" => self.completion_tail,
            "start" => self.start,
            _ => u32::MAX,
        }
    }

    /// Writes a register, at a time.
    pub fn write(&mut self, name: &str, value: u32, now: u64) {
        match name {
            "submission_low" => set_low(&mut self.submission_ring, value),
            "submission_high" => set_high(&mut self.submission_ring, value),
            "completion_low" => set_low(&mut self.completion_ring, value),
            "completion_high" => set_high(&mut self.completion_ring, value),
            "queue_config" => self.configure(value),
            "submission_tail" => self.submission_tail = value,
            "completion_head" => self.completion_head = value,
            "start" => self.start = value,
            "arm" => {
                self.arm = value;
                self.armed = Some(Armed { index: value, since: self.has_written(value).then_some(now) });
            }
            _ => {}
        }
    }

    fn configure(&mut self, value: u32) {
        let depths = [QUEUE_SUBMISSION_LOG2.get(value), QUEUE_COMPLETION_LOG2.get(value)];
        let enable = QUEUE_ENABLE.get(value) != 0;
        if enable && self.enabled {
            return;
        }
        self.refused = enable && depths.iter().any(|depth| !(MIN_DEPTH_LOG2..=MAX_DEPTH_LOG2).contains(depth));
        if !enable && self.enabled {
            // What was taken is still completed, in the ring as it is.
            self.enabled = false;
            return;
        }
        [self.submission_log2, self.completion_log2] = depths;
        self.enabled = enable && !self.refused;
        if self.enabled {
            (self.submission_tail, self.submission_head) = (self.start, self.start);
            (self.completion_tail, self.completion_head) = (self.start, self.start);
            self.armed = None;
        }
    }

    /// Whether there is a submission, and room for its completion.
    pub fn can_take(&self) -> bool {
        let unread = self.completion_tail.wrapping_sub(self.completion_head);
        let room = (unread as u64 + self.in_flight as u64) < 1 << self.completion_log2;
        self.enabled && self.submission_head != self.submission_tail && room
    }

    /// Takes a submission: where it stands.
    pub fn take(&mut self) -> u64 {
        let address = entry(self.submission_ring, self.submission_head, self.submission_log2);
        self.submission_head = self.submission_head.wrapping_add(1);
        self.in_flight += 1;
        address
    }

    /// Where the next completion goes, and its index.
    pub fn complete(&self) -> (u64, u32) {
        (entry(self.completion_ring, self.completion_tail, self.completion_log2), self.completion_tail)
    }

    /// The next completion was written.
    pub fn written(&mut self, now: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.completion_tail = self.completion_tail.wrapping_add(1);
        let armed = self.armed.as_ref().filter(|armed| armed.since.is_none()).map(|armed| armed.index);
        if let Some(index) = armed.filter(|&index| self.has_written(index)) {
            self.armed = Some(Armed { index, since: Some(now) });
        }
    }

    fn has_written(&self, index: u32) -> bool {
        (self.completion_tail.wrapping_sub(index) as i32) > 0
    }

    /// When the interrupt that was asked for is to be sent; `None` as long as its completion is not written.
    pub fn due(&self, moderation: u32) -> Option<u64> {
        let Armed { index, since: Some(since) } = self.armed.as_ref()? else { return None };
        let behind = self.completion_tail.wrapping_sub(index.wrapping_add(1));
        let wait = MODERATION_UNIT as u64 * MODERATION_CYCLES.get(moderation) as u64;
        Some(if behind >= MODERATION_COUNT.get(moderation) { *since } else { since + wait })
    }

    /// The interrupt was sent.
    pub fn disarm(&mut self) {
        self.armed = None;
    }

    /// As if so much had happened before.
    #[cfg(test)]
    pub fn wind_to(&mut self, index: u32) {
        (self.submission_tail, self.submission_head) = (index, index);
        (self.completion_tail, self.completion_head) = (index, index);
    }
}
