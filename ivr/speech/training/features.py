"""The features that the models hear: Kaldi's MFCC of 8 kHz sound, computed here exactly as Vosk does."""

from typing import Final

import kaldi_native_fbank
import numpy as np
from numpy.typing import NDArray

from ivr.speech.training.sound import RATE, Sound

COEFFICIENTS: Final = 20
FRAME_SHIFT: Final = 80
"""Samples from one frame to the next (10 ms)."""
FRAME_MIDDLE: Final = 100
"""Samples from a frame's first to its middle (a frame is 25 ms)."""
_MEL_BINS, _LOWEST, _HIGHEST = 30, 100, 3700

MFCC_CONF: Final = f"""\
--sample-frequency={RATE}
--dither=0
--use-energy=false
--num-mel-bins={_MEL_BINS}
--num-ceps={COEFFICIENTS}
--low-freq={_LOWEST}
--high-freq={_HIGHEST}
"""
"""The same options for Vosk, `conf/mfcc.conf`."""


def mfcc(sound: Sound) -> NDArray[np.float32]:
    """Frames x COEFFICIENTS."""
    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = _MEL_BINS
    options.mel_opts.low_freq = _LOWEST
    options.mel_opts.high_freq = _HIGHEST
    options.num_ceps = COEFFICIENTS
    options.use_energy = False
    computer = kaldi_native_fbank.OnlineMfcc(options)
    computer.accept_waveform(RATE, sound.tolist())
    computer.input_finished()
    frames = [computer.get_frame(index) for index in range(computer.num_frames_ready)]
    return np.array(frames, dtype=np.float32).reshape(len(frames), COEFFICIENTS)
