"""extensions.conf as lines and steps."""

from pathlib import Path

import pytest

from ivr.flow import model
from tests.import_samples import imported, loaded, told

DIALPLAN = """\
[globals]
TRUNK = PJSIP/provider

[from-trunk]
exten => 0445551234,1,Answer()
 same => n,GotoIfTime(09:00-18:00,mon-fri,*,*?main-menu,s,1)
 same => n,Playback(custom/closed)
 same => n,Hangup()
exten => 0445551235,1,Goto(support-line,s,1)

[main-menu]
exten => s,1,Set(TIMEOUT(response)=7)
exten => s,n(again),Background(custom/welcome&custom/choose)
exten => s,n,WaitExten()
exten => 1,1,Goto(sales-line,s,1)
exten => 2,1,Queue(support,t,,,300)
exten => 2,n,VoiceMail(700@default)
exten => 3,1,Dial(PJSIP/0501112233@provider,20)
exten => 3,n,Playback(vm-goodbye)
exten => 3,n,Hangup()
exten => _7XX,1,Dial(PJSIP/${EXTEN})
exten => i,1,Playback(pbx-invalid)
exten => i,n,Goto(s,again)
exten => t,1,Goto(sales-line,s,1)

[sales-line]
exten => s,1,NoOp(sales)
exten => s,n,System(touch /tmp/pwned)
exten => s,n,Queue(sales)

[support-line]
exten => s,1,Read(KEY,custom/support-menu,1,,2,5)
 same => n,GotoIf($["${KEY}"="1"]?sales-line,s,1)
 same => n,GotoIf($["${KEY}" = "2"]?billing)
 same => n,Hangup()
 same => n(billing),Read(ACCOUNT,custom/account,8)
 same => n,Queue(billing)

[from-internal]
exten => 701,1,Dial(PJSIP/701)
#include extra.conf
"""
QUEUES = """\
[sales]
context = sales-keys
joinempty = no
leavewhenempty = yes
member => PJSIP/701
[support]
joinempty = no
leavewhenempty = yes
member => PJSIP/701
[billing]
joinempty = no
leavewhenempty = yes
member => PJSIP/702
"""


def test_a_dialogue(tmp_path: Path) -> None:
    keys = "[sales-keys]\nexten => 1,1,Goto(main-menu,s,1)\n"
    files = {"queues.conf": QUEUES, "extensions.conf": DIALPLAN, "extensions_keys.conf": keys}
    plan, done = imported(tmp_path, files)
    assert (
        (plan / "steps.yaml").read_text()
        == """\
# What callers hear and what each key does.
steps:
  from-trunk-0445551234:
    hours: hours-09-00-18-00-mon-fri
    if-open: main-menu
    if-closed: from-trunk-0445551234-3
  from-trunk-0445551234-3: {hang-up: [sound-custom-closed]}
  main-menu:
    menu: [sound-custom-welcome, sound-custom-choose]
    keys: {1: sales-line, 2: main-menu-2, 3: main-menu-3}
    wait: 7 s
    if-silent: sales-line
    say-again: {wrong-key: [wrong-key]}
  support-line:
    menu: [sound-custom-support-menu]
    keys: {1: sales-line, 2: support-line-5}
    tries: 2
    wait: 5 s
    if-silent: support-line-4
    if-wrong-key: support-line-4
  main-menu-2:
    queue: support
    if-full: main-menu-2-2
    if-waited-too-long: main-menu-2-2
    if-nobody-logged-in: main-menu-2-2
  main-menu-3:
    transfer: "0501112233"
    ring: 20 s
    if-not-answered: main-menu-3-2
  sales-line:
    queue: sales
    leave-keys: {1: main-menu}
  support-line-5:
    ask: [sound-custom-account]
    for: digits
    name: account
    length: 1-8
    confirm: false
    then: support-line-6
    if-silent: support-line-6
  support-line-4: {hang-up: []}
  main-menu-2-2: {hang-up: []}
  main-menu-3-2: {hang-up: [goodbye]}
  support-line-6: {queue: billing}
"""
    )
    assert (
        (plan / "lines.yaml").read_text()
        == """\
# The numbers that callers dial.
lines:
  line-0445551234:
    name: line-0445551234
    numbers: ["0445551234"]
    start: from-trunk-0445551234
  line-0445551235:
    name: line-0445551235
    numbers: ["0445551235"]
    start: support-line
"""
    )
    assert (plan / "prompts/texts.yaml").read_text().splitlines()[1:3] == [
        "sound-custom-account:",
        "  uk: custom/account",
    ]
    assert told(done) == [
        "extensions.conf:17: VoiceMail(700@default) | voicemail is not carried over"
        " | ask with `for: utterance`, see the reference",
        "extensions.conf:21: exten => _7XX | menus take one key; longer numbers and patterns are not carried"
        " over | ask with `for: digits`",
        "extensions.conf:28: System(touch /tmp/pwned) | programs are not carried over and were not run"
        " | use a web service",
        "extensions.conf:36: Read(ACCOUNT,custom/account,8) | the digits are kept as 'account'"
        " | use them in 'choose' or 'web'",
        "extensions.conf:39: [from-internal] | no line leads here"
        " | lead a line or key to it and import again",
        "extensions.conf:41: #include extra.conf | other files are not followed"
        " | name that file in the command too",
    ]
    menu = loaded(plan).dialplan.steps["main-menu"]
    assert isinstance(menu, model.Menu)
    assert menu.wait_for == 7.0


