//! Several cards, driven by one thread.

use super::{CardError, Driver, DriverConfig};
use crate::transport::wait_any;
use std::time::{Duration, Instant};

/// Cards that have room, the one with the most first.
pub fn by_room(cards: &[Driver]) -> Vec<usize> {
    let mut with_room: Vec<usize> = (0..cards.len()).filter(|&card| cards[card].room() > 0).collect();
    with_room.sort_by_key(|&card| std::cmp::Reverse(cards[card].room()));
    with_room
}

/// Waits until a card has something to take out, or may have: polls for a bounded time, then sleeps for no longer than
/// `nap`.
///
/// # Errors
/// A card is gone or was given up: which, and why. The others may have something all the same.
pub fn rest(cards: &mut [Driver], config: &DriverConfig, nap: Duration) -> Result<(), (usize, CardError)> {
    rest_until(cards, config.spin, nap, |cards| cards.iter().any(|driver| !driver.ready.is_empty()))
}

/// As [`rest`], until `came` says so.
pub(super) fn rest_until(
    cards: &mut [Driver],
    spin: Duration,
    nap: Duration,
    came: impl Fn(&[Driver]) -> bool,
) -> Result<(), (usize, CardError)> {
    let started = Instant::now();
    while started.elapsed() < spin {
        each(cards, look)?;
        if came(cards) {
            return Ok(());
        }
        std::hint::spin_loop();
    }
    cards.iter_mut().for_each(Driver::arm);
    each(cards, look)?;
    if came(cards) {
        return Ok(());
    }
    let signals: Vec<_> = cards.iter().flat_map(Driver::signals).collect();
    // A wait that fails is a short one: the rings are looked at all the same.
    let woken = wait_any(&signals, nap).unwrap_or(false);
    each(cards, |driver| driver.woke(!woken).and_then(|()| look(driver)))
}

fn each(cards: &mut [Driver], act: impl Fn(&mut Driver) -> Result<(), CardError>) -> Result<(), (usize, CardError)> {
    cards.iter_mut().enumerate().try_for_each(|(card, driver)| act(driver).map_err(|error| (card, error)))
}

/// A card without jobs has nothing to show, and may be one that was given up.
fn look(driver: &mut Driver) -> Result<(), CardError> {
    if driver.in_flight() > 0 { driver.look() } else { Ok(()) }
}
