//! Every format from bytes made here, whole and damaged.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use tempfile::TempDir;

/// A folder with one file, and its path.
fn file(name: &str, bytes: &[u8]) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

fn image(bytes: &[u8]) -> Result<Image, String> {
    let (_folder, path) = file("image", bytes);
    read(&path).map_err(|error| error.to_string().replace(&path, "FILE"))
}

fn values(bytes: &[u8]) -> ([usize; 2], Vec<f64>) {
    let image = image(bytes).unwrap();
    (image.shape, image.values)
}

/// Asserts that every shorter file is refused, and that none is read past its end.
fn assert_cut_is_refused(bytes: &[u8], from: usize) {
    for length in from..bytes.len() {
        assert!(image(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
}

fn npy(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
    match version {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

fn npy_of(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy(1, &format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}      \n"), data)
}

#[test]
fn npy_every_type_in_both_orders_is_read() {
    let expected = ([1, 2], vec![1.0, -2.0]);
    let two = |a: &[u8], b: &[u8]| [a, b].concat();
    assert_eq!(values(&npy_of("|i1", "(1, 2)", &[1, 0xfe])), expected);
    assert_eq!(values(&npy_of("<i2", "(1, 2)", &two(&1i16.to_le_bytes(), &(-2i16).to_le_bytes()))), expected);
    assert_eq!(values(&npy_of(">i2", "(1, 2)", &two(&1i16.to_be_bytes(), &(-2i16).to_be_bytes()))), expected);
    assert_eq!(values(&npy_of("<i4", "(1, 2)", &two(&1i32.to_le_bytes(), &(-2i32).to_le_bytes()))), expected);
    assert_eq!(values(&npy_of(">i8", "(1, 2)", &two(&1i64.to_be_bytes(), &(-2i64).to_be_bytes()))), expected);
    assert_eq!(values(&npy_of("<f4", "(1, 2)", &two(&1f32.to_le_bytes(), &(-2f32).to_le_bytes()))), expected);
    assert_eq!(values(&npy_of(">f8", "(1, 2)", &two(&1f64.to_be_bytes(), &(-2f64).to_be_bytes()))), expected);
    let expected = ([2, 1], vec![0.0, 255.0]);
    assert_eq!(values(&npy_of("|u1", "(2, 1)", &[0, 255])), expected);
    assert_eq!(values(&npy_of(">u2", "(2, 1)", &[0, 0, 0, 255])), expected);
    assert_eq!(values(&npy_of("<u4", "(2, 1)", &[0, 0, 0, 0, 255, 0, 0, 0])), expected);
    assert_eq!(values(&npy_of("<u8", "(2L, 1L)", &[&[0; 8][..], &[255], &[0; 7]].concat())), expected);
    assert_eq!(values(&npy_of("|b1", "(1, 3)", &[0, 1, 1])), ([1, 3], vec![0.0, 1.0, 1.0]));
}

#[test]
fn npy_versions_orders_and_leading_dimensions_are_read() {
    let header = "{\"shape\": (2, 3), \"fortran_order\": True, \"descr\": \"|u1\"}";
    for version in [1, 2, 3] {
        assert_eq!(values(&npy(version, header, &[1, 4, 2, 5, 3, 6])), ([2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    }
    assert_eq!(values(&npy_of("|u1", "(1, 2, 1)", &[7, 8])), ([2, 1], vec![7.0, 8.0]));
}

#[test]
fn npy_damaged_headers_are_refused_by_name() {
    let good = npy_of("<u2", "(2, 2)", &[0; 8]);
    assert_cut_is_refused(&good, 0);
    let of = |header: &str| image(&npy(1, header, &[0; 8])).unwrap_err();
    let cases = [
        (image(&npy(4, "", &[])).unwrap_err(), "npy version 4 is not read"),
        (of(""), "its header has no \"descr\""),
        (of("{'descr': '<u2', 'shape': (2, 2)}"), "its header has no \"fortran_order\""),
        (of("{'descr': '<u2', 'fortran_order': 0, 'shape': (2, 2)}"), "neither True nor False"),
        (of("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (2, 2)}"), "type record are not read"),
        (of("{'descr': 7, 'fortran_order': False, 'shape': (2, 2)}"), "is not a string"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': 4}"), "is not a tuple"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': (2, -2)}"), "not a tuple of whole numbers"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': (4,)}"), "the dimensions [4]"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': ()}"), "the dimensions []"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2, 1)}"), "the dimensions [2, 2, 1]"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': (0, 2)}"), "the dimensions [0, 2]"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999, 99999999999)}"), "the dimensions"),
        (of("{'descr': '<u2', 'fortran_order': False, 'shape': (5000, 5000)}"), "needs 50000000 bytes"),
        (image(&npy_of("<c16", "(1, 1)", &[0; 16])).unwrap_err(), "type <c16 are not read"),
        (image(&npy_of("<f2", "(1, 1)", &[0; 2])).unwrap_err(), "type <f2 are not read"),
        (image(&npy_of("", "(1, 1)", &[0; 2])).unwrap_err(), "type  are not read"),
        (image(&npy(1, "{'descr': '\u{e9}', ", &[])).unwrap_err(), "are not read"),
    ];
    for (error, message) in cases {
        assert!(error.starts_with("FILE (npy): ") && error.contains(message), "{error:?} does not say {message:?}");
    }
}

fn edf(fields: &str, data: &[u8]) -> Vec<u8> {
    [format!("{{\n{fields}\n}}\n").as_bytes(), data].concat()
}

const EDF: &str = "HeaderID = EH:000001:000000:000000 ;\nByteOrder = HighByteFirst ;\nDataType = UnsignedShort ;\n\
    Dim_1 = 3 ;\nDim_2 = 2 ;\ntitle = a } brace and b = c ;";

#[test]
fn edf_orders_types_and_gzip_are_read() {
    let data: Vec<u8> = (1u16..=6).flat_map(|value| value.to_be_bytes()).collect();
    let expected = ([2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let bytes = edf(EDF, &data);
    assert_eq!(values(&bytes), expected);
    assert_eq!(values(&[b"\n", bytes.as_slice(), b"a second image follows"].concat()), expected);
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(&bytes).unwrap();
    let zipped = zipped.finish().unwrap();
    assert_eq!(values(&zipped), expected);
    assert_cut_is_refused(&zipped, 0);
    let swapped: Vec<u8> = (1u16..=6).flat_map(|value| value.to_le_bytes()).collect();
    let lower = EDF.replace("HighByteFirst", "LowByteFirst").replace("Dim_", "DIM_");
    assert_eq!(values(&edf(&format!("{lower}\nDim_3 = 1 ;"), &swapped)), expected);
    let float: Vec<u8> = [f32::NAN, 2.5].iter().flat_map(|value| value.to_le_bytes()).collect();
    let (shape, read) =
        values(&edf("DataType = FloatValue ; ByteOrder = LowByteFirst ; Dim_1 = 1 ; Dim_2 = 2 ;", &float));
    assert!(shape == [2, 1] && read[0].is_nan() && read[1] == 2.5);
    assert_eq!(values(&edf("DataType = SignedByte ; Dim_1 = 2 ; Dim_2 = 1 ;", &[0xff, 1])), ([1, 2], vec![-1.0, 1.0]));
}

#[test]
fn edf_damaged_headers_are_refused_by_name() {
    let good = edf(EDF, &[0; 12]);
    assert_cut_is_refused(&good, 0);
    let of = |from: &str, to: &str| image(&edf(&EDF.replace(from, to), &[0; 12])).unwrap_err();
    let cases = [
        (image(b"{ no end").unwrap_err(), "its header has no end"),
        (of("Dim_1 = 3 ;", ""), "its header has no \"dim_1\""),
        (of("Dim_1 = 3", "Dim_1 = -3"), "dim_1 is \"-3\", not a whole number"),
        (of("Dim_1 = 3", "Dim_1 = 18446744073709551615"), "the dimensions [2, 18446744073709551615]"),
        (of("Dim_1 = 3", "Dim_1 = 0"), "the dimensions [2, 0]"),
        (of("Dim_1 = 3", "Dim_3 = 5 ; Dim_1 = 3"), "the dimensions [5, 2, 3]"),
        (of("Dim_1 = 3", "Dim_1 = 4"), "its pixel data needs 16 bytes"),
        (of("UnsignedShort", "Complex"), "type Complex are not read"),
        (of("HighByteFirst", "Sideways"), "byteorder is \"Sideways\""),
        (of("ByteOrder = HighByteFirst ;", ""), "its header has no \"byteorder\""),
        (of("Dim_1 = 3", "Compression = ByteOffset ; Dim_1 = 3"), "compressed (ByteOffset)"),
    ];
    for (error, message) in cases {
        assert!(error.starts_with("FILE (EDF): ") && error.contains(message), "{error:?} does not say {message:?}");
    }
}

/// A TIFF of one strip: 3 x 2 pixels, `bits` a pixel, in sample format 1 (unsigned), 2 (signed) or 3 (float).
fn tiff_of(bits: u16, format: u16, data: &[u8]) -> Vec<u8> {
    let entries: [(u16, u16, u32); 10] = [
        (256, 4, 3),
        (257, 4, 2),
        (258, 3, bits.into()),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, 2),
        (279, 4, data.len() as u32),
        (339, 3, format.into()),
    ];
    let mut bytes = b"II*\0".to_vec();
    bytes.extend((8 + data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend([1u32.to_le_bytes(), value.to_le_bytes()].concat());
    }
    bytes.extend(0u32.to_le_bytes());
    bytes
}

#[test]
fn tiff_grey_types_are_read() {
    let expected = |values: [f64; 6]| ([2, 3], values.to_vec());
    assert_eq!(values(&tiff_of(8, 1, &[1, 2, 3, 4, 5, 255])), expected([1.0, 2.0, 3.0, 4.0, 5.0, 255.0]));
    let signed: Vec<u8> = [-1i32, 0, 7, 8, 9, i32::MIN].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(values(&tiff_of(32, 2, &signed)), expected([-1.0, 0.0, 7.0, 8.0, 9.0, -2147483648.0]));
    let float: Vec<u8> = [0.5f32, 1.0, 2.0, -1.0, 0.0, 3.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(values(&tiff_of(32, 3, &float)), expected([0.5, 1.0, 2.0, -1.0, 0.0, 3.0]));
}

#[test]
fn tiff_damaged_or_other_kinds_are_refused() {
    let good = tiff_of(16, 1, &[0; 12]);
    values(&good);
    assert_cut_is_refused(&good, 0);
    let at = |tag: u16| 22 + (0..10).find(|&i| good[22 + 12 * i..][..2] == tag.to_le_bytes()).unwrap() * 12 + 8;
    let with = |tag: u16, value: u32| {
        let mut bytes = good.clone();
        bytes[at(tag)..at(tag) + 4].copy_from_slice(&value.to_le_bytes());
        image(&bytes).unwrap_err()
    };
    assert!(with(256, u32::MAX).contains("the dimensions [2, 4294967295]"));
    assert!(with(257, 1 << 20).starts_with("FILE (TIFF): "));
    assert!(with(277, 3).starts_with("FILE (TIFF): "));
    assert!(with(273, 1 << 30).starts_with("FILE (TIFF): "));
}

#[test]
fn fit2d_mask_of_odd_width_is_read_and_cut_ones_are_refused() {
    let mut bytes = vec![0; 1024];
    for (at, letter) in [(0, b'M'), (4, b'A'), (8, b'S'), (12, b'K'), (16, 33), (20, 2)] {
        bytes[at] = letter;
    }
    // Two rows of 33 pixels in 8 bytes each: pixels 0, 9 and 32 of row 0; pixel 31 of row 1.
    bytes.extend([1, 2, 0, 0, 1, 0, 0, 0]);
    bytes.extend([0, 0, 0, 128, 0, 0, 0, 0]);
    let (shape, read) = values(&bytes);
    let set: Vec<usize> = (0..66).filter(|&pixel| read[pixel] == 1.0).collect();
    assert_eq!((shape, set), ([2, 33], vec![0, 9, 32, 33 + 31]));
    assert_cut_is_refused(&bytes, 0);
    bytes[16..24].fill(0xff);
    assert!(image(&bytes).unwrap_err().contains("the dimensions [4294967295, 4294967295]"));
}

#[test]
fn parse_damaged_bytes_of_any_format_never_panic() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(31);
    let mut mask = [[b'M', 0, 0, 0], [b'A', 0, 0, 0], [b'S', 0, 0, 0], [b'K', 0, 0, 0]].concat();
    mask.extend([9, 0, 0, 0, 3, 0, 0, 0]);
    mask.resize(1024 + 12, 0);
    let good = [
        npy_of("<u2", "(2, 3)", &[0; 12]),
        npy(2, "{'shape': (3, 2), 'fortran_order': True, 'descr': '>f4'}", &[0; 24]),
        edf(EDF, &[0; 12]),
        tiff_of(16, 1, &[0; 12]),
        mask,
    ];
    for bytes in good {
        let header = bytes.len().min(256);
        let mut refused = 0;
        for _ in 0..3000 {
            let mut damaged = bytes.clone();
            for _ in 0..random.random_range(1..4) {
                damaged[random.random_range(0..header)] = random.random();
            }
            match parse(&damaged, Path::new("FILE")) {
                Ok(image) => assert_eq!(image.values.len(), image.shape[0] * image.shape[1]),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 300, "{refused}");
    }
}

#[test]
fn read_other_files_are_refused_by_name() {
    assert_eq!(image(b"").unwrap_err(), "FILE is empty: copy it again");
    assert_eq!(
        image(b"poni_version: 2\n").unwrap_err(),
        "FILE is of no format that is read: give .npy, .edf, .tif, .msk or .h5"
    );
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b'{'; 1 << 20]).unwrap();
    assert!(image(&bomb.finish().unwrap()).unwrap_err().contains("its header has no end"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    assert_eq!(read(&path).unwrap_err().to_string(), format!("{path} is a folder: name an image file in it"));
    let absent = folder.path().join("absent.npy").display().to_string();
    assert!(read(&absent).unwrap_err().to_string().starts_with(&format!("cannot read {absent}: No such file")));
    let (_folder, path) = file("m.npy", &npy_of("|u1", "(1, 1)", &[1]));
    assert!(matches!(read(&format!("{path}::/mask")), Err(ImageError::NotHdf5 { .. })));
}

#[test]
fn mask_non_zero_and_nan_are_masked() {
    let data: Vec<u8> = [0.0f64, -0.0, 1.0, -3.0, f64::NAN, 1e-300].iter().flat_map(|v| v.to_le_bytes()).collect();
    let (_folder, path) = file("m.npy", &npy_of("<f8", "(2, 3)", &data));
    let mask = read_mask(&path).unwrap();
    assert_eq!((mask.shape, &mask.masked[..]), ([2, 3], &[false, false, true, true, true, true][..]));
    assert_eq!(mask.source, path);
    mask.check_shape([2, 3]).unwrap();
    let error = mask.check_shape([3, 2]).unwrap_err().to_string().replace(&path, "FILE");
    assert_eq!(
        error,
        "FILE has 2 x 3 pixels, the frames have 3 x 2: give an image of the frames' rows x columns (it is the other \
         way round: transpose it)"
    );
}

mod in_hdf5 {
    use super::*;

    fn hdf5(fill: impl FnOnce(&hdf5_metno::File)) -> (TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.h5");
        fill(&hdf5_metno::File::create(&path).unwrap());
        let path = path.display().to_string();
        (folder, path)
    }

    fn put<T: hdf5_metno::H5Type>(file: &hdf5_metno::File, name: &str, shape: &[usize], values: &[T]) {
        let path = name.trim_start_matches('/');
        if let Some((group, _)) = path.rsplit_once('/') {
            let _ = file.create_group(group);
        }
        let dataset = file.new_dataset::<T>().shape(shape).create(path).unwrap();
        dataset.write_raw(values).unwrap();
    }

    #[test]
    fn hdf5_every_type_named_or_alone_is_read() {
        let of = |fill: fn(&hdf5_metno::File)| {
            let (_folder, path) = hdf5(fill);
            let [found, named] = [read(&path), read(&format!("{path}::/a/b"))].map(Result::unwrap);
            assert_eq!(found, named);
            assert_eq!(named.source, format!("{path}::/a/b"));
            (named.shape, named.values)
        };
        let expected = ([1, 2], vec![0.0, 1.0]);
        assert_eq!(of(|file| put::<bool>(file, "a/b", &[1, 2], &[false, true])), expected);
        assert_eq!(of(|file| put::<u8>(file, "a/b", &[1, 2], &[0, 1])), expected);
        assert_eq!(of(|file| put::<i8>(file, "a/b", &[1, 1, 2], &[0, 1])), expected);
        assert_eq!(of(|file| put::<u32>(file, "a/b", &[1, 1, 2], &[0, 1])), expected);
        assert_eq!(of(|file| put::<i16>(file, "a/b", &[1, 2], &[0, 1])), expected);
        assert_eq!(of(|file| put::<u64>(file, "a/b", &[1, 2], &[0, 1])), expected);
        assert_eq!(of(|file| put::<f32>(file, "a/b", &[1, 2], &[0.0, 1.0])), expected);
        assert_eq!(of(|file| put::<f64>(file, "a/b", &[1, 2], &[0.0, 1.0])), expected);
    }

    #[test]
    fn hdf5_masks_and_flats_are_found_in_their_places() {
        let detector = "entry/instrument/detector/detectorSpecific";
        let (_folder, path) = hdf5(|file| {
            put::<u8>(file, "other", &[1, 2], &[9, 9]);
            put::<u32>(file, &format!("{detector}/pixel_mask"), &[1, 2], &[0, 8]);
            put::<f32>(file, &format!("{detector}/flatfield"), &[1, 2], &[1.5, 0.5]);
        });
        assert_eq!(read_mask(&path).unwrap().masked, [false, true]);
        assert_eq!(read_flat(&path).unwrap().values, [1.5, 0.5]);
        let error = read(&path).unwrap_err().to_string().replace(&path, "FILE");
        assert_eq!(
            error,
            "FILE has several images: name one as FILE::PATH out of /entry/instrument/detector/detectorSpecific/flatfield, \
             /entry/instrument/detector/detectorSpecific/pixel_mask, /other"
        );
    }

    #[test]
    fn hdf5_without_a_fitting_image_says_what_there_is() {
        let (_folder, path) = hdf5(|file| {
            put::<u8>(file, "line", &[3], &[1, 2, 3]);
            put::<u8>(file, "stack", &[2, 2, 1], &[1, 2, 3, 4]);
        });
        let error = |spec: &str| read_mask(spec).unwrap_err().to_string().replace(&path, "FILE");
        assert_eq!(error(&path), "FILE has no data set of one image; images in it: none");
        assert_eq!(error(&format!("{path}::/mask")), "FILE has no data set /mask; images in it: none");
        assert!(error(&format!("{path}::/stack")).starts_with("FILE::/stack (HDF5): it has the dimensions [2, 2, 1]"));
        assert!(error(&format!("{path}::/line")).contains("the dimensions [3]"));
        std::fs::write(&path, b"\x89HDF\r\n\x1a\n and no more").unwrap();
        assert!(error(&path).starts_with("FILE is truncated ("), "{}", error(&path));
    }
}