def steps(tmp_path: Path, text: str) -> tuple[str, list[str]]:
    plan, done = imported(tmp_path, {"extensions.conf": text})
    loaded(plan)
    return (plan / "steps.yaml").read_text().partition("steps:\n")[2], told(done)


def test_an_include_with_a_time_is_opening_hours(tmp_path: Path) -> None:
    written, _ = steps(
        tmp_path,
        """\
[from-trunk]
include => day,08:00-20:00,mon-sat,*,*
include => night
[day]
exten => 0800,1,Dial(SIP/701)
[night]
exten => 0800,1,Playback(closed)
""",
    )
    assert (
        written
        == """\
  day-hours:
    hours: hours-08-00-20-00-mon-sat
    if-open: day-0800
    if-closed: night-0800
  night-0800: {hang-up: [sound-closed]}
  day-0800: {transfer: "701"}
"""
    )


def test_a_yearly_day_is_an_exception(tmp_path: Path) -> None:
    steps(tmp_path, "[from-trunk]\nexten => 0800,1,GotoIfTime(*,*,1,jan?done)\n same => n(done),Hangup\n")
    assert (
        (tmp_path / "plan/hours.yaml").read_text().partition("hours:\n")[2]
        == """\
  hours-1-jan:
    week: {daily: closed}
    exceptions: [{on: 01-01, open: [00:00-24:00]}]
"""
    )


def test_days_of_every_month_are_exceptions(tmp_path: Path) -> None:
    steps(tmp_path, "[from-trunk]\nexten => 0800,1,GotoIfTime(*,*,1-4&15,*?done)\n same => n(done),Hangup\n")
    assert (
        (tmp_path / "plan/hours.yaml").read_text().partition("hours:\n")[2]
        == """\
  hours-1-4-15:
    week: {daily: closed}
    exceptions: [{every-month: 1-4, open: [00:00-24:00]}, {every-month: "15", open: [00:00-24:00]}]
"""
    )


def test_a_circle_in_which_nobody_listens_is_cut(tmp_path: Path) -> None:
    circle = "[from-trunk]\nexten => 0800,1,Playback(a)\n same => n,Goto(from-trunk,0800,1)\n"
    written, report = steps(tmp_path, circle)
    assert written == "  from-trunk-0800:\n    play: [sound-a]\n    then: goodbye\n"
    assert report == [
        "extensions.conf:1: step from-trunk-0800 | it led back to 'from-trunk-0800' without listening to the"
        " caller; it ends with goodbye now | lead it to a menu or queue"
    ]


@pytest.mark.parametrize(
    ("attempts", "tries"), [("0", None), ("00", None), ("0000000", None), ("02", 2), ("9", 5)]
)
def test_how_often_a_question_is_asked(attempts: str, tries: int | None, tmp_path: Path) -> None:
    asks = f"[from-trunk]\nexten => 0800,1,Read(KEY,hello,1,,{attempts})\n same => n,Hangup\n"
    written, _ = steps(tmp_path, asks)
    assert ("tries:" in written) is (tries is not None)
    assert f"tries: {tries}" in written or tries is None


def test_lost_places_and_patterns_are_told(tmp_path: Path) -> None:
    lost = "[from-trunk]\nexten => _X.,1,Goto(nowhere,s,1)\n"
    plan, done = imported(tmp_path, {"extensions.conf": lost})
    assert [(line.numbers, line.start) for line in loaded(plan).dialplan.lines.values()] == [
        (("100",), "goodbye")
    ]
    assert told(done) == [
        "extensions.conf:2: Goto(nowhere,s,1) | it leads to a place that is not in the files"
        " | lead it on by hand; goodbye now",
        "extensions.conf:2: from-trunk-_X. | its number is not in the files; it got 100 | write the number",
    ]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ("22:00-06:00,*,*,*", "22:00-06:00"),
        ("00:00-23:59|sat-mon|*|*", "00:00-24:00"),
        ("*,*,*,*", "00:00-24:00"),
    ],
)
def test_times(tmp_path: Path, data: str, kept: str) -> None:
    steps(tmp_path, f"[from-trunk]\nexten => 0800,1,GotoIfTime({data}?done)\n same => n(done),Hangup\n")
    assert kept in (tmp_path / "plan/hours.yaml").read_text()
