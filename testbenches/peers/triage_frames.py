"""Frames whose kind is known: dark ones, blanks with a water ring, hits with Bragg spots on it."""

import h5py
import hdf5plugin
import numpy as np

ROWS, COLUMNS = 256, 240

#: Kinds of frames.
DARK, BLANK, HIT = 0, 1, 2

GAP = 65535


def scene():
    """Mean counts of a blank at pulse energy 1: air scatter and a water ring about a beam off the centre."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    r = np.hypot(y - 118.3, x - 127.9)
    return 3 * np.exp(-r / 60) + 2.5 * np.exp(-(((r - 80) / 14) ** 2)) + 0.4


def mask():
    """True between modules."""
    masked = np.zeros((ROWS, COLUMNS), bool)
    masked[126:130] = True
    masked[:, 78:81] = True
    return masked


def frames(count, seed, height=14.0, spots=(5, 45)):
    """(frames u16, kinds). A tenth is dark, a third are hits; pulses vary by a factor of 4.

    A hit's spots have the exponential heights of intensities with a mean of `height` counts at the peak, for pulses of
    energy 1; their number is even between the two of `spots`.
    """
    rng = np.random.default_rng(seed)
    background, masked = scene(), mask()
    y, x = np.mgrid[:ROWS, :COLUMNS]
    kinds = rng.choice([DARK, BLANK, HIT], count, p=[0.1, 0.57, 0.33])
    stack = np.empty((count, ROWS, COLUMNS), "u2")
    for frame, kind in zip(stack, kinds):
        energy = rng.uniform(0.5, 2)
        mean = energy * background if kind != DARK else np.full(background.shape, 0.004)
        if kind == HIT:
            for _ in range(rng.integers(*spots)):
                row, column, width = rng.uniform(5, ROWS - 5), rng.uniform(5, COLUMNS - 5), rng.uniform(0.6, 1.1)
                near = np.s_[int(row) - 5 : int(row) + 6, int(column) - 5 : int(column) + 6]
                distance2 = (y[near] - row) ** 2 + (x[near] - column) ** 2
                mean[near] += energy * rng.exponential(height) * np.exp(-distance2 / (2 * width**2))
        frame[:] = rng.poisson(mean)
        # Zingers and hot pixels: single bright pixels, in any frame.
        for _ in range(rng.poisson(3)):
            frame[rng.integers(ROWS), rng.integers(COLUMNS)] = rng.integers(30, 3000)
        frame[masked] = GAP
    return stack, kinds


def write(path, stack, name="entry/data/data"):
    with h5py.File(path, "w") as file:
        file.create_dataset(name, data=stack, chunks=(1, *stack.shape[1:]), **hdf5plugin.Bitshuffle())
    return path
