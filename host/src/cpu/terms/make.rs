//! How terms are made of a table.

use super::{Four, Run, SIDE, SPAN, STEP, TILE, TILES, Terms, WEIGHTS_SLACK, place};
use debye_spec::Table;
use rayon::prelude::*;
use std::ops::Range;

/// Bands that one thread makes the terms of.
const PIECE: usize = 16;

impl Terms {
    /// Makes the terms, the runs and the limits.
    pub(super) fn fill(&mut self, table: &Table<'_>) {
        let bands = self.pixels.div_ceil(self.columns * SIDE);
        let maker = Maker { table, columns: self.columns, shift: self.shift, weighs: self.whole() > 1 };
        let pieces: Vec<Piece> = (0..bands.div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| maker.piece(piece * PIECE..bands.min((piece + 1) * PIECE)))
            .collect();
        let mut crowd = Crowd::new(self.bins, self.whole());
        self.fours.reserve_exact(pieces.iter().map(|piece| piece.fours.len()).sum());
        self.weights.reserve_exact(pieces.iter().map(|piece| piece.weights.len()).sum::<usize>() + WEIGHTS_SLACK);
        for mut piece in pieces {
            let before = (self.runs.len(), self.fours.len() as u32, self.weights.len());
            self.bands.extend(piece.bands.iter().map(|runs| before.0 + runs));
            let ends = piece.runs[1..].iter().map(|run| run.fours).collect::<Vec<_>>();
            piece.runs.pop();
            for (mut run, to) in piece.runs.into_iter().zip(ends) {
                if crowd.is_full(run.base, &piece.fours[run.fours as usize..to as usize]) {
                    self.limits.push(self.runs.len());
                }
                run.fours += before.1;
                run.weights += before.2;
                self.runs.push(run);
            }
            self.fours.extend_from_slice(&piece.fours);
            self.weights.extend_from_slice(&piece.weights);
        }
        self.runs.push(Run { fours: self.fours.len() as u32, weights: self.weights.len(), ..Run::default() });
        self.weights.resize(self.weights.len() + WEIGHTS_SLACK, 0);
    }
}

/// The terms of some bands.
#[derive(Default)]
struct Piece {
    fours: Vec<Four>,
    weights: Vec<u8>,
    /// One more than there are, when done.
    runs: Vec<Run>,
    /// Where each band's runs end.
    bands: Vec<usize>,
}

/// A term that is not packed yet.
#[derive(Clone, Copy)]
struct Loose {
    bin: u32,
    /// How many terms of the run have its bin and stand before it.
    rank: u8,
    place: u8,
    mask: u16,
    weights: [u8; TILE],
}

struct Maker<'t> {
    table: &'t Table<'t>,
    columns: usize,
    shift: u32,
    /// Whether weights are kept.
    weighs: bool,
}

/// What is used again from step to step.
struct Bench {
    terms: Vec<Loose>,
    /// The numbers of a run's terms, in the order in which they are packed.
    order: Vec<u16>,
    /// Of each bin of a run, its terms so far; zeros between runs.
    ranks: Vec<u8>,
}

