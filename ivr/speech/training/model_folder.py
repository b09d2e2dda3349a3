"""A folder that Vosk loads and that takes phrase lists while it runs."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.speech.port import UNKNOWN_WORD
from ivr.speech.training import kaldi_binary
from ivr.speech.training.features import COEFFICIENTS, MFCC_CONF
from ivr.speech.training.graph import Costs, any_words, word_loop
from ivr.speech.training.network import CONTEXT, Layer
from ivr.speech.training.openfst import compile_acceptor, compile_lookahead
from ivr.speech.training.phones import GARBAGE, Phones, Pronunciation

ACOUSTIC_SCALE: Final = 0.2
"""Neighbouring frames tell nearly the same: their scores weigh less than independent ones would, and the
confidences that follow from them tell right from wrong."""

MODEL_CONF: Final = f"""\
--min-active=200
--max-active=3000
--beam=14.0
--lattice-beam=8.0
--acoustic-scale={ACOUSTIC_SCALE}
--frame-subsampling-factor=1
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""


@dataclass(frozen=True, slots=True)
class Trained:
    phones: Phones
    layers: Sequence[Layer]
    lexicon: Mapping[str, Mapping[Pronunciation, float]]


def write(trained: Trained, folder: Path, costs: Costs) -> None:
    """All files of the model; what stands there already is replaced. NoOpenFst, OSError."""
    for part in ("am", "conf", "graph"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    network = kaldi_binary.model(trained.phones, trained.layers, COEFFICIENTS, CONTEXT)
    (folder / "am/final.mdl").write_bytes(network)
    (folder / "conf/mfcc.conf").write_text(MFCC_CONF, encoding="ascii")
    (folder / "conf/model.conf").write_text(MODEL_CONF, encoding="ascii")
    numbered = ("<eps>", *trained.phones.names, GARBAGE)
    (folder / "graph/phones.txt").write_text(_symbols(numbered), encoding="utf-8")
    _write_graph(trained, folder / "graph", costs)


def _write_graph(trained: Trained, folder: Path, costs: Costs) -> None:
    words = {word: number for number, word in enumerate((*trained.lexicon, UNKNOWN_WORD), start=1)}
    with tempfile.TemporaryDirectory() as work:
        loop = word_loop(trained.phones, trained.lexicon, words, costs).text()
        renumbered = compile_lookahead(loop, Path(work), folder / "HCLr.fst")
        numbers = {word: renumbered[number] for word, number in words.items()}
        language_model = "".join(f"{line}\n" for line in any_words(numbers, costs.unknown))
        compile_acceptor(language_model, Path(work), folder / "Gr.fst")
    lines = [
        "<eps> 0",
        *(f"{word} {number}" for word, number in sorted(numbers.items(), key=lambda pair: pair[1])),
    ]
    (folder / "words.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "disambig_tid.int").write_text("", encoding="ascii")


def _symbols(names: Sequence[str]) -> str:
    return "".join(f"{name} {number}\n" for number, name in enumerate(names))
