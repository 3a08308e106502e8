//! `Detector_config` of a PONI file: a JSON object of the arguments of pyFAI's detector class.

use super::{PoniFault, shortened};
use crate::geometry::DetectorConfig;
use serde_json::Value;

/// Reads the object, and lists keys that mean nothing here (pyFAI: "left-over config parameters").
pub(super) fn parse(json: &str) -> Result<(DetectorConfig, Vec<String>), PoniFault> {
    let object = match serde_json::from_str(json) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(fault("not a JSON object such as {\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05}")),
        Err(error) => return Err(fault(format!("not JSON: {error}"))),
    };
    let mut config = DetectorConfig::default();
    let mut unknown = Vec::new();
    for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        match key.to_lowercase().as_str() {
            "pixel1" => config.pixel1 = Some(number(key, value)?),
            "pixel2" => config.pixel2 = Some(number(key, value)?),
            "max_shape" => config.max_shape = Some(pair(key, value)?),
            "module_size" => config.module_size = Some(pair(key, value)?),
            "binning" => config.binning = Some(binning(key, value)?),
            "orientation" => config.orientation = Some(orientation(key, value)?),
            // Only parallax asks for the sensor.
            "sensor" => {}
            "splinefile" | "x_offset_file" | "y_offset_file" => {
                let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                return Err(PoniFault::Spline(shortened(&name)));
            }
            "filename" => {
                return Err(fault(format!(
                    "the detector of the NeXus file {} is not done: give its name, or pixel1, pixel2 and max_shape",
                    shortened(&value.to_string())
                )));
            }
            _ => unknown.push(shortened(key)),
        }
    }
    Ok((config, unknown))
}

fn fault(reason: impl Into<String>) -> PoniFault {
    PoniFault::Config(reason.into())
}

fn wrong(key: &str, value: &Value, wanted: &str) -> PoniFault {
    fault(format!("{} is {}, not {wanted}", shortened(key), shortened(&value.to_string())))
}

/// Finite; pyFAI takes text too, since it calls `float`.
fn number(key: &str, value: &Value) -> Result<f64, PoniFault> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    number.filter(|number: &f64| number.is_finite()).ok_or_else(|| wrong(key, value, "a number"))
}

fn whole(value: &Value) -> Option<usize> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..=1e9).contains(&number)).then_some(number as usize)
}

fn pair(key: &str, value: &Value) -> Result<[usize; 2], PoniFault> {
    let lengths = match value.as_array().map(Vec::as_slice) {
        Some([rows, columns]) => whole(rows).zip(whole(columns)),
        _ => None,
    };
    lengths
        .map(|(rows, columns)| [rows, columns])
        .ok_or_else(|| wrong(key, value, "two whole numbers, [rows, columns]"))
}

/// One number for both axes, or two.
fn binning(key: &str, value: &Value) -> Result<[usize; 2], PoniFault> {
    match whole(value) {
        Some(both) => Ok([both, both]),
        None => pair(key, value),
    }
}

fn orientation(key: &str, value: &Value) -> Result<u8, PoniFault> {
    whole(value)
        .filter(|orientation| *orientation <= 4)
        .map(|orientation| orientation as u8)
        .ok_or_else(|| wrong(key, value, "1, 2, 3 or 4 (as EXIF counts; 5 to 8 transpose and are not done)"))
}
