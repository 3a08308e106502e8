//! Frames: expected counts, noise, and the detector's faults.

use super::error::SimulateError;
use super::poisson::draw;
use debye_spec::Element;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What is wrong with a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// No sensor here: between modules.
    Gap,
    /// Never counts; the detector marks it as it marks gaps.
    Dead,
    /// Always saturated.
    Saturated,
    /// Counts far too much: Poisson of this mean.
    Noisy(f32),
}

impl Fault {
    /// Its bit in Dectris' `pixel_mask` (Eiger HDF5 interface: 0 gap, 1 dead, 3 over-responding).
    pub fn mask_bit(self) -> u32 {
        match self {
            Fault::Gap => 1,
            Fault::Dead => 2,
            Fault::Saturated | Fault::Noisy(_) => 8,
        }
    }
}

/// The value of pixels without a measurement: 2^bits - 1, or -1 where values have a sign (as Pilatus has it).
pub fn gap_code(element: Element) -> u32 {
    if element.is_signed() { u32::MAX } else { element.max_value() }
}

/// The largest count that stands for itself.
pub fn saturation_value(element: Element) -> u32 {
    element.max_value() - 2
}

/// The value of pixels that counted beyond [`saturation_value`].
pub fn saturated_code(element: Element) -> u32 {
    element.max_value() - 1
}

/// Places faults: all of `gaps` (true = gap), and `hot` and `dead` pixels drawn among the others. Half of the hot ones
/// are saturated, half count 20 to 2000 times `mean`. Rising indices.
///
/// # Errors
/// [`SimulateError::TooManyFaults`].
pub fn place_faults(
    gaps: &[bool],
    hot: usize,
    dead: usize,
    mean: f64,
    seed: u64,
) -> Result<Vec<(usize, Fault)>, SimulateError> {
    let live = gaps.iter().filter(|gap| !**gap).count();
    let asked = hot.saturating_add(dead);
    if asked > live / 2 {
        return Err(SimulateError::TooManyFaults { asked, live });
    }
    let mut rng = stream(seed, 0);
    let mut taken = gaps.to_vec();
    let mut faults: Vec<_> = gaps.iter().enumerate().filter(|(_, gap)| **gap).map(|(i, _)| (i, Fault::Gap)).collect();
    for number in 0..asked {
        // At most half of the live pixels are taken: a free one is soon found.
        let index = loop {
            let index = rng.random_range(0..taken.len());
            if !taken[index] {
                break index;
            }
        };
        taken[index] = true;
        let fault = if number >= hot {
            Fault::Dead
        } else if number % 2 == 0 {
            Fault::Saturated
        } else {
            Fault::Noisy((mean * 20.0 * 100f64.powf(rng.random())) as f32)
        };
        faults.push((index, fault));
    }
    faults.sort_by_key(|&(index, _)| index);
    Ok(faults)
}

/// The generator of one frame: streams of one seed do not overlap, and a frame's numbers do not depend on who draws
/// them. Stream 0 places the faults.
fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

/// Everything that frames are made of; each can be made alone.
#[derive(Clone, Debug)]
pub struct FrameMaker {
    element: Element,
    expected: Vec<f32>,
    faults: Vec<(usize, Fault)>,
    seed: u64,
}

impl FrameMaker {
    /// Frames of `element` pixels with these expected counts and faults.
    ///
    /// # Errors
    /// [`SimulateError::NotACount`]: an expected count is negative, not a number or above 1e18.
    pub fn new(
        element: Element,
        expected: Vec<f32>,
        faults: Vec<(usize, Fault)>,
        seed: u64,
    ) -> Result<FrameMaker, SimulateError> {
        match expected.iter().position(|count| !(0.0..=1e18).contains(count)) {
            Some(pixel) => Err(SimulateError::NotACount { pixel, value: expected[pixel] }),
            None => Ok(FrameMaker { element, expected, faults, seed }),
        }
    }

    /// Pixel type.
    pub fn element(&self) -> Element {
        self.element
    }

    /// Pixels of a frame.
    pub fn pixels(&self) -> usize {
        self.expected.len()
    }

    /// Expected counts, without faults.
    pub fn expected(&self) -> &[f32] {
        &self.expected
    }

    /// The faulty pixels, rising.
    pub fn faults(&self) -> &[(usize, Fault)] {
        &self.faults
    }

    /// Dectris' `pixel_mask`: 0 where a pixel is fine, else its fault's bit.
    pub fn pixel_mask(&self) -> Vec<u32> {
        let mut mask = vec![0; self.pixels()];
        for &(index, fault) in &self.faults {
            if let Some(pixel) = mask.get_mut(index) {
                *pixel |= fault.mask_bit();
            }
        }
        mask
    }

