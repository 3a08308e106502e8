use super::*;
use crate::engine::cpu::CpuEngine;
use crate::frame::{Lent, Payload};
use crate::source::SourceInfo;
use crate::table::{build, tests::request};
use debye_spec::{Element, Job};
use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What happened so far.
#[derive(Debug, Default)]
struct Counts {
    reads: AtomicUsize,
    /// Frames that a worker has begun with.
    computed: AtomicUsize,
    /// Frames whose memory is not given back.
    alive: AtomicUsize,
    most_alive: AtomicUsize,
}

/// Waits until `count` has come to `wanted`; longer than that takes on any machine is a failure.
fn until(count: &AtomicUsize, wanted: usize) {
    let started = Instant::now();
    while count.load(Ordering::SeqCst) < wanted {
        assert!(started.elapsed() < Duration::from_secs(60), "still {count:?}, not {wanted}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A chunk that counts who touches it.
#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    counts: Arc<Counts>,
    touched: AtomicUsize,
}

impl Lent for Chunk {
    fn bytes(&self) -> usize {
        self.bytes.len()
    }

    fn fill(&self, _: &File, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn read(&self, at: usize, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.bytes[at..at + bytes.len()]);
    }

    fn as_slice(&self) -> Option<&[u8]> {
        if self.touched.fetch_add(1, Ordering::SeqCst) == 0 {
            self.counts.computed.fetch_add(1, Ordering::SeqCst);
        }
        Some(&self.bytes)
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.counts.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Frames that are all alike; before some of them the source waits for the engine.
struct Frames {
    info: SourceInfo,
    chunk: Vec<u8>,
    counts: Arc<Counts>,
    /// Reading this frame takes until so many are computed.
    waits: Option<(usize, usize)>,
}

impl FrameSource for Frames {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn frames(&self) -> usize {
        usize::MAX
    }

    fn read(&mut self, frame: usize) -> Result<Payload, FrameError> {
        if let Some((at, computed)) = self.waits
            && frame == at
        {
            until(&self.counts.computed, computed);
        }
        let counts = self.counts.clone();
        counts.reads.fetch_add(1, Ordering::SeqCst);
        let alive = counts.alive.fetch_add(1, Ordering::SeqCst) + 1;
        counts.most_alive.fetch_max(alive, Ordering::SeqCst);
        Ok(Payload::Lent(Arc::new(Chunk { bytes: self.chunk.clone(), counts, touched: AtomicUsize::new(0) })))
    }

    fn refresh(&mut self) -> Result<usize, FrameError> {
        Ok(usize::MAX)
    }
}

/// Does something with each row.
struct Each<F>(F);

impl<F: FnMut(&Row) -> Result<(), String> + Send> Sink for Each<F> {
    fn row(&mut self, row: &Row) -> Result<(), Box<dyn Error + Send + Sync>> {
        (self.0)(row).map_err(Into::into)
    }
}

/// Runs `frames` frames on one thread.
fn run(
    frames: usize,
    waits: Option<(usize, usize)>,
    sink: &mut dyn Sink,
    counts: &Arc<Counts>,
) -> Result<Summary, RunError> {
    let table = Arc::new(build(&request()).unwrap());
    let pixels = vec![1; table.pixels() * 2];
    let mut chunk = Vec::new();
    crate::codec::encode::Encoder::new(Element::U16, None).unwrap().encode(&pixels, &mut chunk).unwrap();
    let info = SourceInfo {
        file: "memory".into(),
        dataset: "frames".into(),
        files: vec![],
        shape: table.description.shape,
        dtype: "uint16",
        element: Element::U16,
        filter: "bslz4".into(),
        dimensions: vec![],
    };
    let mut source = Frames { info, chunk, counts: counts.clone(), waits };
    let mut engine = CpuEngine::new(NonZeroUsize::new(1));
    engine.load(table.clone(), Job::new(Element::U16)).unwrap();
    let plan = Plan { frames: 0..frames, follow: None };
    execute(&mut source, &mut engine, &table, &plan, &mut [sink], &AtomicBool::new(false), &mut |_, _| {})
}

/// Frames in an engine of one thread, whatever their kernels.
const IN_ENGINE: usize = 32;

#[test]
fn reading_goes_on_while_rows_are_written_and_frames_computed() {
    let counts = Arc::new(Counts::default());
    let (at_first_row, seen) = (counts.clone(), Arc::new(AtomicUsize::new(0)));
    let rows = seen.clone();
    // The first row is not written before more frames were read than the engine takes; frame 40 is not read before some
    // were computed.
    let mut sink = Each(move |row: &Row| {
        if row.frame == 0 {
            until(&at_first_row.reads, IN_ENGINE + QUEUE / 2);
        }
        assert_eq!(row.frame, rows.fetch_add(1, Ordering::SeqCst));
        Ok(())
    });
    let summary = run(300, Some((40, 20)), &mut sink, &counts).unwrap();
    assert_eq!((summary.frames, summary.failed, seen.load(Ordering::SeqCst)), (300, 0, 300));
}

#[test]
fn reading_stops_where_nobody_writes_and_memory_stays_bounded() {
    let counts = Arc::new(Counts::default());
    let slow = counts.clone();
    let mut most_ahead = 0;
    let mut sink = Each(|row: &Row| {
        if row.frame == 0 {
            // Long enough for a reader without a bound to read far more.
            until(&slow.reads, IN_ENGINE + QUEUE / 2);
            thread::sleep(Duration::from_millis(100));
        }
        most_ahead = most_ahead.max(slow.reads.load(Ordering::SeqCst) - row.frame);
        Ok(())
    });
    run(2000, None, &mut sink, &counts).unwrap();
    // In the engine, before the sinks, one at either end of the queue; a worker lets go of its frames a batch at a time.
    assert!(most_ahead <= IN_ENGINE + QUEUE + 2, "{most_ahead} frames ahead");
    let alive = counts.most_alive.load(Ordering::SeqCst);
    assert!(alive <= IN_ENGINE + crate::cpu::fused::MOST_TOGETHER + 1, "memory of {alive} frames");
    assert_eq!(counts.alive.load(Ordering::SeqCst), 0);
}

#[test]
fn sink_that_fails_ends_the_run_with_its_reason() {
    let counts = Arc::new(Counts::default());
    let mut sink = Each(|row: &Row| if row.frame == 7 { Err("the disk is full".into()) } else { Ok(()) });
    let error = run(usize::MAX, None, &mut sink, &counts).unwrap_err();
    assert!(matches!(&error, RunError::Sink(why) if why.to_string() == "the disk is full"), "{error}");
    assert!(counts.reads.load(Ordering::SeqCst) < 1000);
}
