"""queues.conf as queues and operators."""

from pathlib import Path

from tests.import_samples import imported, loaded, told

QUEUES = """\
[general]
persistentmembers = yes

[standard](!)          ; what most queues share
strategy = rrmemory
timeout = 15
wrapuptime = 20
joinempty = no
leavewhenempty = yes

[sales](standard)
maxlen = 30
announce-frequency = 45
announce-position = yes
announce-holdtime = once
context = sales-keys
musicclass = Jazz
member => PJSIP/701,0,Олена Коваль
member => PJSIP/702,5,Ihor

[support](standard)
timeout = 300
;-- an old queue
[gone]
member => PJSIP/709
--;
servicelevel = 30
weight = 200
member => Local/702@from-queue/n
member => Agent/@1
colour = red
"""


def test_queues_and_operators(tmp_path: Path) -> None:
    plan, done = imported(tmp_path, {"queues.conf": QUEUES})
    assert (
        (plan / "queues.yaml").read_text()
        == """\
# Where callers wait.
queues:
  sales:
    name: sales
    ring: 15 s
    wrap-up: 20 s
    max-waiting: 30
    leave-if-nobody-logged-in: true
    announce: {every: 45 s, position: true, expected-wait: true, music: jazz}
    skills: {sales: {level: 10, relax: [{after: 15 s, level: 9}]}}
  support:
    name: support
    ring: 2 min
    wrap-up: 20 s
    answer-within: 30 s
    priority: 100
    leave-if-nobody-logged-in: true
"""
    )
    assert (
        (plan / "operators.yaml").read_text()
        == """\
# Who answers, on which phone.
operators:
  olena-koval:
    name: Олена Коваль
    phone: {number: "701"}
    queues: [sales]
    skills: {sales: 10}
  ihor:
    name: Ihor
    phone: {number: "702"}
    queues: [sales, support]
    skills: {sales: 9}
"""
    )
    assert told(done) == [
        "queues.conf:5: strategy=rrmemory | the operator who is free for the longest time is called"
        " | nothing, or give operators skills",
        "queues.conf:11: [sales] member penalties | penalties became levels of the skill 'sales'; the next"
        " ones are called after 15 s | see 'relax' of the queue",
        "queues.conf:11: sales | its number is not in the files; it got 100 | write the number",
        "queues.conf:15: announce-holdtime=once | it is said at every announcement | see 'expected-wait'",
        "queues.conf:16: context=sales-keys | the context is not in the files"
        " | import its extensions.conf too",
        "queues.conf:17: musicclass=Jazz | the music itself is not carried over"
        " | copy it as the class 'jazz'",
        "queues.conf:21: support | its number is not in the files; it got 101 | write the number",
        "queues.conf:22: timeout=300 | it must be 3 s to 2 min; it became 2 min | see 'ring'",
        "queues.conf:28: weight=200 | it must be -100 to 100; it became 100 | see the reference",
        "queues.conf:30: member=Agent/@1 | no telephone number is in it | add the operator by hand",
        "queues.conf:31: colour=red | there is no such key here | see the keys of queues in the reference",
    ]
    settings = loaded(plan).settings
    assert {str(name) for name in settings.queues} == {"sales", "support"}
    assert {operator.phone for operator in settings.operators.values()} == {"701", "702"}


def test_each_queue_has_a_line_when_there_is_no_dialogue(tmp_path: Path) -> None:
    plan, done = imported(tmp_path, {"queues.conf": "[one]\nmember => SIP/100\n[two]\n"})
    dialplan = loaded(plan).dialplan
    assert (
        "queues.conf:1: [one] | Asterisk lets callers wait where nobody is logged in unless told otherwise;"
        " here they leave | see leave-if-nobody-logged-in"
    ) in told(done)
    assert {line.numbers for line in dialplan.lines.values()} == {("101",), ("102",)}


def test_callers_stay_where_asterisk_kept_them(tmp_path: Path) -> None:
    plan, _ = imported(tmp_path, {"queues.conf": "[one]\njoinempty=yes\nleavewhenempty=no\n"})
    assert "leave-if-nobody-logged-in: false" in (plan / "queues.yaml").read_text()
