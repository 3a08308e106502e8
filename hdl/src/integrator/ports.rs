//! The integrator as a bench sees it.

use super::Integrator;
use crate::base::pins::HdlPins;
use crate::pins;

/// An integrator behind its ports.
pub fn pins<const ROWS: usize>() -> HdlPins<Integrator<ROWS>> {
    pins!(Box::<Integrator<ROWS>>::default();
        in reset, s_px_tvalid, s_px_tdata, s_px_tend, s_px_tstatus, s_op_tvalid, s_op_tdata, s_job_tvalid,
           s_job_handle, s_job_sequence, s_job_element, s_job_max_valid, s_job_threshold, s_job_bins, s_job_start,
           m_end_tready, m_rec_tready, m_inv_tready;
        out s_px_tready, s_op_tready, s_job_tready, m_end_tvalid, m_end_handle, m_end_sequence, m_end_bins,
            m_end_start, m_end_status, m_end_valid, m_end_invalid, m_end_sum, m_end_max, m_end_over, m_end_listed,
            m_rec_tvalid, m_rec_tdata, m_rec_tlast, m_inv_tvalid, m_inv_tdata, op_starved, px_starved, blocked)
}
