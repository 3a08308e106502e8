//! Options that cannot be, or do not fit the input.

mod bad_input_support;

use bad_input_support::{Bench, files};

/// Integrates the sound scan with these options.
fn case(bench: &mut Bench, what: &str, options: &str) {
    bench.case(what, &format!("integrate scan.h5 --poni good.poni -o out.h5 {options}"));
}

#[test]
fn integrate_option_that_cannot_be_is_refused_with_what_can() {
    let mut bench = Bench::new();
    for (what, options) in [
        ("radial range reversed", "--radial-range 4,1"),
        ("radial range of one number", "--radial-range 4"),
        ("radial range of words", "--radial-range low,high"),
        ("radial range not finite", "--radial-range 0,inf"),
        ("no bins", "--bins 0"),
        ("fewer than no bins", "--bins -5"),
        ("more bins than there is room for", "--bins 4000000000"),
        ("more caked bins than there is room for", "--bins 100000 --azimuth-bins 100000"),
        ("no azimuthal bins", "--azimuth-bins 0"),
        ("split 3", "--split 3"),
        ("split 0", "--split 0"),
        ("polarization 2", "--polarization 2"),
        ("polarization that is no number", "--polarization nan"),
        ("unknown unit", "--unit d_A"),
        ("unknown engine", "--engine gpu"),
        ("no threads", "--threads 0"),
        ("wavelength 0", "--wavelength 0"),
        ("wavelength of a word", "--wavelength green"),
        ("wavelength in m", "--wavelength 1e-10"),
        ("azimuthal range wider than a circle", "--azimuth-range -200,200"),
        ("azimuthal range reversed", "--azimuth-range 10,-10"),
        ("valid values beyond the type", "--max-valid 70000"),
        ("negative valid values", "--max-valid -1"),
        ("patience without follow", "--patience 3"),
        ("negative patience", "--follow --patience -3"),
        ("unknown option", "--azimut-bins 3"),
    ] {
        case(&mut bench, what, options);
    }
    insta::assert_snapshot!(bench.listing(26));
}

#[test]
fn integrate_option_that_does_not_fit_the_input_is_refused() {
    let mut bench = Bench::new();
    let save = "integrate scan.h5 --poni good.poni --bins 20 --save-table good.table --json";
    assert_eq!(bench.silent("save", save).code, Some(0));
    for (what, options) in [
        ("frames past the end", "--frames 1..9"),
        ("a frame past the end", "--frames 3"),
        ("frames reversed", "--frames 2..1"),
        ("frames of words", "--frames first..last"),
        ("radial range that misses the detector", "--radial-range 50,60"),
        ("azimuthal range that misses the detector", "--azimuth-range -360,-359.999999"),
    ] {
        case(&mut bench, what, options);
    }
    bench.case("a table and a geometry", "integrate scan.h5 --table good.table --poni good.poni -o out.h5");
    bench.case("a table and a number of bins", "integrate scan.h5 --table good.table --bins 10 -o out.h5");
    bench.case("neither table nor geometry", "integrate scan.h5 -o out.h5");
    files::zeros::<u32>(&bench.path("wide.h5"), "data", &[1, 15, 23]);
    bench.case("valid values beyond 2^28", "integrate wide.h5 --poni good.poni --max-valid 4000000000");
    insta::assert_snapshot!(bench.listing(11));
}

#[test]
fn integrate_frames_in_each_form_are_those() {
    let mut bench = Bench::new();
    let make = "simulate-frames sim.h5 --shape 24,20 --distance 0.002 --frames 3 --seed 1 --poni-out sim.poni";
    assert_eq!(bench.silent("frames that differ", make).code, Some(0));
    let mut run = |options: &str| {
        let told = bench.silent(options, &format!("integrate sim.h5 --poni sim.poni --bins 20 --json {options}"));
        assert_eq!(told.code, Some(0), "{options}: {}", told.stderr);
        let told: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        (told["frames"].as_u64().unwrap(), told["result_crc32"].as_u64().unwrap())
    };
    let [all, first, second] = ["", "--frames 0", "--frames 1"].map(&mut run);
    assert_eq!((all.0, first.0, second.0), (3, 1, 1));
    assert_ne!(first.1, second.1);
    for (options, same) in [("0..3", &all), ("0..", &all), ("..1", &first), ("0..1", &first), ("1..2", &second)] {
        assert_eq!(&run(&format!("--frames {options}")), same, "{options}");
    }
    assert_eq!((run("--frames 1..").0, run("--frames ..2").0), (2, 2));
}

#[test]
fn other_commands_bad_options_are_refused() {
    let mut bench = Bench::new();
    let run = "integrate scan.h5 --poni good.poni --bins 20 -o good.h5";
    assert_eq!(bench.silent("good", run).code, Some(0));
    for (what, line) in [
        ("export: unknown suffix", "export good.h5 -o out.docx"),
        ("export: no suffix", "export good.h5 -o out"),
        ("export: a frame that is not there", "export good.h5 --frame 7 -o out.xy"),
        ("export: a frame of no number", "export good.h5 --frame first -o out.xy"),
        ("export: the scan", "export scan.h5 -o out.xy"),
        ("export: not HDF5", "export good.poni -o out.xy"),
        ("export: missing", "export nothing.h5 -o out.xy"),
        ("plot: unknown suffix", "plot good.h5 -o out.docx"),
        ("plot: a frame that is not there", "plot good.h5 --frame 7 -o out.png"),
        ("plot: the scan", "plot scan.h5 -o out.png"),
        ("plot: missing", "plot nothing.h5 -o out.png"),
        ("simulate-frames: unknown calibrant", "simulate-frames sim.h5 --shape 20,20 --calibrant Unobtainium"),
        ("simulate-frames: no frames", "simulate-frames sim.h5 --shape 20,20 --frames 0"),
        ("simulate-frames: unknown type", "simulate-frames sim.h5 --shape 20,20 --dtype f32"),
        ("simulate-frames: shape of one number", "simulate-frames sim.h5 --shape 20"),
        ("simulate-frames: distance 0", "simulate-frames sim.h5 --shape 20,20 --distance 0"),
        ("simulate-frames: wavelength 0", "simulate-frames sim.h5 --shape 20,20 --wavelength 0"),
        ("simulate-frames: bad geometry", "simulate-frames sim.h5 --poni nothing.poni"),
        ("integrate: rings of an unknown calibrant", &format!("{run} --overwrite --plot out.png --rings Unobtainium")),
        ("integrate: rings without a plot", &format!("{run} --overwrite --rings CeO2")),
        ("integrate: plot of unknown suffix", "integrate scan.h5 --poni good.poni --plot out.docx"),
        ("integrate: export of unknown suffix", "integrate scan.h5 --poni good.poni --export out.docx"),
        ("no command", "integrat scan.h5"),
    ] {
        bench.case(what, line);
    }
    insta::assert_snapshot!(bench.listing(24));
}
