"""FreePBX's tables as menus, hours and lines."""

import json
from pathlib import Path

import pytest

from ivr.errors import Plain
from tests.import_samples import imported, loaded, told

BACKUP = {
    "dirs": [],
    "configs": {
        "ivrs": [
            {
                "id": "1",
                "name": "Головне меню",
                "announcement": "7",
                "directdial": "ext-local",
                "invalid_loops": "2",
                "invalid_retry_recording": "default",
                "timeout_time": 8,
                "invalid_destination": "ext-queues,500,1",
                "timeout_loops": "2",
                "timeout_retry_recording": "9",
                "timeout_recording": None,
                "timeout_destination": "app-blackhole,hangup,1",
                "retvm": "",
            },
            {
                "id": "3",
                "name": "Sales &amp; offers",
                "announcement": "8",
                "directdial": "",
                "timeout_time": 10,
                "timeout_destination": "from-did-direct,701,1",
                "invalid_recording": "12",
                "invalid_destination": "ivr-1,s,1",
                "invalid_loops": "0",
            },
        ],
        "entries": {
            "1": [
                {"ivr_id": "1", "selection": "1", "dest": "ivr-3,s,1", "ivr_ret": "0"},
                {"ivr_id": "1", "selection": "2", "dest": "ext-queues,500,1", "ivr_ret": "0"},
                {"ivr_id": "1", "selection": "3", "dest": "ext-group,600,1", "ivr_ret": "0"},
                {"ivr_id": "1", "selection": "55", "dest": "from-did-direct,702,1", "ivr_ret": "0"},
            ],
            "3": [
                {"ivr_id": "3", "selection": "1", "dest": "app-announcement-2,s,1", "ivr_ret": "0"},
                {"ivr_id": "3", "selection": "*", "dest": "ivr-1,s,1", "ivr_ret": "1"},
                {"ivr_id": "3", "selection": "9", "dest": "timeconditions,1,1", "ivr_ret": "0"},
            ],
        },
    },
}
TABLES = {
    "ivr.json": json.dumps(BACKUP),
    "announcement.csv": 'announcement_id,description,recording_id,post_dest\n2,Prices,11,"ivr-3,s,1"\n',
    "timeconditions.csv": "timeconditions_id,displayname,time,truegoto,falsegoto\n"
    '1,Office,4,"ext-queues,500,1","app-blackhole,hangup,1"\n',
    "timegroups.csv": "id,timegroupid,time\n1,4,09:00-18:00|mon-fri|*|*\n2,4,10:00-14:00|sat|*|*\n",
    "recordings.csv": "id;displayname;filename\n7;main;custom/main-menu\n",
    "incoming.tsv": "cidnum\textension\tdestination\tdescription\n"
    "\t0445551234\ttimeconditions,1,1\tMain\n0501112233\t\tivr-1,s,1\tVIP\n",
}


def test_all_tables_together(tmp_path: Path) -> None:
    tables = TABLES | {
        "route.tsv": TABLES["incoming.tsv"].split("\n")[0] + "\n\t0445551235\tivr-1,s,1\tIVR\n"
    }
    plan, done = imported(tmp_path, tables)
    assert (
        (plan / "steps.yaml").read_text()
        == """\
# What callers hear and what each key does.
steps:
  queue-queue-500: {queue: queue-500}
  holovne-meniu:
    menu: [sound-custom-main-menu]
    keys: {1: sales-offers, 2: queue-queue-500, 3: goodbye}
    wait: 8 s
    tries: 3
    say-again: {silent: [sound-recording-9]}
    if-silent: goodbye
    if-wrong-key: queue-queue-500
  call-701: {transfer: "701"}
  sales-offers-if-wrong-key:
    play: [sound-recording-12]
    then: holovne-meniu
  sales-offers:
    menu: [sound-recording-8]
    keys: {1: prices, '*': holovne-meniu, 9: office}
    wait: 10 s
    tries: 1
    if-silent: call-701
    if-wrong-key: sales-offers-if-wrong-key
  prices:
    play: [sound-recording-11]
    then: sales-offers
  office-or:
    hours: hours-10-00-14-00-sat
    if-open: queue-queue-500
    if-closed: goodbye
  office:
    hours: hours-09-00-18-00-mon-fri
    if-open: queue-queue-500
    if-closed: office-or
"""
    )
    assert told(done) == [
        "incoming.tsv:3: route : cidnum=0501112233 | a line is for all callers | use 'choose' with 'caller'",
        "ivr.json:1: 500 | no file describes this queue | import queues.conf too, or add its operators",
        "ivr.json:1: ivr 1: directdial=ext-local | callers cannot dial an extension in a menu"
        " | see the reference",
        "ivr.json:1: keys of ivr 1: dest=ext-group,600,1 | ring groups are queues here"
        " | lead it on by hand; goodbye now",
        "ivr.json:1: keys of ivr 1: selection=55 | menus take one key | ask with `for: digits`",
        "ivr.json:1: keys of ivr 3: ivr_ret=1 | nobody is led back to the menu before | add a key for it",
    ]
    assert {line.numbers for line in loaded(plan).dialplan.lines.values()} == {
        ("0445551234",),
        ("0445551235",),
    }


def test_without_routes_an_ivr_that_nothing_leads_to_is_a_line(tmp_path: Path) -> None:
    details = "id,name,announcement\n1,First,5\n2,Second,6\n"
    entries = 'ivr_id,selection,dest\n1,1,"ivr-2,s,1"\n2,0,"ivr-2,s,1"\n'
    plan, _ = imported(tmp_path, {"ivr_details.csv": details, "ivr_entries.csv": entries})
    assert [(line.names["uk"], line.start) for line in loaded(plan).dialplan.lines.values()] == [
        ("First", "first")
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "a.json",
            "{",
            "a.json:1: this is no JSON (Expecting property name enclosed in double quotes); export it again.",
        ),
        ("a.json", "[]", "a.json: no row of a FreePBX table is in it; export the IVR module's tables."),
        (
            "a.csv",
            "x,y\n",
            "a.csv:1: no table of FreePBX has these columns; the first line must name them,"
            " for instance ivr_id,selection,dest",
        ),
        (
            "notes",
            "hello",
            "notes: this is no file that can be imported; name a queues.conf, an"
            " extensions.conf,"
            " or tables of FreePBX as .csv or .json.",
        ),
        (
            "queues.conf",
            "[general]\n",
            "queues.conf: neither queues nor a dialogue are in it; name a"
            " queues.conf,"
            " extensions.conf or tables of FreePBX.",
        ),
    ],
)
def test_files_that_are_none(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    with pytest.raises(Plain) as raised:
        imported(tmp_path, {name: text})
    assert str(raised.value) == sentence
    assert not (tmp_path / "plan").exists()
