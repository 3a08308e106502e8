//! What the cores are written with, and what is emitted of them.

mod emit;
mod generated;
mod lint;
mod pins;
