"""Vosk models as folders by language: are they whole, can they take phrases, and which words do they know?

Nothing native is loaded here: a broken model must not take the server with it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.flow.wording import normal
from ivr.speech.fst import NoFst, read_head
from ivr.speech.port import UNKNOWN_WORD

LANGUAGES = ("uk", "ru", "en")
_NO_WORDS = ("<", "#", "[", "!")
"""First letters of symbols that are no words: <eps>, #0, [noise], !SIL. A grammar with one of them can
crash the recogniser."""
_LONGEST_JOINED = 3
_IS_NORMAL = re.compile("[a-zа-яґєії']+").fullmatch
"""A quick look, for half a million words: true only for words that `normal` leaves as they are."""


class ModelProblem(Exception):
    """Why a language has no recognition, in one sentence."""


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """A usable model and its vocabulary."""

    language: str
    folder: Path
    words: frozenset[str] = field(repr=False)
    knows_unknown: bool
    """It has UNKNOWN_WORD: speech that is none of the phrases can be told from them."""
    odd: Mapping[str, str] = field(repr=False, compare=False)
    """Normal form -> the model's own spelling, of words where they differ: 'пять' with ё, ’, a hyphen."""

    def spelt(self, phrase: str) -> str | None:
        """The phrase as the model spells it; None if it does not know all of its words."""
        words, left = list[str](), normal(phrase).split()
        while left:
            count = next((n for n in range(_LONGEST_JOINED, 0, -1) if self._word(left[:n]) is not None), 0)
            word = self._word(left[:count])
            if word is None:
                return None
            words.append(word)
            left = left[count:]
        return " ".join(words) or None

    def unknown_words(self, phrases: Iterable[str]) -> tuple[str, ...]:
        """Normal words of those phrases that the model cannot spell, each once, in their order."""
        unspelt = [normal(phrase).split() for phrase in phrases if self.spelt(phrase) is None]
        return tuple(dict.fromkeys(word for words in unspelt for word in words if self._word([word]) is None))

    def grammar(self, phrases: Sequence[str]) -> str | None:
        """The phrases that the model knows, as Vosk takes them; None if there are none.

        Vosk crashes on an empty list, drops unknown words silently, and reads no escaped Cyrillic letters.
        """
        known = dict.fromkeys(spelt for phrase in phrases if (spelt := self.spelt(phrase)))
        if not known:
            return None
        return json.dumps([*known, *([UNKNOWN_WORD] if self.knows_unknown else [])], ensure_ascii=False)

    def _word(self, parts: Sequence[str]) -> str | None:
        joined = " ".join(parts)
        return joined if joined in self.words else self.odd.get(joined)


@dataclass(frozen=True, slots=True)
class Models:
    """What was found for each language: a model, or a sentence that says why there is none."""

    usable: Mapping[str, SpeechModel]
    problems: Mapping[str, str]


def model_folders(setting: str, base: Path) -> Mapping[str, Path]:
    """Language -> folder. `setting`: one folder with a folder for each language, named by the language or as
    Vosk's authors name it (vosk-model-small-uk-v3-small), or 'uk=FOLDER,ru=FOLDER'. Relative ones are below
    `base`. ValueError: one sentence."""
    if "=" not in setting:
        parent = base / Path(setting).expanduser()
        return {language: _folder_for(language, parent) for language in LANGUAGES}
    folders: dict[str, Path] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        language, _, folder = (piece.strip() for piece in part.partition("="))
        if language not in LANGUAGES or not folder or language in folders:
            raise ValueError(f"write a folder, or uk=FOLDER,ru=FOLDER,en=FOLDER; {part!r} is neither")
        folders[language] = base / Path(folder).expanduser()
    return folders


def _folder_for(language: str, parent: Path) -> Path:
    official = sorted(path for path in parent.glob(f"vosk-model*-{language}-*") if path.is_dir())
    plain = parent / language
    return official[0] if official and not plain.is_dir() else plain


def find_models(folders: Mapping[str, Path]) -> Models:
    """Look at every folder; takes up to some seconds with large vocabularies."""
    usable: dict[str, SpeechModel] = {}
    problems = {one: "no folder is configured" for one in LANGUAGES if one not in folders}
    for language, folder in folders.items():
        try:
            usable[language] = read_model(language, folder)
        except ModelProblem as problem:
            problems[language] = str(problem)
    return Models(usable, problems)


def read_model(language: str, folder: Path) -> SpeechModel:
    """ModelProblem when the folder is no complete model with a dynamic graph."""
    if not folder.is_dir():
        raise ModelProblem(f"there is no folder {folder}")
    try:
        symbols = _check(folder)
    except OSError as error:
        raise ModelProblem(f"{folder} cannot be read: {error.strerror}") from None
    words = frozenset(symbol for symbol in symbols if symbol and not symbol.startswith(_NO_WORDS))
    if not words:
        raise ModelProblem(f"{folder} knows no words")
    strange = (word for word in sorted(words) if not _IS_NORMAL(word))
    odd = {form: word for word in strange if (form := normal(word)) != word}
    return SpeechModel(language, folder, words, UNKNOWN_WORD in symbols, odd)


def _check(folder: Path) -> frozenset[str]:
    """The model's symbols. Vosk knows two layouts: `am/`, `conf/`, `graph/`, or all files in one folder."""
    in_folders = (folder / "am" / "final.mdl").exists()
    graph = folder / "graph" if in_folders else folder
    sound = (
        ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf") if in_folders else ("final.mdl", "mfcc.conf")
    )
    _need(folder, sound)
    if (graph / "HCLG.fst").exists():
        raise ModelProblem(
            f"{folder} has a static graph (HCLG.fst), which ignores the menu's phrases; "
            "take a model with HCLr.fst and Gr.fst, such as the small ones"
        )
    _need(graph, ("HCLr.fst", "Gr.fst", "disambig_tid.int"), may_be_empty=("disambig_tid.int",))
    _words_of(graph / "HCLr.fst", "olabel_lookahead")
    own = _words_of(graph / "Gr.fst")
    return own if own is not None else _listed(graph)


def _need(folder: Path, files: Sequence[str], may_be_empty: Sequence[str] = ()) -> None:
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise ModelProblem(f"{folder} is no complete Vosk model: {', '.join(missing)} not there")
    empty = [name for name in files if name not in may_be_empty and not (folder / name).stat().st_size]
    if empty:
        raise ModelProblem(f"{folder} is no complete Vosk model: {', '.join(empty)} is empty")


def _words_of(path: Path, kind: str = "") -> frozenset[str] | None:
    try:
        head = read_head(path)
    except NoFst as problem:
        raise ModelProblem(f"{path} is damaged: {problem}") from None
    if kind and head.kind != kind:
        raise ModelProblem(f"{path} is of the kind {head.kind}, which takes no phrases; it must be {kind}")
    return head.words


def _listed(graph: Path) -> frozenset[str]:
    _need(graph, ("words.txt",))
    try:
        lines = (graph / "words.txt").read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise ModelProblem(f"{graph / 'words.txt'} is not written in UTF-8") from None
    return frozenset(parts[0] for line in lines if (parts := line.split()))
