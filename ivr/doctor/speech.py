"""Checks of speech: which languages are understood, and why the others go by keys only."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ivr.doctor.finding import Finding, ok, warn
from ivr.speech import TEST_MODELS
from ivr.speech.models import LANGUAGES, SpeechModel, find_models
from ivr.speech.port import UNKNOWN_WORD

_AREA = "speech"
_GET = (
    "Unpack a small Vosk model of that language (one with graph/HCLr.fst and graph/Gr.fst) "
    "and set DZVIN_SPEECH_MODELS to its folder."
)


def check_speech(folders: Mapping[str, Path]) -> Iterator[Finding]:
    """`folders`: by language. Nothing native is loaded; large vocabularies take seconds to read."""
    models = find_models(folders)
    for language in LANGUAGES:
        if language in models.usable:
            yield _about(models.usable[language])
        else:
            yield warn(_AREA, f"{language}: keys only, because {models.problems[language]}", _GET)


def _about(model: SpeechModel) -> Finding:
    what = f"{model.language}: takes phrases, knows {len(model.words):,} words ({model.folder})"
    if model.folder.resolve().is_relative_to(TEST_MODELS):
        return warn(_AREA, f"{what}, but is a test model: it understands synthetic voices only", _GET)
    if model.knows_unknown:
        return ok(_AREA, what)
    other = f"{what}, but has no word {UNKNOWN_WORD}: it takes any other word for one of a menu's"
    return warn(_AREA, other, "Take a model with that word, such as the official small ones.")
