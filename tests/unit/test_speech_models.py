"""Models' folders: what is complete, what is told of the rest, and how phrases find the model's spelling."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.doctor import Mark
from ivr.doctor.speech import check_speech
from ivr.errors import Plain
from ivr.flow.wording import normal
from ivr.speech import TEST_MODELS
from ivr.speech.endpoint import with_trailing_silence
from ivr.speech.fst import NoFst, read_head
from ivr.speech.models import _IS_NORMAL, ModelProblem, SpeechModel, find_models, model_folders, read_model
from ivr.speech.port import Heard
from ivr.speech.recognition import heard
from ivr.speech.settings import SpeechHealth, describe
from ivr.speech.wire import (
    Kind,
    Message,
    Orders,
    Unpacker,
    WireError,
    orders_from,
    pack,
    pack_sound,
    sound_of,
)

WORDS = ("<eps>", "так", "ні", "п’ять", "по-українськи", "ещё", "елка", "ёлка", "#0", "[unk]", "[шум]", "<s>")
MODEL_CONF = """--min-active=200
--endpoint.silence-phones=1:2:3
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
--endpoint.rule5.min-utterance-length=20
"""


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<i", len(data)) + data


def table(words: tuple[str, ...]) -> bytes:
    symbols = b"".join(text(word) + struct.pack("<q", number) for number, word in enumerate(words))
    return (
        struct.pack("<i", 2125658996) + text("words") + struct.pack("<qq", len(words), len(words)) + symbols
    )


def fst(kind: str, inputs: tuple[str, ...] | None = None, outputs: tuple[str, ...] | None = None) -> bytes:
    flags = (1 if inputs else 0) | (2 if outputs else 0)
    head = struct.pack("<i", 2125659606) + text(kind) + text("standard") + struct.pack("<ii", 2, flags)
    tables = b"".join(table(words) for words in (inputs, outputs) if words)
    return head + struct.pack("<Qqqq", 0, 0, 1, 0) + tables + b"states and arcs"


def folder(path: Path, words: tuple[str, ...] = WORDS, *, inside: bool = False, old: bool = False) -> Path:
    """A model as it looks from outside. `inside`: words in Gr.fst, as in official small models; `old`: the
    layout with all files in one folder."""
    graph, sound = (path, path) if old else (path / "graph", path / "am")
    conf = path if old else path / "conf"
    for each in (graph, sound, conf):
        each.mkdir(parents=True, exist_ok=True)
    (sound / "final.mdl").write_bytes(b"network")
    (conf / "mfcc.conf").write_text("--sample-frequency=8000\n")
    if not old:
        (conf / "model.conf").write_text(MODEL_CONF)
    (graph / "HCLr.fst").write_bytes(fst("olabel_lookahead"))
    (graph / "Gr.fst").write_bytes(fst("ngram", words, words) if inside else fst("const"))
    (graph / "disambig_tid.int").touch()
    if not inside:
        (graph / "words.txt").write_text("".join(f"{word} {n}\n" for n, word in enumerate(words)))
    return path


@pytest.fixture
def model(tmp_path: Path) -> SpeechModel:
    return read_model("uk", folder(tmp_path / "uk"))


@pytest.mark.parametrize("form", [{}, {"inside": True}, {"old": True}, {"old": True, "inside": True}])
def test_every_layout_is_read(tmp_path: Path, form: dict[str, bool]) -> None:
    model = read_model("uk", folder(tmp_path / "uk", **form))
    assert model.words == {"так", "ні", "п’ять", "по-українськи", "ещё", "елка", "ёлка"}
    assert model.knows_unknown


def test_a_model_without_unk(tmp_path: Path) -> None:
    model = read_model("uk", folder(tmp_path / "uk", ("<eps>", "так")))
    assert not model.knows_unknown
    assert model.grammar(["так"]) == '["так"]'


@pytest.mark.parametrize(
    ("phrase", "spelt"),
    [
        ("так", "так"),
        ("ТАК!", "так"),
        ("  так   ні ", "так ні"),
        ("п'ять", "п’ять"),
        ("пʼять", "п’ять"),
        ("по-українськи", "по-українськи"),
        ("по українськи", "по-українськи"),
        ("так по українськи", "так по-українськи"),
        ("еще", "ещё"),
        ("ещё", "ещё"),
        ("ёлка", "елка"),
        ("по", None),
        ("так щось", None),
        ("", None),
        ("...", None),
        ("[unk]", None),
        ("[шум]", None),
        ("<eps>", None),
        ("#0", None),
    ],
)
def test_phrases_in_the_models_spelling(model: SpeechModel, phrase: str, spelt: str | None) -> None:
    assert model.spelt(phrase) == spelt


def test_the_quick_look_agrees_with_the_normal_form() -> None:
    letters = [chr(code) for code in range(0x20, 0x530)]
    plain = [one for one in letters if _IS_NORMAL(one)]
    assert set("azаяґєії'") <= set(plain)
    assert [normal(one) for one in plain] == plain


def test_unknown_words(model: SpeechModel) -> None:
    assert model.unknown_words(["так", "Де моя посилка", "так моя", "п'ять"]) == ("де", "моя", "посилка")


def test_a_grammar_is_what_vosk_reads(model: SpeechModel) -> None:
    """No escaped letters: Vosk matches nothing with them."""
    grammar = model.grammar(["так", "Так.", "щось", "п'ять ні"])
    assert grammar == '["так", "п’ять ні", "[unk]"]'
    assert json.loads(grammar)[-1] == "[unk]"


@pytest.mark.parametrize("phrases", [[], [""], ["щось"], ["[unk]"], ["<eps>"]])
def test_no_grammar_without_a_known_phrase(model: SpeechModel, phrases: list[str]) -> None:
    assert model.grammar(phrases) is None


def without(name: str) -> Callable[[Path], None]:
    return lambda path: (path / name).unlink()


def containing(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda path: (path / name).write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without("am/final.mdl"), "is no complete Vosk model: final.mdl, mfcc.conf not there"),
        (without("conf/model.conf"), "is no complete Vosk model: conf/model.conf not there"),
        (without("graph/Gr.fst"), "is no complete Vosk model: Gr.fst not there"),
        (without("graph/HCLr.fst"), "is no complete Vosk model: HCLr.fst not there"),
        (without("graph/words.txt"), "words.txt not there"),
        (containing("am/final.mdl", b""), "am/final.mdl is empty"),
        (
            containing("graph/HCLG.fst", b"x"),
            "has a static graph (HCLG.fst), which ignores the menu's phrases",
        ),
        (containing("graph/HCLr.fst", b"x"), "HCLr.fst is damaged"),
        (containing("graph/HCLr.fst", fst("vector")), "is of the kind vector, which takes no phrases"),
        (containing("graph/Gr.fst", b"<html>not a model</html>"), "Gr.fst is damaged: it does not begin"),
        (containing("graph/Gr.fst", fst("ngram", WORDS, WORDS)[:150]), "Gr.fst is damaged"),
        (containing("graph/words.txt", b"\xff\xfe"), "is not written in UTF-8"),
        (containing("graph/words.txt", b"<eps> 0\n"), "knows no words"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, spoil: Callable[[Path], object], told: str) -> None:
    spoil(path := folder(tmp_path / "uk"))
    with pytest.raises(ModelProblem) as problem:
        read_model("uk", path)
    assert told in str(problem.value)
    assert str(path) in str(problem.value)
    assert "\n" not in str(problem.value)


def test_every_cut_of_a_graph_is_noticed(tmp_path: Path) -> None:
    whole, path = fst("ngram", WORDS, WORDS), tmp_path / "Gr.fst"
    for length in range(0, len(whole) - len(b"states and arcs"), 5):
        path.write_bytes(whole[:length])
        with pytest.raises(NoFst):
            read_head(path)


def test_a_folder_that_is_not_there_or_not_readable(tmp_path: Path) -> None:
    with pytest.raises(ModelProblem, match="there is no folder"):
        read_model("uk", tmp_path / "uk")
    folder(tmp_path / "ru")
    (tmp_path / "ru" / "graph" / "words.txt").chmod(0)
    if not os.access(tmp_path / "ru" / "graph" / "words.txt", os.R_OK):
        with pytest.raises(ModelProblem, match="cannot be read"):
            read_model("ru", tmp_path / "ru")


def test_folders_by_language(tmp_path: Path) -> None:
    official = tmp_path / "vosk-model-small-uk-v3-small"
    (tmp_path / "vosk-model-small-en-us-0.15").mkdir()
    (tmp_path / "en").mkdir()
    official.mkdir()
    assert model_folders(".", tmp_path) == {
        "uk": official,
        "ru": tmp_path / "ru",
        "en": tmp_path / "en",
    }
    assert model_folders(f"uk={official}, ru=x/y", tmp_path) == {"uk": official, "ru": tmp_path / "x/y"}


@pytest.mark.parametrize("wrong", ["de=/x", "uk=", "=x", "uk=/x,ru", "uk=/x,uk=/y"])
def test_wrong_settings_are_one_sentence(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_SPEECH_MODELS", wrong)
    with pytest.raises(Plain, match=r"DZVIN_SPEECH_MODELS .*write a folder, or uk=FOLDER"):
        load_settings()


def test_one_language_does_not_spoil_the_others(tmp_path: Path) -> None:
    found = find_models({"uk": folder(tmp_path / "uk"), "ru": tmp_path / "ru"})
    assert found.usable.keys() == {"uk"}
    assert found.problems == {
        "en": "no folder is configured",
        "ru": f"there is no folder {tmp_path / 'ru'}",
    }


def test_the_doctor_says_which_languages_go_by_keys_only(tmp_path: Path) -> None:
    known = folder(tmp_path / "uk")
    findings = list(
        check_speech({"uk": known, "ru": tmp_path / "ru", "en": folder(tmp_path / "en", ("yes",))})
    )
    assert [one.mark for one in findings] == [Mark.OK, Mark.WARN, Mark.WARN]
    assert "uk: takes phrases, knows 7 words" in findings[0].what
    assert "ru: keys only, because there is no folder" in findings[1].what
    assert "has no word [unk]" in findings[2].what
    assert all(one.mend for one in findings[1:])


def test_the_doctor_warns_of_the_shipped_models_for_real_callers() -> None:
    findings = list(check_speech({one: TEST_MODELS / one for one in ("uk", "ru", "en")}))
    assert [one.mark for one in findings] == [Mark.WARN] * 3
    assert all("is a test model: it understands synthetic voices only" in one.what for one in findings)


def test_trailing_silence_without_touching_the_model(tmp_path: Path) -> None:
    model = folder(tmp_path / "uk")
    view = with_trailing_silence(model, 1.2, tmp_path / "views" / "uk")
    lines = (view / "conf" / "model.conf").read_text().splitlines()
    assert lines == [
        "--min-active=200",
        "--endpoint.silence-phones=1:2:3",
        "--endpoint.rule5.min-utterance-length=20",
        "--endpoint.rule2.min-trailing-silence=1.2",
        "--endpoint.rule3.min-trailing-silence=1.7",
        "--endpoint.rule4.min-trailing-silence=2.2",
    ]
    assert (model / "conf" / "model.conf").read_text() == MODEL_CONF
    assert read_model("uk", view).words == read_model("uk", model).words
    old = folder(tmp_path / "old", old=True)
    assert with_trailing_silence(old, 1.2, tmp_path / "views" / "old") == old


def test_results_are_in_normal_form() -> None:
    assert heard([]) == Heard("", 0.0)
    assert heard([("п’ять", 1.0), ("[unk]", 0.5)]) == Heard("п'ять [unk]", 0.75)
    assert heard([("по-українськи", 0.9)]) == Heard("по українськи", 0.9)


def test_messages_survive_any_portions() -> None:
    sent = [
        Message(Kind.OPEN, 7, "так".encode()),
        Message(Kind.PING, 0, b""),
        Message(Kind.SOUND, 2**32 - 1, b"x"),
    ]
    data = b"".join(pack(one.kind, one.stream, one.body) for one in sent)
    for portion in (1, 2, 9, 10, len(data)):
        unpacker, got = Unpacker(), list[Message]()
        for at in range(0, len(data), portion):
            got += unpacker.feed(data[at : at + portion])
        assert got == sent
    (message,) = Unpacker().feed(pack_sound(3, 12.5, b"\1\2"))
    assert sound_of(message) == (12.5, b"\1\2")


@pytest.mark.parametrize(
    ("data", "told"), [(b"\x01" + b"\xff" * 8, "bytes"), (b"\xff" + bytes(8), "kind 255")]
)
def test_what_is_no_message(data: bytes, told: str) -> None:
    with pytest.raises(WireError, match=told):
        list(Unpacker().feed(data))


def test_orders_survive_a_command_line() -> None:
    orders = Orders(
        models={"uk": "/a b/'ї'"},
        threads=2,
        parent=1,
        socket=5,
        niceness=5,
        late_limit=1.5,
        measure=False,
    )
    assert orders_from(orders.dumped()) == orders


def test_the_line_at_the_start() -> None:
    health = SpeechHealth(
        languages=frozenset({"ru", "uk"}), problems={"en": "there is no folder /models/en"}, workers=2,
        workers_alive=2, streams=0, load=0, limit=40, restarts=0, late=0.0, busy_refusals=0, failures=0,
    )  # fmt: skip
    assert describe(health) == (
        "speech is recognised in uk, ru (2 of 2 workers, up to 40 callers speak at once); "
        "en: keys only, because there is no folder /models/en"
    )
