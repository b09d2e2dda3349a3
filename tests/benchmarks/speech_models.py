"""How well, how fast and how large the test models are, told as a table for their README.

    .dzvin/venv/bin/python -m tests.benchmarks.speech_models [FOLDER]

Voices and paces that the models were not trained on, all of espeak-ng: no figure here says anything about
real callers. A word is right if it stands in the result at its place (alignment by difflib).
"""

import difflib
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from ivr.flow.wording import match, number_vocabulary
from ivr.speech.port import UNKNOWN_WORD
from tests.speech_samples import MENU, STRANGE, digit_strings, three_digit_numbers
from tests.synthetic_speech import BYTES_A_SECOND, Speaker, noise, said, silence, tone
from tests.vosk_listener import MODELS, Answer, listen, model

VARIANTS = ("+m3", "+f2", "+klatt3", "+Andrea")
PACES = (122, 148, 172)
SHORTEST_HALVED = 5
"""Letters: the half of a shorter word may be another."""


@dataclass
class Figures:
    right: int = 0
    asked: int = 0
    whole: int = 0
    """Utterances that are right from their first to their last word."""
    confident: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    misheard: list[str] = field(default_factory=list)

    def note(self, asked: int, right: int, whole: bool, answer: Answer, expected: str) -> None:
        self.asked += asked
        self.right += right
        self.whole += whole
        (self.confident if whole else self.wrong).append(answer.confidence)
        if not whole:
            self.misheard.append(f"{expected} -> {answer.text} {answer.confidence:.2f}")

    def __str__(self) -> str:
        utterances = len(self.confident) + len(self.wrong)
        words, whole = (
            100 * part / max(of, 1) for part, of in ((self.right, self.asked), (self.whole, utterances))
        )
        return f"{words:.1f} % / {whole:.1f} %"


def words_right(expected: str, heard: str) -> int:
    """Words of `expected` that are in `heard`, in order."""
    matcher = difflib.SequenceMatcher(None, expected.split(), heard.split(), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def speakers(language: str, every: int = 1) -> list[Speaker]:
    """Every so many of them. English is American and British by turns."""
    voices = [(variant, pace) for variant in VARIANTS for pace in PACES][::every]
    accents = cycle(("en-us", "en") if language == "en" else (language,))
    return [Speaker(accent, variant, pace) for accent, (variant, pace) in zip(accents, voices, strict=False)]


def of_texts(folder: Path, texts: Iterable[tuple[str, Speaker, str]], phrases: Sequence[str]) -> Figures:
    figures = Figures()
    for text, speaker, law in texts:
        answer = listen(folder, said(text, speaker, law), [*phrases, UNKNOWN_WORD])
        whole = answer.text == text or match(answer.text, phrases) == text
        figures.note(len(text.split()), words_right(text, answer.text), whole, answer, text)
    return figures


def of_nothing(folder: Path, sounds: Iterable[tuple[str, bytes]], phrases: Sequence[str]) -> Figures:
    """Right is what the server takes for none of the phrases ('', '[unk]', 'my [unk]'), or the name."""
    figures = Figures()
    for name, sound in sounds:
        answer = listen(folder, sound, [*phrases, UNKNOWN_WORD])
        refused = match(answer.text, phrases) in (None, name)
        figures.note(1, int(refused), refused, answer, name)
    return figures


def halves(language: str) -> Iterator[tuple[str, bytes]]:
    """Menu words broken off in their middle."""
    for speaker in speakers(language, 5):
        for text in (text for text in MENU[language] if len(text) >= SHORTEST_HALVED):
            yield text, said(text, speaker, "", 0.5)


def sounds() -> Iterator[tuple[str, bytes]]:
    yield "silence", silence(3)
    for level in (30, 300, 3000):
        yield from (
            (f"noise {level}", silence(0.5) + noise(2, level, seed) + silence(1)) for seed in range(5)
        )
    yield from (
        (f"tone {hertz}", silence(0.5) + tone(1.5, hertz) + silence(1)) for hertz in (200, 425, 950, 1800)
    )
    yield from ((f"keys {low}", silence(0.5) + tone(0.2, low, 1336) + silence(1)) for low in (697, 852, 941))


def measured(language: str, folder: Path) -> dict[str, Figures]:
    menu, numbers, few = MENU[language], number_vocabulary(language), MENU[language][6:8]
    everybody, some = speakers(language), speakers(language, 2)
    strange = [(text, said(text, speaker)) for text in STRANGE[language] for speaker in some]

    def spoken(texts: Sequence[str], by: Sequence[Speaker], law: str = "") -> list[tuple[str, Speaker, str]]:
        return [(text, speaker, law) for text in texts for speaker in by]

    return {
        "menu words": of_texts(folder, spoken(menu, everybody), menu),
        "after µ-law": of_texts(folder, spoken(menu, some, "mu-law"), menu),
        "after A-law": of_texts(folder, spoken(menu, some, "a-law"), menu),
        "yes and no": of_texts(folder, spoken(few, everybody), few),
        "numbers of 3 digits": of_texts(folder, spoken(three_digit_numbers(language, 30), some), numbers),
        "6 digits": of_texts(folder, spoken(digit_strings(language, 8), everybody), numbers),
        "strange words refused (menu)": of_nothing(folder, strange, menu),
        "strange words refused (numbers)": of_nothing(folder, strange, numbers),
        "noise, tones, silence refused": of_nothing(folder, sounds(), menu),
        "half words taken for no other": of_nothing(folder, halves(language), menu),
    }


def speed(language: str, folder: Path) -> tuple[float, float, float]:
    """Seconds to load, MB that loading takes, seconds of work for a second of sound."""
    process = psutil.Process()
    before, started = process.memory_info().rss, time.perf_counter()
    model(folder)
    loaded, memory = time.perf_counter() - started, (process.memory_info().rss - before) / 1e6
    texts = [said(text, Speaker(language)) for text in three_digit_numbers(language, 30)]
    phrases = [*number_vocabulary(language), UNKNOWN_WORD]
    started = time.process_time()
    for sound in texts:
        listen(folder, sound, phrases)
    return loaded, memory, (time.process_time() - started) / (sum(map(len, texts)) / BYTES_A_SECOND)


def _spread(values: Sequence[float]) -> str:
    """Tenth percentile and median."""
    if len(values) < 10:
        return " ".join(f"{value:.2f}" for value in sorted(values)) or "none"
    return f"p10 {statistics.quantiles(values, n=10)[0]:.2f}, median {statistics.median(values):.2f}"


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--misheard"]
    base = Path(arguments[0]) if arguments else MODELS
    console = Console(width=150)
    table = Table(
        "language", "what", "words / utterances right", "confidence if right", "confidence if wrong"
    )
    for language in (language for language in MENU if (base / language).is_dir()):
        folder = base / language
        loaded, memory, factor = speed(language, folder)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        console.print(
            f"{language}: {size:.2f} MB, loaded in {loaded:.2f} s, {memory:.0f} MB, factor {factor:.4f}"
        )
        for what, figures in measured(language, folder).items():
            table.add_row(language, what, str(figures), _spread(figures.confident), _spread(figures.wrong))
            if "--misheard" in sys.argv:
                console.print(what, *figures.misheard[:25], sep="\n   ", markup=False)
    console.print(table)


if __name__ == "__main__":
    main()
