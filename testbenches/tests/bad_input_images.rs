//! Masks, flat fields and table files that are damaged or of other frames.

mod bad_input_support;

use bad_input_support::files::{edf, npy, npy_flat, tiff};
use bad_input_support::{Bench, SHAPE, files};

const OPTIONS: &str = "--poni good.poni --bins 20 -o out.h5";

fn pixels(byte: u8) -> Vec<u8> {
    vec![byte; SHAPE[0] * SHAPE[1]]
}

#[test]
fn integrate_bad_mask_is_refused_by_name() {
    let mut bench = Bench::new();
    let mut case = |what: &str, name: &str, bytes: Vec<u8>| {
        bench.write(name, bytes);
        bench.case(what, &format!("integrate scan.h5 --mask {name} {OPTIONS}"));
    };
    case("npy of another shape", "mask.npy", npy("|b1", "(10, 23)", &[0; 230]));
    case("npy, transposed", "mask.npy", npy("|b1", "(23, 15)", &pixels(0)));
    case("npy in Fortran order, cut short", "mask.npy", npy("|b1", "(15, 23)", &[0; 100]));
    case("npy of three dimensions", "mask.npy", npy("|b1", "(2, 15, 23)", &[0; 690]));
    case("npy that states 2^62 pixels", "mask.npy", npy("|b1", "(2147483648, 2147483648)", &[0; 100]));
    case("npy of objects", "mask.npy", npy("|O", "(15, 23)", &pixels(0)));
    case("npy of complex numbers", "mask.npy", npy("<c16", "(15, 23)", &pixels(0)));
    case("npy whose header is cut", "mask.npy", npy("|b1", "(15, 23)", &[])[..40].to_vec());
    case("npy whose header has no shape", "mask.npy", npy("|b1", "x", &pixels(0)));
    case("npy of version 9", "mask.npy", b"\x93NUMPY\x09\x00\x10\x00{'descr': '|b1'}".to_vec());
    case("npy with everything masked", "mask.npy", npy("|b1", "(15, 23)", &pixels(1)));
    case("EDF cut short", "mask.edf", edf("23", "15", "UnsignedByte", &[0; 100]));
    case("EDF with a size of words", "mask.edf", edf("wide", "15", "UnsignedByte", &pixels(0)));
    case("EDF of an unknown type", "mask.edf", edf("23", "15", "Quaternion", &pixels(0)));
    case("EDF without an end of its header", "mask.edf", b"{\nDim_1 = 23 ;\nDim_2 = 15 ;\n".to_vec());
    case("TIFF cut short", "mask.tif", tiff(23, 15, &[0; 100]));
    case("TIFF of 2^32 - 1 columns", "mask.tif", tiff(u32::MAX, 15, &pixels(0)));
    case("TIFF cut in its tags", "mask.tif", tiff(23, 15, &pixels(0))[..40].to_vec());
    case("TIFF of another shape", "mask.tif", tiff(15, 23, &pixels(0)));
    case("a picture", "mask.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec());
    case("empty file", "mask.npy", Vec::new());
    case("gzip cut short", "mask.edf.gz", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    bench.case("missing file", &format!("integrate scan.h5 --mask nothing.npy {OPTIONS}"));
    insta::assert_snapshot!(bench.listing(23));
}

#[test]
fn integrate_bad_mask_in_hdf5_is_refused_by_name() {
    let mut bench = Bench::new();
    {
        let file = files::create(&bench.path("two.h5"));
        files::add_zeros::<u8>(&file, "left", &SHAPE);
        files::add_zeros::<u8>(&file, "right", &SHAPE);
        files::create(&bench.path("none.h5"));
    }
    files::zeros::<u8>(&bench.path("other.h5"), "mask", &[20, 20]);
    files::zeros::<u8>(&bench.path("line.h5"), "mask", &[345]);
    bench.write("half.h5", &bench.read("two.h5")[..600]);
    for (what, mask) in [
        ("no data set", "none.h5"),
        ("several data sets", "two.h5"),
        ("data set missing", "two.h5::/mask"),
        ("another shape", "other.h5"),
        ("one dimension", "line.h5::/mask"),
        ("a stack of frames", "scan.h5::/entry/data/data"),
        ("first half of the file", "half.h5"),
        ("data set in a file that is not HDF5", "good.poni::/mask"),
        ("PONI file in its place", "good.poni"),
        ("a folder", "."),
    ] {
        bench.case(what, &format!("integrate scan.h5 --mask {mask} {OPTIONS}"));
    }
    insta::assert_snapshot!(bench.listing(10));
}

#[test]
fn integrate_bad_flat_field_is_refused_by_name() {
    let mut bench = Bench::new();
    bench.write("zero.npy", npy_flat(0.0));
    bench.write("negative.npy", npy_flat(-1.0));
    bench.write("nan.npy", npy_flat(f64::NAN));
    bench.write("other.npy", npy("<f8", "(23, 15)", &1f64.to_le_bytes().repeat(345)));
    bench.write("cut.npy", &npy_flat(1.0)[..1000]);
    for (what, flat) in [
        ("all zero", "zero.npy"),
        ("all negative", "negative.npy"),
        ("all NaN", "nan.npy"),
        ("transposed", "other.npy"),
        ("cut short", "cut.npy"),
        ("missing", "nothing.npy"),
    ] {
        bench.case(what, &format!("integrate scan.h5 --flat {flat} {OPTIONS}"));
    }
    insta::assert_snapshot!(bench.listing(6));
}

#[test]
fn integrate_bad_table_file_is_refused_by_name() {
    let mut bench = Bench::new();
    let save = "integrate scan.h5 --poni good.poni --bins 20 --save-table good.table --json";
    assert_eq!(bench.silent("save", save).code, Some(0));
    let good = bench.read("good.table");
    let told = bench.silent("load", "integrate scan.h5 --table good.table --json");
    assert_eq!(told.code, Some(0), "the sound table is taken: {}", told.stderr);

    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 0x10;
    bench.write("flipped.table", flipped);
    let mut version = good.clone();
    version[8] = 9;
    bench.write("version.table", version);
    let mut long = good.clone();
    long[12..20].fill(0xff);
    bench.write("long.table", long);
    bench.write("half.table", &good[..good.len() / 2]);
    bench.write("magic.table", &good[..8]);
    let mut extra = good.clone();
    extra.push(0);
    bench.write("extra.table", extra);
    bench.write("empty.table", "");
    for (what, table) in [
        ("one bit flipped", "flipped.table"),
        ("a version to come", "version.table"),
        ("a length of 2^64 - 1", "long.table"),
        ("first half", "half.table"),
        ("magic alone", "magic.table"),
        ("a byte too many", "extra.table"),
        ("empty", "empty.table"),
        ("not a table", "good.poni"),
        ("missing", "nothing.table"),
        ("a folder", "."),
    ] {
        bench.case(what, &format!("integrate scan.h5 --table {table} -o out.h5"));
    }
    files::zeros::<u16>(&bench.path("other.h5"), "data", &[2, 20, 20]);
    bench.case("frames of another shape", "integrate other.h5 --table good.table -o out.h5");
    insta::assert_snapshot!(bench.listing(13));
}
