//! Marking a calibrant's rings.

use super::{PlotError, PlotRequest, Ring};
use crate::nexus::Output;
use crate::simulate::Calibrant;

/// Smallest d that is marked, in A.
const D_MIN: f64 = 0.2;
/// Rings weaker than this part of the strongest one are not marked: nobody could tell them from the background.
const STRENGTH_MIN: f64 = 0.003;

impl PlotRequest {
    /// Marks the rings of a calibrant on the radial axis of `output`, labelled with one of their reflections.
    ///
    /// # Errors
    /// [`PlotError::NoWavelength`] if the output does not know the wavelength.
    pub fn mark(&mut self, calibrant: &Calibrant, output: &Output) -> Result<(), PlotError> {
        let angstrom = output.wavelength.ok_or_else(|| PlotError::NoWavelength {
            path: output.path().into(),
            calibrant: calibrant.name().into(),
        })?;
        let description = &output.description;
        let rings = calibrant.rings(D_MIN).into_iter().filter(|ring| ring.strength >= STRENGTH_MIN);
        self.rings.extend(rings.filter_map(|ring| {
            let position = ring.position(description.unit, angstrom * 1e-10, description.geometry.distance)?;
            Some(Ring { position, label: reflection(ring.hkl) })
        }));
        self.rings_name = format!("{} rings, calculated", calibrant.name());
        Ok(())
    }
}

/// `111`; with blanks where an index has a sign or two digits.
fn reflection(hkl: [i32; 3]) -> String {
    let separator = if hkl.iter().all(|index| (0..10).contains(index)) { "" } else { " " };
    hkl.map(|index| index.to_string()).join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reflection_indices_that_could_be_misread_are_kept_apart() {
        assert_eq!(reflection([1, 1, 1]), "111");
        assert_eq!(reflection([10, 0, 2]), "10 0 2");
        assert_eq!(reflection([1, -1, 2]), "1 -1 2");
    }
}
