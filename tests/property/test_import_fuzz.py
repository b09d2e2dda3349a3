"""Whatever stands in the files: a dialplan that loads, or one sentence; never a traceback."""

import csv
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import Plain
from tests.import_samples import imported, loaded

NAMES = st.sampled_from(
    [
        "s",
        "a",
        "from-trunk",
        "menu",
        "goodbye",
        "operator",
        "1",
        "2",
        "#",
        "*",
        "i",
        "t",
        "x-y_z",
        "Продажі",
        "_X.",
        "701",
        "0445551234",
        "100",
        "../../etc",
        "💥",
        "queue",
        "sales",
        "a" * 90,
        "${EXTEN}",
        "n",
        "again",
    ]
)
WORDS = st.one_of(
    NAMES, st.text(max_size=12), st.sampled_from(["9:00-18:00", "mon-fri", "*", "22:00-6:00", "31"])
)
DATA = st.lists(WORDS, max_size=5).map(",".join)
APPS = st.sampled_from(
    [
        "Answer",
        "Background",
        "Playback",
        "WaitExten",
        "Goto",
        "GotoIfTime",
        "GotoIf",
        "Queue",
        "Dial",
        "Read",
        "Hangup",
        "Set",
        "System",
        "VoiceMail",
        "NoOp",
        "Macro",
    ]
)
WRITTEN_ODDLY = st.sampled_from(["00", "007", "0000000", "٣", "²"])
CALLS = st.one_of(
    st.builds("{}({})".format, APPS, DATA),
    st.builds("Goto({},{},{})".format, NAMES, NAMES, st.sampled_from(["1", "2", "n", "again"])),
    st.builds("GotoIfTime(9:00-18:00,mon-fri,*,*?{},s,1:{},s,1)".format, NAMES, NAMES),
    st.builds('GotoIf($["${{KEY}}"="{}"]?{},s,1)'.format, st.sampled_from("12#"), NAMES),
    st.builds("Read(KEY,{},{},,{},{})".format, NAMES, *(st.integers(0, 99) | WRITTEN_ODDLY,) * 3),
    st.builds("Dial(PJSIP/{}@trunk,{})".format, NAMES, st.integers(0, 999)),
    st.builds("Queue({},t,,,{})".format, NAMES, st.integers(0, 10**6)),
)
DIALPLAN_LINES = st.one_of(
    st.builds("[{}]".format, NAMES),
    st.builds("[{}](!)".format, NAMES),
    st.builds("[{}]({})".format, NAMES, NAMES),
    st.builds("exten => {},{},{}".format, NAMES, st.sampled_from(["1", "n", "2", "n(again)"]), CALLS),
    st.builds(" same => n,{}".format, CALLS),
    st.builds("include => {}".format, NAMES),
    st.builds("include => {},9:00-17:00,mon-fri,*,*".format, NAMES),
    st.text(max_size=20),
    st.sampled_from(["#include x.conf", "#exec rm", ";-- ", "--;", "; remark", "same =>", "\\"]),
)
QUEUE_KEYS = st.sampled_from(
    [
        "strategy",
        "timeout",
        "wrapuptime",
        "maxlen",
        "weight",
        "joinempty",
        "leavewhenempty",
        "musicclass",
        "announce",
        "announce-frequency",
        "announce-position",
        "announce-holdtime",
        "periodic-announce",
        "context",
        "periodic-announce-frequency",
        "servicelevel",
        "retry",
        "unheard-of",
    ]
)
NUMBERS = st.integers(-5, 10**8).map(str)
QUEUE_LINES = st.one_of(
    st.builds("[{}]".format, NAMES),
    st.builds("[{}]({})".format, NAMES, NAMES),
    st.builds(
        "{} = {}".format, QUEUE_KEYS, st.one_of(WORDS, NUMBERS, st.sampled_from(["yes", "no", "once"]))
    ),
    st.builds("member => PJSIP/{},{},{}".format, st.one_of(NUMBERS, NAMES), NUMBERS, WORDS),
    st.text(max_size=20),
)
DESTINATIONS = st.one_of(
    st.builds(
        "{},{},1".format,
        st.sampled_from(
            [
                "ivr-1",
                "ivr-2",
                "ext-queues",
                "app-announcement-1",
                "app-blackhole",
                "ext-group",
                "from-did-direct",
                "ivr-x",
            ]
        ),
        NAMES,
    ),
    st.builds("timeconditions,{},1".format, st.sampled_from(["1", "2", "9"])),
    st.text(max_size=10),
)
IDS = st.sampled_from(["1", "2", "3", ""])
CELLS = st.one_of(IDS, WORDS, NUMBERS)
ROWS = st.one_of(
    st.fixed_dictionaries(
        {
            "id": IDS,
            "name": WORDS,
            "announcement": CELLS,
            "timeout_time": CELLS,
            "timeout_destination": DESTINATIONS,
            "invalid_destination": DESTINATIONS,
            "invalid_loops": CELLS,
            "timeout_recording": CELLS,
            "invalid_retry_recording": CELLS,
        }
    ),
    st.fixed_dictionaries({"ivr_id": IDS, "selection": NAMES, "dest": DESTINATIONS, "ivr_ret": IDS}),
    st.fixed_dictionaries(
        {"announcement_id": IDS, "description": WORDS, "recording_id": CELLS, "post_dest": DESTINATIONS}
    ),
    st.fixed_dictionaries(
        {
            "timeconditions_id": IDS,
            "displayname": WORDS,
            "time": IDS,
            "truegoto": DESTINATIONS,
            "falsegoto": DESTINATIONS,
        }
    ),
    st.fixed_dictionaries(
        {"timegroupid": IDS, "time": st.sampled_from(["9:00-18:00|mon-fri|*|*", "x", "*|*|1|jan"])}
    ),
    st.fixed_dictionaries({"extension": CELLS, "descr": WORDS}),
    st.fixed_dictionaries(
        {"extension": CELLS, "cidnum": IDS, "destination": DESTINATIONS, "description": WORDS}
    ),
)


