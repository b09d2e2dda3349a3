"""What a caller hears, in words and in seconds: the prompts' texts, their recordings, and spoken pieces."""

from collections.abc import Mapping
from pathlib import Path

from ivr.dialplan.problems import Report
from ivr.dialplan.tree import read_tree, to_plain
from ivr.flow.said import Said
from ivr.media.catalogue import Catalogue, expand
from ivr.media.spoken import SpokenError, words_of

LETTERS_A_SECOND = 14.0
"""How fast a prompt without a recording is said."""


class PromptBook:
    """Of `folder`, which holds texts.yaml and LANGUAGE/ID.wav. Nothing here raises.

    A text that is missing is told as such, for a dialplan may be tried before its prompts are written.
    """

    def __init__(self, folder: Path, languages: tuple[str, ...]) -> None:
        self._texts = _texts(folder / "texts.yaml")
        self._catalogue = Catalogue(folder, languages)
        self._languages = languages

    @property
    def known(self) -> frozenset[str]:
        """Ids of all prompts that have a text."""
        return frozenset(self._texts)

    def words(self, said: Said, language: str) -> str:
        """'' where no text is written."""
        if isinstance(said, str):
            return self._text(said, language)
        try:
            return words_of(said, language)
        except SpokenError as error:
            return f"(not said: {error})"

    def seconds(self, said: Said, language: str) -> float:
        """Of its recording; without one, as long as its text takes."""
        try:
            ids = expand([said], language)
        except SpokenError:
            return 0.0
        lengths = [self._catalogue.seconds(prompt, language) for prompt in ids]
        if None not in lengths:
            return sum(length or 0.0 for length in lengths)
        return len(self.words(said, language)) / LETTERS_A_SECOND

    def _text(self, prompt: str, language: str) -> str:
        entry = self._texts.get(prompt, {})
        if "spoken" in entry:
            return entry.get("text", "")
        names = (language, *self._languages)
        return next((entry[name] for name in names if name in entry), "")


def _texts(path: Path) -> Mapping[str, Mapping[str, str]]:
    """{id: {language: text}}, or with the keys 'spoken' and 'text'; {} where there are none to be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    tree = read_tree(data, str(path), Report())
    plain = to_plain(tree) if tree is not None else None
    if not isinstance(plain, dict):
        return {}
    return {
        str(prompt): {str(name): str(text) for name, text in entry.items()}
        for prompt, entry in plain.items()
        if isinstance(entry, dict)
    }