    /// Draws frame `frame` into `pixels` (little-endian; former content is dropped).
    pub fn draw(&self, frame: usize, pixels: &mut Vec<u8>) {
        pixels.clear();
        pixels.resize(self.pixels() * self.element.size(), 0);
        match self.element.size() {
            1 => self.draw_sized::<1>(frame, pixels),
            2 => self.draw_sized::<2>(frame, pixels),
            _ => self.draw_sized::<4>(frame, pixels),
        }
    }

    fn draw_sized<const SIZE: usize>(&self, frame: usize, pixels: &mut [u8]) {
        let (most, saturated) = (u64::from(saturation_value(self.element)), saturated_code(self.element));
        let clip = |count: u64| if count > most { saturated } else { count as u32 };
        let store = |pixel: &mut [u8], value: u32| pixel.copy_from_slice(&value.to_le_bytes()[..SIZE]);
        let mut rng = stream(self.seed, frame as u64 + 1);
        for (pixel, &mean) in pixels.chunks_exact_mut(SIZE).zip(&self.expected) {
            store(pixel, clip(draw(mean, &mut rng)));
        }
        for &(index, fault) in &self.faults {
            let value = match fault {
                Fault::Gap | Fault::Dead => gap_code(self.element),
                Fault::Saturated => saturated,
                Fault::Noisy(mean) => clip(draw(mean, &mut rng)),
            };
            if let Some(pixel) = pixels.get_mut(index * SIZE..(index + 1) * SIZE) {
                store(pixel, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maker(element: Element, mean: f32, seed: u64) -> FrameMaker {
        let mut gaps = vec![false; 4000];
        gaps[100..200].fill(true);
        let faults = place_faults(&gaps, 6, 5, f64::from(mean), seed).unwrap();
        FrameMaker::new(element, vec![mean; gaps.len()], faults, seed).unwrap()
    }

    fn frame(maker: &FrameMaker, number: usize) -> Vec<u8> {
        let mut pixels = vec![1, 2, 3];
        maker.draw(number, &mut pixels);
        pixels
    }

    #[test]
    fn draw_same_seed_same_bytes_other_frame_other_bytes() {
        for element in Element::ALL {
            let (one, two) = (maker(element, 3.0, 5), maker(element, 3.0, 5));
            assert_eq!(frame(&one, 7), frame(&two, 7));
            assert_ne!(frame(&one, 7), frame(&one, 8));
            assert_ne!(frame(&one, 7), frame(&maker(element, 3.0, 6), 7));
        }
    }

    #[test]
    fn draw_faulty_pixels_hold_their_codes() {
        for element in Element::ALL {
            let maker = maker(element, 2.0, 11);
            let size = element.size();
            let pixels = frame(&maker, 0);
            let rule = debye_spec::ValidRule::new(element, element.default_max_valid());
            for &(index, fault) in maker.faults() {
                let value = &pixels[index * size..(index + 1) * size];
                match fault {
                    Fault::Gap | Fault::Dead => assert!(value.iter().all(|&byte| byte == 0xff), "{element:?}"),
                    Fault::Saturated => assert_eq!(value, &saturated_code(element).to_le_bytes()[..size]),
                    Fault::Noisy(_) => continue,
                }
                // Where top codes are above MAX_VALID or not, all of these are invalid to the spec.
                assert_eq!(rule.judge(&pixels, index, false), debye_spec::Pixel::Invalid);
            }
            assert_eq!(maker.faults().iter().filter(|(_, fault)| *fault != Fault::Gap).count(), 11);
        }
    }

    #[test]
    fn draw_counts_beyond_the_type_are_clipped() {
        let maker = FrameMaker::new(Element::U8, vec![1000.0; 64], vec![], 1).unwrap();
        assert!(frame(&maker, 0).iter().all(|&value| value == 254));
        let maker = FrameMaker::new(Element::I16, vec![1e6; 8], vec![], 1).unwrap();
        assert_eq!(frame(&maker, 0)[..2], 32766i16.to_le_bytes());
    }

    #[test]
    fn new_counts_that_are_no_counts_are_refused() {
        for value in [f32::NAN, f32::INFINITY, -1.0, 1e19] {
            let error = FrameMaker::new(Element::U8, vec![0.0, value], vec![], 1).unwrap_err();
            assert!(matches!(error, SimulateError::NotACount { pixel: 1, .. }), "{value}");
        }
    }

    #[test]
    fn place_faults_too_many_are_refused() {
        let error = place_faults(&[false; 10], 3, 3, 1.0, 0).unwrap_err();
        assert!(matches!(error, SimulateError::TooManyFaults { asked: 6, live: 10 }));
    }
}
