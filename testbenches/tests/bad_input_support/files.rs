//! Files made by hand, sound ones and bad ones.

use super::SHAPE;
use super::chunks::ELEMENT;
use debye::simulate::dataset::ChunkDataset;
use hdf5_metno as hdf5;
use std::path::Path;

/// A sound geometry of a detector by numbers, in which nothing is symmetric.
pub const PONI: &str = r#"poni_version: 2.1
Detector: Detector
Detector_config: {"pixel1": 7.5e-05, "pixel2": 7.5e-05, "max_shape": [15, 23], "orientation": 3}
Distance: 0.01
Poni1: 0.0005
Poni2: 0.0009
Rot1: 0.05
Rot2: -0.03
Rot3: 0.2
Wavelength: 1e-10
"#;

/// The sound geometry with the line of `key` replaced; without one, dropped.
pub fn poni_with(key: &str, line: Option<&str>) -> String {
    let old = PONI.lines().find(|line| line.starts_with(&format!("{key}:"))).expect("a key of the PONI file");
    PONI.replace(&format!("{old}\n"), &line.map(|line| format!("{line}\n")).unwrap_or_default())
}

/// A new file. What stood there goes first: a command that another test started meanwhile may have inherited HDF5's
/// lock on it.
pub fn create(path: &Path) -> hdf5::File {
    let _ = std::fs::remove_file(path);
    hdf5::File::create(path).expect("a new file")
}

/// A new file as h5py makes it by default: in the oldest format, whose structures have no checksums.
fn plain_file(path: &Path) -> hdf5::File {
    let _ = std::fs::remove_file(path);
    hdf5::File::with_options().with_fapl(|access| access.libver_earliest()).create(path).expect("a new file")
}

/// A scan of bslz4 chunks at `/entry/data/data`; `None` leaves a chunk out.
pub fn scan(path: &Path, chunks: &[Option<&Vec<u8>>]) {
    let file = plain_file(path);
    let data = file.create_group("entry").and_then(|entry| entry.create_group("data")).expect("groups");
    let dataset = ChunkDataset::create(&data, "data", ELEMENT, chunks.len(), SHAPE).expect("a data set");
    for (frame, chunk) in chunks.iter().enumerate() {
        if let Some(chunk) = chunk {
            dataset.write(frame, chunk).expect("a chunk");
        }
    }
}

/// Frames without a filter that cannot be compressed, at `/entry/data/data`.
pub fn noise(path: &Path, frames: usize) {
    let file = create(path);
    let data = file.create_group("entry").and_then(|entry| entry.create_group("data")).expect("groups");
    let mut word = 1_u32;
    let mut next = || {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (word >> 16) as u16
    };
    let values: Vec<u16> = (0..frames * SHAPE[0] * SHAPE[1]).map(|_| next()).collect();
    let dataset = data.new_dataset::<u16>().shape([frames, SHAPE[0], SHAPE[1]]).create("data").expect("a data set");
    dataset.write_raw(&values).expect("frames");
}

/// A file with one data set of zeros.
pub fn zeros<T: hdf5::H5Type + Clone + Default>(path: &Path, name: &str, shape: &[usize]) {
    let file = create(path);
    add_zeros::<T>(&file, name, shape);
}

/// One more data set of zeros.
pub fn add_zeros<T: hdf5::H5Type + Clone + Default>(group: &hdf5::Group, name: &str, shape: &[usize]) {
    let dataset = group.new_dataset::<T>().shape(shape).create(name).expect("a data set");
    dataset.write_raw(&vec![T::default(); shape.iter().product()]).expect("zeros");
}

/// Replaces the only place in a file's bytes at which `from` stands.
pub fn patch(path: &Path, from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let mut bytes = std::fs::read(path).expect("the file is there");
    let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    let [place] = places[..] else { panic!("{} places to patch", places.len()) };
    bytes[place..place + to.len()].copy_from_slice(to);
    std::fs::write(path, bytes).expect("the file is written");
}

/// A `.npy` file of `descr` and `shape`.
pub fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A `.npy` file of one f64 in every pixel of the frames' shape.
pub fn npy_flat(value: f64) -> Vec<u8> {
    let [rows, columns] = SHAPE;
    npy("<f8", &format!("({rows}, {columns})"), &value.to_le_bytes().repeat(rows * columns))
}

/// An EDF file of unsigned bytes that states `columns` x `rows` pixels.
pub fn edf(columns: &str, rows: &str, datatype: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!(
        "{{\nHeaderID = EH:000001:000000:000000 ;\nByteOrder = LowByteFirst ;\nDataType = {datatype} ;\n\
         Dim_1 = {columns} ;\nDim_2 = {rows} ;\n"
    );
    while (header.len() + 2) % 512 != 0 {
        header.push(' ');
    }
    header.push_str("}\n");
    let mut bytes = header.into_bytes();
    bytes.extend(data);
    bytes
}

/// A grey TIFF of one strip, without compression, that states `columns` x `rows` bytes.
pub fn tiff(columns: u32, rows: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    let entries: [(u16, u32); 8] = [
        (256, columns),
        (257, rows),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8 + 2 + 8 * 12 + 4),
        (278, rows),
        (279, columns.saturating_mul(rows)),
    ];
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(data);
    bytes
}

/// A scan of gzip chunks, one frame each, at `/entry/data/data`.
pub fn gzip(path: &Path, frames: usize) {
    let file = create(path);
    let data = file.create_group("entry").and_then(|entry| entry.create_group("data")).expect("groups");
    let [rows, columns] = SHAPE;
    let dataset = data.new_dataset::<u16>().shape([frames, rows, columns]).chunk([1, rows, columns]).deflate(3);
    let dataset = dataset.create("data").expect("a data set");
    dataset.write_raw(&vec![3_u16; frames * rows * columns]).expect("frames");
}

/// Overwrites the first bytes of a frame's chunk, where it stands in the file.
pub fn hurt_chunk(path: &Path, frame: usize) {
    let place = {
        let file = hdf5::File::open(path).expect("the file is there");
        let info = file.dataset("/entry/data/data").expect("the data set").chunk_info(frame).expect("a chunk");
        info.addr as usize
    };
    let mut bytes = std::fs::read(path).expect("the file is there");
    bytes[place..place + 8].fill(0xff);
    std::fs::write(path, bytes).expect("the file is written");
}