impl Maker<'_> {
    fn piece(&self, bands: Range<usize>) -> Piece {
        let mut made = Piece::default();
        let mut bench = Bench { terms: Vec::new(), order: Vec::new(), ranks: vec![0; SPAN as usize] };
        for band in bands {
            for column in (0..self.columns).step_by(STEP) {
                bench.terms.clear();
                for tile in 0..TILES {
                    self.tile(band * SIDE, column, tile, &mut bench.terms);
                }
                self.step(column as u32, &mut bench, &mut made);
            }
            made.bands.push(made.runs.len());
        }
        made.end(0, 0);
        made
    }

    /// Makes a tile's terms.
    fn tile(&self, row: usize, column: usize, tile: usize, terms: &mut Vec<Loose>) {
        let first = column + tile * SIDE;
        let columns = self.columns.saturating_sub(first).min(SIDE);
        let of_row = |row: usize| (0..columns).map(move |column| (row, column));
        let pixels = || {
            (0..SIDE).flat_map(of_row).map(|(down, right)| {
                let entries = self.table.entries_of((row + down) * self.columns + first + right);
                (down * SIDE + right, entries)
            })
        };
        // A pixel's bins rise.
        let Some(least) = pixels().filter_map(|(_, entries)| entries.first()).map(|entry| entry.bin()).min() else {
            return;
        };
        let from = terms.len();
        // Terms of bins near the least, as most are, are looked up; 0 where there is none yet.
        let mut near = [0u16; NEAR];
        for (pixel, entry) in pixels().flat_map(|(pixel, entries)| entries.iter().map(move |entry| (pixel, entry))) {
            let bin = entry.bin();
            let slot = near.get_mut((bin - least) as usize);
            let known = match &slot {
                Some(slot) => usize::from(**slot).checked_sub(1).map(|k| from + k),
                None => terms[from..].iter().position(|term| term.bin == bin).map(|k| from + k),
            };
            let at = known.unwrap_or_else(|| {
                terms.push(Loose { bin, rank: 0, place: place(tile) as u8, mask: 0, weights: [0; TILE] });
                if let Some(slot) = slot {
                    *slot = (terms.len() - from) as u16;
                }
                terms.len() - 1
            });
            terms[at].mask |= 1 << pixel;
            terms[at].weights[pixel] = (entry.weight() >> self.shift) as u8;
        }
    }

    /// Packs a step's terms: as few runs as bins far from each other let there be.
    fn step(&self, column: u32, bench: &mut Bench, made: &mut Piece) {
        let Bench { terms, order, ranks } = bench;
        let bins = || terms.iter().map(|term| term.bin);
        let (Some(least), Some(most)) = (bins().min(), bins().max()) else { return };
        if most - least < SPAN {
            self.run(least, column, terms, order, ranks, made);
            return;
        }
        terms.sort_unstable_by_key(|term| (term.bin, term.place));
        let mut rest = &mut terms[..];
        while let Some(&Loose { bin: base, .. }) = rest.first() {
            let (near, far) = rest.split_at_mut(rest.partition_point(|term| term.bin - base < SPAN));
            self.run(base, column, near, order, ranks, made);
            rest = far;
        }
    }

    /// Packs terms of near bins: of each bin the first, then of each the second and so on, as an addition to a bin waits for
    /// the one before it.
    fn run(
        &self,
        base: u32,
        column: u32,
        terms: &mut [Loose],
        order: &mut Vec<u16>,
        ranks: &mut [u8],
        made: &mut Piece,
    ) {
        // A bin has a term a tile at most.
        let mut begins = [0; TILES + 1];
        for term in terms.iter_mut() {
            let rank = &mut ranks[(term.bin - base) as usize];
            term.rank = *rank;
            *rank += 1;
            begins[usize::from(term.rank) + 1] += 1;
        }
        for rank in 0..TILES {
            begins[rank + 1] += begins[rank];
        }
        order.clear();
        order.resize(terms.len(), 0);
        for (number, term) in terms.iter().enumerate() {
            ranks[(term.bin - base) as usize] = 0;
            let at = &mut begins[usize::from(term.rank)];
            order[*at] = number as u16;
            *at += 1;
        }
        made.end(column, base);
        for four in order.chunks(4) {
            // Where there are fewer than four, some without pixels have the bins of the first.
            let mut packed = Four::default();
            for (to, &number) in packed.codes.iter_mut().zip(four.iter().chain(order.iter().cycle())) {
                let term = &terms[usize::from(number)];
                *to = ((term.bin - base) << 4) as u16 | u16::from(term.place);
            }
            for (to, &number) in packed.masks.iter_mut().zip(four) {
                let term = &terms[usize::from(number)];
                *to = term.mask;
                let mut left = if self.weighs { term.mask } else { 0 };
                while left != 0 {
                    made.weights.push(term.weights[left.trailing_zeros() as usize]);
                    left &= left - 1;
                }
            }
            made.fours.push(packed);
        }
    }
}

impl Piece {
    /// Ends a run, and begins another.
    fn end(&mut self, column: u32, base: u32) {
        self.runs.push(Run { weights: self.weights.len(), fours: self.fours.len() as u32, base, column });
    }
}

/// Bins of a tile that are near each other, as those of most are.
const NEAR: usize = 64;

/// How much each bin may have got since sums were last emptied.
struct Crowd {
    pixels: Vec<u32>,
    most: u32,
}

impl Crowd {
    fn new(bins: usize, whole: u32) -> Crowd {
        // The largest of u and of u (U - u), times the largest byte of a pixel.
        let most_weight = whole.max(whole * whole / 4);
        Crowd { pixels: vec![0; bins], most: u32::MAX / (255 * most_weight) }
    }

    /// Counts a run's terms; true, and all forgotten, if they do not fit behind those before.
    fn is_full(&mut self, base: u32, fours: &[Four]) -> bool {
        let terms = || {
            let terms = fours.iter().flat_map(|four| four.codes.into_iter().zip(four.masks));
            terms.map(|(code, mask)| (base as usize + usize::from(code >> 4), mask.count_ones()))
        };
        let fits = terms().all(|(bin, _)| self.pixels[bin] + (STEP * SIDE) as u32 <= self.most);
        if !fits {
            self.pixels.fill(0);
        }
        terms().for_each(|(bin, pixels)| self.pixels[bin] += pixels);
        !fits
    }
}
