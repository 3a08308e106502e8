//! What `debye simulate-frames` tells at its end.

use crate::out::say;
use debye::geometry::RadialUnit;
use debye::simulate::calibrant::ring_position;
use debye::simulate::frames::FrameMaker;
use debye::simulate::{Simulation, Written};
use indicatif::HumanBytes;
use serde_json::json;
use std::path::PathBuf;

/// What is told at the end.
pub struct Summary<'a> {
    pub simulation: &'a Simulation,
    pub maker: &'a FrameMaker,
    pub written: Written,
    pub poni: Option<PathBuf>,
    pub mask: Option<PathBuf>,
    pub threads: usize,
    pub seconds: f64,
}

impl Summary<'_> {
    fn pixel_bytes(&self) -> u64 {
        (self.maker.pixels() * self.maker.element().size()) as u64 * self.simulation.frames as u64
    }

    fn ratio(&self) -> f64 {
        self.pixel_bytes() as f64 / self.written.chunk_bytes as f64
    }

    fn frames_per_s(&self) -> f64 {
        self.simulation.frames as f64 / self.seconds
    }

    pub fn print(&self) {
        let [rows, columns] = self.simulation.shape;
        say!(
            "{} frames of {rows} x {columns} {} ({}, mean {}) in {:.2} s: {:.1} frames/s",
            self.simulation.frames,
            self.maker.element().name(),
            self.simulation.scene.calibrant.name(),
            self.simulation.scene.mean,
            self.seconds,
            self.frames_per_s(),
        );
        say!(
            "{} of pixels in {} of chunks, ratio {:.2}",
            HumanBytes(self.pixel_bytes()),
            HumanBytes(self.written.chunk_bytes),
            self.ratio()
        );
        for (what, path) in
            [("frames", self.written.files.first()), ("geometry", self.poni.as_ref()), ("mask", self.mask.as_ref())]
        {
            if let Some(path) = path {
                say!("{what:<9} {}", path.display());
            }
        }
    }

    pub fn print_json(&self) {
        let (simulation, geometry) = (self.simulation, &self.simulation.geometry);
        let wavelength = geometry.wavelength.unwrap_or(f64::NAN);
        let two_theta = |d| ring_position(d, RadialUnit::TwoThetaDeg, wavelength, geometry.distance);
        let rings: Vec<_> = simulation
            .scene
            .calibrant
            .rings(wavelength * 0.5e10)
            .iter()
            .map(|ring| json!({"d": ring.d, "hkl": ring.hkl, "2th_deg": two_theta(ring.d)}))
            .collect();
        let object = json!({
            "files": self.written.files,
            "poni": self.poni,
            "mask": self.mask,
            "frames": simulation.frames,
            "shape": simulation.shape,
            "dtype": self.maker.element().name(),
            "pixels": self.maker.pixels(),
            "faulty_pixels": self.maker.faults().len(),
            "bytes_pixels": self.pixel_bytes(),
            "bytes_chunks": self.written.chunk_bytes,
            "ratio": self.ratio(),
            "seconds": self.seconds,
            "frames_per_s": self.frames_per_s(),
            "threads": self.threads,
            "seed": simulation.seed,
            "calibrant": simulation.scene.calibrant.name(),
            "rings": rings,
        });
        say!("{object}");
    }
}