def try_out(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            plan, done = imported(folder, files)
        except Plain as error:
            refused = str(error)
        else:
            assert done.lines > 0
            assert (plan / "IMPORT.md").is_file()
            loaded(plan)
            return
        assert len(refused.splitlines()) == 1
        assert not (folder / "plan").exists()


@pytest.mark.timeout(600)
@given(st.lists(DIALPLAN_LINES, max_size=40), st.lists(QUEUE_LINES, max_size=20))
@settings(max_examples=150, deadline=None)
def test_any_configuration_of_asterisk(dialplan: list[str], queues: list[str]) -> None:
    try_out(
        {
            "extensions.conf": "\n".join(["[from-trunk]", "exten => 0800,1,Goto(menu,s,1)", *dialplan]),
            "queues.conf": "\n".join(["[sales]", *queues]),
        }
    )


@pytest.mark.timeout(600)
@given(st.lists(ROWS, max_size=25))
@settings(max_examples=150, deadline=None)
def test_any_rows_of_freepbx(rows: list[dict[str, str]]) -> None:
    try_out({"ivr.json": json.dumps({"configs": rows})})


@given(st.lists(st.lists(CELLS, max_size=6), max_size=10))
@settings(max_examples=30, deadline=None)
def test_any_csv(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["ivr_id", "selection", "dest"], *rows])
    try_out({"entries.csv": text.getvalue()})


@pytest.mark.timeout(600)
@given(st.text(max_size=300), st.sampled_from(["queues.conf", "extensions.conf", "x", "ivr.json", "ivr.csv"]))
@settings(max_examples=100, deadline=None)
def test_any_text(text: str, name: str) -> None:
    try_out({name: text})


@pytest.mark.parametrize(
    "text", ["[" * 5000, "[x]\n" + "a=" * 9000, '{"a":' * 3000, "exten => s,1,Goto(" + "(" * 4000]
)
def test_deep_texts(text: str) -> None:
    for name in ("queues.conf", "ivr.json", "ivr.csv"):
        try_out({name: text})
