"""What a caller hears, in words and in seconds: the prompts' texts, their recordings, and spoken pieces."""

from pathlib import Path

from ivr.flow.said import Recording, Said
from ivr.media.catalogue import Catalogue, expand
from ivr.media.spoken import SpokenError, words_of
from ivr.prompt_folders import read_texts

LETTERS_A_SECOND = 14.0
"""How fast a prompt without a recording is said."""


class PromptBook:
    """Of `folder`, which holds texts.yaml and LANGUAGE/ID.wav, as first found. Nothing here raises.

    A text that is missing is told as such, for a dialplan may be tried before its prompts are written.
    """

    def __init__(self, folder: Path, languages: tuple[str, ...], *, own: Path | None = None) -> None:
        """`own`: a dialplan's own prompts, which win over those of `folder`."""
        folders = [folder] if own is None else [own, folder]
        self._texts = {id: entry for place in reversed(folders) for id, entry in read_texts(place).items()}
        self._catalogues = [Catalogue(place, languages) for place in folders]
        self._languages = languages
        self._recordings: dict[tuple[str, str], float | None] = {}

    @property
    def known(self) -> frozenset[str]:
        """Ids of all prompts that have a text."""
        return frozenset(self._texts)

    def words(self, said: Said, language: str) -> str:
        """'' where no text is written."""
        if isinstance(said, str):
            return self._text(said, language)
        if isinstance(said, Recording):
            return "(what the caller has said)"
        try:
            return words_of(said, language)
        except SpokenError as error:
            return f"(not said: {error})"

    def seconds(self, said: Said, language: str) -> float:
        """Of its recording; without one, as long as its text takes; nothing for what a caller has said."""
        if isinstance(said, Recording):
            return 0.0
        try:
            ids = expand([said], language)
        except SpokenError:
            return 0.0
        lengths = [self._recorded(prompt, language) for prompt in ids]
        if None not in lengths:
            return sum(length or 0.0 for length in lengths)
        return len(self.words(said, language)) / LETTERS_A_SECOND

    def _recorded(self, prompt: str, language: str) -> float | None:
        key = (prompt, language)
        if key not in self._recordings:
            lengths = (catalogue.seconds(prompt, language) for catalogue in self._catalogues)
            self._recordings[key] = next((length for length in lengths if length is not None), None)
        return self._recordings[key]

    def _text(self, prompt: str, language: str) -> str:
        entry = self._texts.get(prompt, {})
        if "spoken" in entry:
            return entry.get("text", "")
        names = (language, *self._languages)
        return next((entry[name] for name in names if name in entry), "")
