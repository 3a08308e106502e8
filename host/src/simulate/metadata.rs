//! What an Eiger master says of the measurement: the NXmx groups under `/entry`.

use crate::geometry::Geometry;
use crate::put::{class, number, quantity, text, text_attribute};
use debye_spec::Element;
use hdf5_metno::{File, Group, Result};

/// Everything that is written beside the frames.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Where the detector stands.
    pub geometry: Geometry,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Pixel type.
    pub element: Element,
    /// Frames.
    pub frames: usize,
    /// Where the beam meets the detector, in pixels from the corner: (Y, X).
    pub beam_center: [f64; 2],
    /// Distance from the sample to that place, in m.
    pub beam_distance: f64,
    /// Dectris' `pixel_mask`, one value a pixel.
    pub pixel_mask: Vec<u32>,
    /// The largest count that stands for itself.
    pub saturation_value: u32,
    /// Exposure of a frame, in s.
    pub count_time: f64,
    /// Name of the sample.
    pub sample: String,
    /// How the frames were made, as one JSON object.
    pub simulation: String,
}

/// `/entry/data`, made with its classes. In a file that is opened first (`top`) it belongs to an NXmx entry.
pub(super) fn data_group(file: &File, top: bool) -> Result<Group> {
    let entry = class(file, "entry", "NXentry")?;
    if top {
        text(&entry, "definition", "NXmx")?;
    }
    class(&entry, "data", "NXdata")
}

/// Which data set of an NXdata is the one to show.
pub(super) fn name_signal(data: &Group, name: &str) -> Result<()> {
    text_attribute(data, "signal", name)
}

/// Numbers of the first and the last image of a data file, from 1, where Dectris writes them.
pub(super) fn number_images(data: &Group, first: usize, frames: usize) -> Result<()> {
    name_signal(data, "data")?;
    let dataset = data.dataset("data")?;
    dataset.new_attr::<u64>().create("image_nr_low")?.write_scalar(&(first as u64 + 1))?;
    dataset.new_attr::<u64>().create("image_nr_high")?.write_scalar(&((first + frames) as u64))
}

impl Metadata {
    /// Writes all groups into `file`, whose `/entry` is there.
    pub(super) fn write(&self, file: &File) -> Result<()> {
        let entry = file.group("entry")?;
        text_attribute(file, "default", "entry")?;
        text_attribute(&entry, "default", "data")?;
        text(&entry, "title", &format!("{}, simulated by debye {}", self.sample, crate::VERSION))?;
        text(&entry, "simulation", &self.simulation)?;
        let sample = class(&entry, "sample", "NXsample")?;
        text(&sample, "name", &self.sample)?;
        let instrument = class(&entry, "instrument", "NXinstrument")?;
        text(&instrument, "name", "simulated by debye")?;
        let beam = class(&instrument, "beam", "NXbeam")?;
        if let Some(wavelength) = self.geometry.wavelength {
            quantity(&beam, "incident_wavelength", wavelength * 1e10, "angstrom")?;
        }
        self.write_detector(&class(&instrument, "detector", "NXdetector")?)
    }

    fn write_detector(&self, detector: &Group) -> Result<()> {
        text(detector, "description", &format!("{} (simulated)", self.geometry.detector.name))?;
        text(detector, "detector_number", "simulated")?;
        quantity(detector, "x_pixel_size", self.geometry.detector.pixel2, "m")?;
        quantity(detector, "y_pixel_size", self.geometry.detector.pixel1, "m")?;
        quantity(detector, "detector_distance", self.beam_distance, "m")?;
        quantity(detector, "beam_center_x", self.beam_center[1], "pixel")?;
        quantity(detector, "beam_center_y", self.beam_center[0], "pixel")?;
        quantity(detector, "count_time", self.count_time, "s")?;
        quantity(detector, "frame_time", self.count_time, "s")?;
        number(detector, "bit_depth_image", self.element.bits() as u32)?;
        number(detector, "bit_depth_readout", self.element.bits() as u32)?;
        number(detector, "saturation_value", self.saturation_value)?;
        let specific = class(detector, "detectorSpecific", "NXcollection")?;
        number(&specific, "nimages", self.frames as u64)?;
        number(&specific, "ntrigger", 1u64)?;
        number(&specific, "x_pixels_in_detector", self.shape[1] as u64)?;
        number(&specific, "y_pixels_in_detector", self.shape[0] as u64)?;
        number(&specific, "saturation_value", self.saturation_value)?;
        specific
            .new_dataset::<u32>()
            .shape(self.shape)
            .chunk(self.shape)
            .deflate(4)
            .obj_track_times(false)
            .create("pixel_mask")?
            .write_raw(&self.pixel_mask)
    }
}
