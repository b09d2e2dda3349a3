"""The fences of the house: pure parts import the standard library only, each library lives in one place.

The direction between our own packages is checked by import-linter (`[tool.importlinter]` in pyproject.toml).
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"acd", "ivr"}
HOME_OF = {
    "panoramisk": "ivr/asterisk",
    "sqlalchemy": "acd/storage",
    "alembic": "acd/storage",
    "aiosqlite": "acd/storage",
    "asyncpg": "acd/storage",
    "aiohttp": ("acd/web", "ivr/hooks"),  # the server's side and the client's
    "prometheus_client": "acd/web",
    "aiomqtt": "acd/mqtt",
    "paho": "acd/mqtt",
    "ruamel": "ivr/dialplan",
    "holidays": "ivr/dialplan",
    "pydub": "ivr/media",
    "num2words": "ivr/media",
    "vosk": "ivr/speech",
    "webrtcvad": "ivr/speech",
    "graphviz": "ivr/graph",
    "phonenumbers": "ivr/numbers.py",
    "kaldi_native_fbank": "ivr/speech/training",
    "uvloop": "ivr/loop.py",
    "obstore": "ivr/recordings",
    "cryptography": "ivr/recordings",
}


def modules_imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def sources(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, f"{package} has no sources: the check would check nothing"
    return found


@pytest.mark.parametrize("package", ["acd/core", "ivr/flow"])
def test_pure_parts_import_the_standard_library_only(package: str) -> None:
    foreign = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources(package)
        for module in modules_imported_by(path)
        if module.split(".")[0] not in sys.stdlib_module_names | OURS
    ]
    assert foreign == []


def test_each_library_lives_in_one_place() -> None:
    strangers = [
        f"{path.relative_to(ROOT)}: {module}, whose home is {home}"
        for package in OURS
        for path in sources(package)
        for module in modules_imported_by(path)
        if (home := HOME_OF.get(module.split(".")[0])) and not str(path.relative_to(ROOT)).startswith(home)
    ]
    assert strangers == []


def test_files_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for package in OURS
        for path in sources(package)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert long == []
