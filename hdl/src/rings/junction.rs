//! What stands between the ring engine and the card core: nothing, or encoders beside the core.

use crate::base::word::{U, W};
use debye_spec::ring_map::EncodeCapabilities;
use rust_hdl::prelude::*;

/// A block that has the engine's streams on one side and the core's on the other.
///
/// While `halt` is high it takes on nothing, forgets what it was doing, and answers what the core has asked it for. Bursts
/// that it has offered stay as they are: the writer may be at one. `reset` comes when all is quiet.
pub trait Junction: Block + Default {
    /// What it adds to the core.
    const ENCODES: EncodeCapabilities;
}

/// No more than wires.
#[derive(LogicBlock, Default)]
pub struct Through {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// See [`Junction`].
    pub halt: Signal<In, Bit>,

    /// Requests of the engine.
    pub s_req_tvalid: Signal<In, Bit>,
    /// See `s_req_tvalid`.
    pub s_req_tready: Signal<Out, Bit>,
    /// See `s_req_tvalid`.
    pub s_req_tdata: Signal<In, W<512, 8>>,
    /// Fetches to the engine.
    pub m_fetch_tvalid: Signal<Out, Bit>,
    /// See `m_fetch_tvalid`.
    pub m_fetch_tready: Signal<In, Bit>,
    /// See `m_fetch_tvalid`.
    pub m_fetch_tdata: Signal<Out, W<128, 2>>,
    /// Beats of the engine.
    pub s_data_tvalid: Signal<In, Bit>,
    /// See `s_data_tvalid`.
    pub s_data_tready: Signal<Out, Bit>,
    /// See `s_data_tvalid`.
    pub s_data_tdata: Signal<In, W<512, 8>>,
    /// See `s_data_tvalid`.
    pub s_data_tdest: Signal<In, U<8>>,
    /// Bursts of chunks to the engine; see [`super::pack::Pack`].
    pub m_chunk_valid: Signal<Out, Bit>,
    /// See `m_chunk_valid`.
    pub m_chunk_ready: Signal<In, Bit>,
    /// See `m_chunk_valid`.
    pub m_chunk: Signal<Out, W<192, 3>>,
    /// Their beats.
    pub m_chunk_beat_valid: Signal<Out, Bit>,
    /// See `m_chunk_beat_valid`.
    pub m_chunk_beat_ready: Signal<In, Bit>,
    /// See `m_chunk_beat_valid`.
    pub m_chunk_beat: Signal<Out, W<512, 8>>,

    /// Requests to the core.
    pub m_req_tvalid: Signal<Out, Bit>,
    /// See `m_req_tvalid`.
    pub m_req_tready: Signal<In, Bit>,
    /// See `m_req_tvalid`.
    pub m_req_tdata: Signal<Out, W<512, 8>>,
    /// Fetches of the core.
    pub s_fetch_tvalid: Signal<In, Bit>,
    /// See `s_fetch_tvalid`.
    pub s_fetch_tready: Signal<Out, Bit>,
    /// See `s_fetch_tvalid`.
    pub s_fetch_tdata: Signal<In, W<128, 2>>,
    /// Beats to the core.
    pub m_data_tvalid: Signal<Out, Bit>,
    /// See `m_data_tvalid`.
    pub m_data_tready: Signal<In, Bit>,
    /// See `m_data_tvalid`.
    pub m_data_tdata: Signal<Out, W<512, 8>>,
    /// See `m_data_tvalid`.
    pub m_data_tdest: Signal<Out, U<8>>,
}

impl Junction for Through {
    const ENCODES: EncodeCapabilities = EncodeCapabilities { lanes: 0, block_log2: 0 };
}

impl Logic for Through {
    #[hdl_gen]
    fn update(&mut self) {
        self.m_req_tvalid.next = self.s_req_tvalid.val();
        self.s_req_tready.next = self.m_req_tready.val();
        self.m_req_tdata.next = self.s_req_tdata.val();
        self.m_fetch_tvalid.next = self.s_fetch_tvalid.val();
        self.s_fetch_tready.next = self.m_fetch_tready.val();
        self.m_fetch_tdata.next = self.s_fetch_tdata.val();
        self.m_data_tvalid.next = self.s_data_tvalid.val();
        self.s_data_tready.next = self.m_data_tready.val();
        self.m_data_tdata.next = self.s_data_tdata.val();
        self.m_data_tdest.next = self.s_data_tdest.val();
        self.m_chunk_valid.next = false;
        self.m_chunk.next = 0.into();
        self.m_chunk_beat_valid.next = false;
        self.m_chunk_beat.next = 0.into();
    }
}
