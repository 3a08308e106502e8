//! Each kind of thing that is carried over, with a fault put into the output between writing and comparing.

use super::*;
use hdf5_metno::types::VarLenUnicode;
use std::path::Path;

fn text(value: &str) -> VarLenUnicode {
    value.parse().unwrap()
}

/// A file with one thing of each kind.
fn make(path: &Path) {
    let file = File::create(path).unwrap();
    file.new_attr::<VarLenUnicode>().create("title").unwrap().write_scalar(&text("ring")).unwrap();
    file.new_attr::<f64>().shape(3).create("scale").unwrap().write(&[1.0, f64::NAN, -0.0]).unwrap();
    let group = file.create_group("entry").unwrap();
    let numbers: Vec<f64> = (0..6000).map(f64::from).collect();
    group.new_dataset_builder().with_data(&numbers).create("axis").unwrap();
    group.new_dataset_builder().with_data(&numbers).chunk(700).deflate(1).create("chunked").unwrap();
    group.new_dataset::<f64>().shape(9).fill_value(3.0).create("never").unwrap();
    group.new_dataset_builder().with_data(&[1u16, 2]).create("before").unwrap();
    let words: Vec<_> = ["a", "", "c"].map(text).into();
    group.new_dataset_builder().with_data(&words).create("words").unwrap();
    group.new_dataset_builder().with_data(&words).chunk(2).create("parts").unwrap();
    file.link_hard("/entry/axis", "again").unwrap();
    file.link_soft("/entry/axis", "alias").unwrap();
    file.link_external("elsewhere.h5", "/x", "outside").unwrap();
}

fn compared(input: &Path, output: &Path) -> Result<(), RecodeError> {
    let (input, output) = (File::open(input).unwrap(), File::open(output).unwrap());
    let known = Known { recoded: &[], left_behind: HashSet::new(), lossy: false };
    compare(&input, &output, &known, &AtomicBool::new(false))
}

fn replace<T: hdf5_metno::H5Type>(file: &File, path: &str, values: &[T]) {
    file.dataset(path).unwrap().write_raw(values).unwrap();
}

#[test]
fn compare_copy_with_one_fault_names_the_object_and_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.h5"), folder.path().join("out.h5"));
    make(&input);
    std::fs::copy(&input, &output).unwrap();
    compared(&input, &output).unwrap();
    let unlinked = |file: &File, name: &str| file.unlink(name).unwrap();
    type Fault<'a> = &'a dyn Fn(&File);
    let cases: [(Fault<'_>, &str, &str); 15] = [
        (&|file| file.attr("scale").unwrap().write_raw(&[1.0, f64::NAN, 0.0]).unwrap(), "/", "attribute scale"),
        (&|file| file.attr("title").unwrap().write_scalar(&text("rinG")).unwrap(), "/", "attribute title"),
        (&|file| drop(file.new_attr::<u8>().create("more").unwrap()), "/", "attribute more"),
        (&|file| file.delete_attr("scale").unwrap(), "/", "attribute scale"),
        (
            &|file| {
                let mut numbers: Vec<f64> = (0..6000).map(f64::from).collect();
                numbers[5999] = 0.0;
                replace(file, "entry/axis", &numbers);
            },
            "/again",
            "elements",
        ),
        (
            &|file| {
                let mut numbers: Vec<f64> = (0..6000).map(f64::from).collect();
                numbers[5999] = 0.0;
                replace(file, "entry/chunked", &numbers);
            },
            "/entry/chunked",
            "elements",
        ),
        (
            &|file| replace(file, "entry/never", &[3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 4.0]),
            "/entry/never",
            "elements",
        ),
        (&|file| replace(file, "entry/words", &["a", "", "d"].map(text)), "/entry/words", "elements"),
        (&|file| replace(file, "entry/parts", &["a", "b", "c"].map(text)), "/entry/parts", "elements"),
        (
            &|file| {
                unlinked(file, "entry/before");
                file.new_dataset_builder().with_data(&[1i16, 2]).create("entry/before").unwrap();
            },
            "/entry/before",
            "type",
        ),
        (
            &|file| {
                unlinked(file, "entry/before");
                file.new_dataset_builder().with_data(&[1u16, 2, 3]).create("entry/before").unwrap();
            },
            "/entry/before",
            "shape",
        ),
        (
            &|file| {
                unlinked(file, "entry/before");
                file.new_dataset_builder().with_data(&[1u16, 2]).chunk(1).create("entry/before").unwrap();
            },
            "/entry/before",
            "layout",
        ),
        (
            &|file| {
                unlinked(file, "again");
                file.link_hard("/entry/words", "again").unwrap();
            },
            "/entry/axis",
            "link's target",
        ),
        (
            &|file| {
                unlinked(file, "alias");
                file.link_soft("/entry/axes", "alias").unwrap();
            },
            "/alias",
            "link's target",
        ),
        (&|file| unlinked(file, "outside"), "/outside", "link"),
    ];
    for (fault, at, what) in cases {
        std::fs::copy(&input, &output).unwrap();
        let file = File::open_rw(&output).unwrap();
        fault(&file);
        file.close().unwrap();
        let error = compared(&input, &output).unwrap_err();
        let named = matches!(&error, RecodeError::Carried { object, what: found } if object == at && found == what);
        let crossed = what == "link's target" && error.to_string().contains(what);
        assert!(named || crossed, "{at} {what}: {error}");
    }
}
