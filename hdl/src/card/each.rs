//! One of something for each lane or group: arrays of any length, on the heap (48 lanes do not fit a thread's stack).

use rust_hdl::prelude::*;
use std::ops::{Deref, DerefMut};

/// `N` of `T`; to Rust-HDL the same as an array.
#[derive(Clone, Debug)]
pub struct Each<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Each<T, N> {
    /// Makes each out of its index.
    pub fn new(make: impl FnMut(usize) -> T) -> Self {
        Each((0..N).map(make).collect())
    }
}

impl<T: Default, const N: usize> Default for Each<T, N> {
    fn default() -> Self {
        Each::new(|_| T::default())
    }
}

impl<T, const N: usize> Deref for Each<T, N> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize> DerefMut for Each<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Block, const N: usize> Logic for Each<T, N> {
    fn update(&mut self) {}
}

impl<T: Block, const N: usize> Block for Each<T, N> {
    fn connect_all(&mut self) {
        self.0.connect_all();
    }
    fn update_all(&mut self) {
        self.0.update_all();
    }
    fn has_changed(&self) -> bool {
        self.0.has_changed()
    }
    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        self.0.accept(name, probe);
    }
}
