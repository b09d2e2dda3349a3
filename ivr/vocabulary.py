"""Which phrases of a dialplan the speech models cannot understand, with the place that asks for them."""

from pathlib import Path

from ivr.config import Settings
from ivr.dialplan.check import check
from ivr.dialplan.loader import Loaded, load
from ivr.dialplan.problems import Problem
from ivr.prompt_folders import recordings_of
from ivr.speech.models import Models, find_models


def problems_of(folder: Path, settings: Settings) -> list[Problem]:
    """As `ivr.dialplan.check`, and without errors also the phrases that the models do not understand.

    A prompt with a text and without a recording is a warning here; a server that is started refuses it.
    """
    recordings = recordings_of(folder, settings)
    problems = check(folder, recordings, web_address=settings.web_address)
    if any(problem.severity == "error" for problem in problems):
        return problems
    loaded = load(folder, recordings, web_address=settings.web_address)
    return sorted({*problems, *unknown_phrases(loaded, find_models(settings.speech_folders))})


def unknown_phrases(loaded: Loaded, models: Models) -> list[Problem]:
    """A warning for each phrase with words that its language's model does not know, in order of place.

    Languages without a model go by keys anyway: nothing is said of their phrases.
    """
    problems = []
    for phrase in loaded.phrases:
        model = models.usable.get(phrase.language)
        strangers = model.unknown_words([phrase.text]) if model is not None else ()
        if strangers:
            words = ", ".join(f"'{word}'" for word in strangers)
            text = (
                f"the speech model for {phrase.language} does not know {words}, so '{phrase.text}' is never"
                " understood; choose other words"
            )
            problems.append(Problem(phrase.spot, text, "warning"))
    return sorted(set(problems))
