//! Commands and their answers. A command whose answer does not come, or comes damaged, is sent again: nothing is done
//! twice by that (`debye_spec::serial`).

use super::{Port, SerialError};
use debye_spec::serial::{
    ANSWER, HEADER_BYTES, HELLO, PACKET_WORDS, PULL, PUSH, Packet, READ, REFUSED, Reader, Refusal, Sender, TABLE, WRITE,
};
use std::path::Path;
use std::time::{Duration, Instant};

/// Times that a command is sent to a card that is silent; to one whose answers are damaged, as often as there is time for.
const ATTEMPTS: u32 = 8;
/// A USB bridge may keep what it has for so long.
const BRIDGE: Duration = Duration::from_millis(100);

/// Where bytes go and come from.
pub trait Ends: Send {
    /// What it is called.
    fn path(&self) -> &Path;
    /// Time that so many bytes take.
    fn time_of(&self, bytes: usize) -> Duration;
    /// Writes all of it until then.
    ///
    /// # Errors
    /// It is gone.
    fn write(&mut self, bytes: &[u8], until: Instant) -> Result<(), SerialError>;
    /// Reads what has come; 0 if nothing comes until then.
    ///
    /// # Errors
    /// It is gone.
    fn read(&mut self, bytes: &mut [u8], until: Instant) -> Result<usize, SerialError>;
}

impl Ends for Port {
    fn path(&self) -> &Path {
        Port::path(self)
    }
    fn time_of(&self, bytes: usize) -> Duration {
        Port::time_of(self, bytes)
    }
    fn write(&mut self, bytes: &[u8], until: Instant) -> Result<(), SerialError> {
        Port::write(self, bytes, until)
    }
    fn read(&mut self, bytes: &mut [u8], until: Instant) -> Result<usize, SerialError> {
        Port::read(self, bytes, until)
    }
}

/// See the module.
pub struct Link {
    port: Box<dyn Ends>,
    reader: Reader,
    number: u8,
    patience: Duration,
    /// Packets that were sent again.
    pub resent: u64,
}

/// What became of one attempt.
enum Attempt {
    Answered(Packet),
    Damaged,
    Silent,
}

impl Link {
    /// Over a port; a card that answers nothing for `patience` is given up.
    pub fn new(port: Box<dyn Ends>, patience: Duration) -> Link {
        Link { port, reader: Reader::new(Sender::Card), number: 0, patience, resent: 0 }
    }

    /// The terminal.
    pub fn path(&self) -> &Path {
        self.port.path()
    }

    /// How long a card may be silent.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Sends a command until it is answered.
    ///
    /// # Errors
    /// The terminal is gone, nobody answers, or the card refuses.
    pub fn ask(&mut self, op: u8, count: u16, place: u32, payload: Vec<u8>) -> Result<Packet, SerialError> {
        self.number = self.number.wrapping_add(1);
        let bytes = Packet { op, number: self.number, count, place, payload }.to_bytes(Sender::Host);
        let most = HEADER_BYTES + if op == PULL { 8 * PACKET_WORDS + 4 } else { 0 };
        let pause = (self.patience / ATTEMPTS).max(BRIDGE) + self.port.time_of(bytes.len() + most);
        let (start, mut sent, mut damaged) = (Instant::now(), 0, 0);
        while sent < ATTEMPTS || start.elapsed() < self.patience {
            self.resent += u64::from(sent > 0);
            sent += 1;
            let until = Instant::now() + pause;
            self.port.write(&bytes, until)?;
            match self.attempt(until)? {
                Attempt::Answered(answer) => return self.judge(op, answer),
                Attempt::Damaged => damaged += 1,
                Attempt::Silent => {}
            }
        }
        let path = self.path().into();
        Err(SerialError::Silent { path, sent, damaged, waited: start.elapsed() })
    }

    fn attempt(&mut self, until: Instant) -> Result<Attempt, SerialError> {
        let mut bytes = [0; 256];
        loop {
            let count = self.port.read(&mut bytes, until)?;
            if count == 0 {
                self.reader.forget();
                return Ok(Attempt::Silent);
            }
            let mut found = None;
            for &byte in &bytes[..count] {
                match self.reader.feed(byte) {
                    // Which number a damaged command had is not known to the card.
                    Some(Ok(answer)) if answer.op == REFUSED && answer.count == Refusal::Damaged as u16 => {
                        found = Some(Attempt::Damaged);
                    }
                    // An answer to a command that was sent again, and answered twice.
                    Some(Ok(answer)) if answer.number != self.number => {}
                    Some(Ok(answer)) => found = Some(Attempt::Answered(answer)),
                    Some(Err(_)) => found = Some(Attempt::Damaged),
                    None => {}
                }
            }
            if let Some(found) = found {
                return Ok(found);
            }
        }
    }

    fn judge(&self, op: u8, answer: Packet) -> Result<Packet, SerialError> {
        let path = self.path().into();
        if answer.op == op | ANSWER {
            return Ok(answer);
        }
        let why = match Refusal::from_count(answer.count) {
            Some(Refusal::Command) => "it does not know it",
            Some(Refusal::Place) => "there is no such place",
            _ => return Err(SerialError::Protocol { path, what: format!("an answer with op {:#04x}", answer.op) }),
        };
        let what = match op {
            HELLO => "to say what it is",
            READ => "to read a register",
            WRITE => "to write a register",
            TABLE => "operations of the table",
            PUSH => "words of a request",
            _ => "to give results",
        };
        Err(SerialError::Refused { path, what, why })
    }

    /// What is wrong with an answer.
    pub fn breaks(&self, what: String) -> SerialError {
        SerialError::Protocol { path: self.path().into(), what }
    }
}
