//! bslz4 on the CPU: the same bytes as [`debye_spec`], faster.
//!
//! [`decode::for_each_block`] is the shape of the CPU path: a block is decoded into a buffer that stays in cache and
//! is handed on at once; no frame is ever made. [`encode`] is the way back.

pub mod decode;
pub mod encode;
