//! A whole simulation: from a geometry and a scene to finished files.

use super::beam::beam_spot;
use super::eiger::{EigerWriter, Layout};
use super::error::SimulateError;
use super::expected::{Scene, expected_counts};
use super::frames::{FrameMaker, place_faults, saturation_value};
use super::metadata::Metadata;
use super::pipeline::produce;
use crate::beside::Beside;
use crate::geometry::Geometry;
use debye_spec::Element;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Where the detector stands; its wavelength must be known.
    pub geometry: Geometry,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Pixels between modules (true), row after row.
    pub gaps: Vec<bool>,
    /// What shines on it.
    pub scene: Scene,
    /// Pixel type.
    pub element: Element,
    /// Number of frames.
    pub frames: usize,
    /// Hot pixels.
    pub hot: usize,
    /// Dead pixels.
    pub dead: usize,
    /// Seed of everything that is random.
    pub seed: u64,
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The master (or the only file) first, then the data files.
    pub files: Vec<PathBuf>,
    /// Bytes of all chunks.
    pub chunk_bytes: u64,
}

impl Simulation {
    /// Computes expected counts and places the faults.
    ///
    /// # Errors
    /// Numbers out of range, no ring on the detector, too many faults; [`SimulateError::Interrupted`] once `stop` is set.
    pub fn maker(&self, stop: &AtomicBool) -> Result<FrameMaker, SimulateError> {
        let expected = expected_counts(&self.geometry, self.shape, &self.gaps, &self.scene, stop)?;
        let faults = place_faults(&self.gaps, self.hot, self.dead, self.scene.mean, self.seed)?;
        FrameMaker::new(self.element, expected, faults, self.seed)
    }

    fn metadata(&self, maker: &FrameMaker) -> Result<Metadata, SimulateError> {
        let spot = beam_spot(&self.geometry)?;
        let scene = &self.scene;
        let simulation = json!({
            "program": format!("debye {}", crate::VERSION),
            "calibrant": scene.calibrant.name(),
            "calibrant_source": scene.calibrant.source(),
            "mean": scene.mean,
            "background": scene.background,
            "width_deg": scene.width,
            "lorentzian": scene.lorentzian,
            "polarization": scene.polarization,
            "hot_pixels": self.hot,
            "dead_pixels": self.dead,
            "seed": self.seed,
            "geometry": self.geometry,
        });
        Ok(Metadata {
            geometry: self.geometry.clone(),
            shape: self.shape,
            element: self.element,
            frames: self.frames,
            beam_center: spot.pixel,
            beam_distance: spot.distance,
            pixel_mask: maker.pixel_mask(),
            saturation_value: saturation_value(self.element),
            count_time: 1.0,
            sample: scene.calibrant.name().into(),
            simulation: simulation.to_string(),
        })
    }

    /// Reserves the output files: `NAME_master.h5` with data files beside it, or one file of another name. Nothing is
    /// seen of them before [`Simulation::write`] ends.
    ///
    /// # Errors
    /// The beam misses the detector, frames are too large, outputs exist or cannot be written.
    pub fn reserve(
        &self,
        output: &Path,
        frames_per_file: usize,
        overwrite: bool,
    ) -> Result<EigerWriter, SimulateError> {
        beam_spot(&self.geometry)?;
        let Simulation { frames, shape, element, .. } = *self;
        EigerWriter::create(output, Layout { frames, frames_per_file, shape, element }, overwrite)
    }

    /// Makes all frames of `maker` (from [`Simulation::maker`]) by `threads` threads and writes them to the reserved
    /// files. `extras`, written already, appear together with them. `progress` gets the frames done and the bytes of
    /// their chunks. Setting `stop` ends the run; nothing is then left on the disk.
    ///
    /// # Errors
    /// The files cannot be written, [`SimulateError::Interrupted`].
    pub fn write(
        &self,
        maker: &FrameMaker,
        mut writer: EigerWriter,
        threads: usize,
        extras: Vec<Beside>,
        stop: &AtomicBool,
        mut progress: impl FnMut(usize, u64),
    ) -> Result<Written, SimulateError> {
        let metadata = self.metadata(maker)?;
        let mut chunk_bytes = 0;
        produce(maker, self.frames, threads, stop, |frame, chunk| {
            writer.write(frame, &chunk)?;
            chunk_bytes += chunk.len() as u64;
            progress(frame + 1, chunk_bytes);
            Ok(())
        })?;
        let files = writer.finish(&metadata, extras)?;
        Ok(Written { files, chunk_bytes })
    }
}
