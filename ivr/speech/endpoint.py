"""The trailing silence of a model, changed without touching the model: a folder of links beside it.

Vosk 0.3.45 reads it from `conf/model.conf` only. The older layout has no such file and keeps its 0.5 s.
"""

import re
from pathlib import Path

_RULES = {2: 0.0, 3: 0.5, 4: 1.0}
"""Kaldi's rules for the end after speech: the surer the decoder is of its words, the less silence is needed.
The differences are those of Vosk's own SetEndpointerDelays (later versions)."""
_LINE = re.compile(r"^--endpoint\.rule[234]\.min-trailing-silence=.*$\n?", re.MULTILINE)


def with_trailing_silence(model: Path, end_after: float, into: Path) -> Path:
    """A view of `model` at `into`, which must not exist. The model itself if it has no `conf/model.conf`."""
    settings = model / "conf" / "model.conf"
    if not settings.is_file():
        return model
    (into / "conf").mkdir(parents=True)
    _link_all(model, into, but="conf")
    _link_all(model / "conf", into / "conf", but="model.conf")
    kept = _LINE.sub("", settings.read_text(encoding="utf-8")).rstrip("\n")
    rules = [
        f"--endpoint.rule{rule}.min-trailing-silence={end_after + more:g}" for rule, more in _RULES.items()
    ]
    (into / "conf" / "model.conf").write_text("\n".join([kept, *rules, ""]), encoding="utf-8")
    return into


def _link_all(source: Path, into: Path, but: str) -> None:
    for path in source.iterdir():
        if path.name != but:
            (into / path.name).symlink_to(path.resolve())
