//! The card core: lanes, what deals frames to them, what reads the table for them, what collects their results.
//!
//! ```text
//! s_axis_req  -> dispatcher -> arrival -> berth: input FIFO -> lane -> berth: result FIFO -> collector -> m_axis_res
//!                    |            ^              op FIFO  ------^
//!              m_axis_fetch   s_axis_data           ^
//!                                                reader (one a group) <- memory (m_axi)
//! ```
//!
//! Everything but the lanes is the [`shell::Shell`]; [`card!`](crate::card) puts lanes of some type into one.

pub mod arrival;
pub mod beats;
pub mod berth;
pub mod berths;
pub mod collect;
pub mod dispatch;
pub mod each;
pub mod flush;
pub mod input;
pub mod lanes;
pub mod memory;
pub mod ops;
pub mod plan;
pub mod reader;
pub mod results;
pub mod shell;
pub mod table;
mod top;

pub use lanes::{Card, build, pins, pins_1, pins_2, pins_4, pins_12};
