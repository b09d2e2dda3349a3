"""Training of the test models without a synthesizer: phones, the graph's text, the model's bytes."""

import struct
from collections import defaultdict

import numpy as np
import pytest

from ivr.speech.port import UNKNOWN_WORD
from ivr.speech.training.corpus import Corpus, Utterance, labels_of, pronunciations
from ivr.speech.training.espeak import SILENCE, Segment, segments_of
from ivr.speech.training.features import FRAME_MIDDLE, FRAME_SHIFT
from ivr.speech.training.graph import LOOP, Costs, any_words, word_loop
from ivr.speech.training.kaldi_binary import model
from ivr.speech.training.network import CONTEXT, Layer, Trainer, frames_of
from ivr.speech.training.phones import Phones, leave, lexicon, phones_of, stay
from ivr.speech.training.run import unheard_phones
from ivr.speech.training.sound import a_law, mu_law, resampled
from ivr.speech.training.vocabulary import (
    LANGUAGES,
    VocabularyError,
    read_sections,
    sentences,
    vocabulary,
)

PHONES = Phones({SILENCE: 1, "a": 3, "k": 1, "t": 2})
LEXICON = {"так": {("t", "a", "k"): 0.75, ("t", "a"): 0.25}, "кат": {("k", "a", "t"): 1.0}}
NUMBERS = {"так": 1, "кат": 2, UNKNOWN_WORD: 3}


def test_phones_lie_between_their_marks_and_words_own_them() -> None:
    marks = [(0, None), (10, "t"), (30, ";"), (50, "a"), (90, None), (90, "_:"), (95, "(en)"), (100, "k")]
    assert list(segments_of(marks, 120)) == [
        Segment(SILENCE, 0, 10, -1),
        Segment("t", 10, 50, 0),
        Segment("a", 50, 90, 0),
        Segment(SILENCE, 90, 100, 1),
        Segment("k", 100, 120, 1),
    ]


def test_a_pronunciation_is_the_phones_of_a_word_without_pauses() -> None:
    spoken = [Segment("t", 0, 1, 0), Segment(SILENCE, 1, 2, 0), Segment("a", 2, 3, 0), Segment("k", 3, 4, 1)]
    assert pronunciations(spoken) == (("t", "a"), ("k",))


def test_a_phone_has_as_many_states_as_its_short_occurrences_have_frames() -> None:
    phones = phones_of({SILENCE: [50.0] * 9, "a": [9.0, 8.0, 10.0], "d": [0.8, 3.0], "n": [2.4, 2.5, 2.6]})
    assert phones.states == {SILENCE: 1, "a": 3, "d": 1, "n": 2}


def test_frames_are_labelled_by_the_state_in_their_middle() -> None:
    begin = 3 * FRAME_SHIFT + FRAME_MIDDLE
    phone = Segment("a", begin, begin + 6 * FRAME_SHIFT, 0)
    labels = labels_of(Utterance(np.zeros((12, 20), dtype=np.float32), (phone,)), PHONES)
    assert labels.tolist() == [0, 0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 0]


def test_a_word_with_a_phone_that_was_never_heard_is_told() -> None:
    corpus = Corpus()
    corpus.pronounced["так"]["t", "a", "k"] += 1
    assert unheard_phones(corpus, PHONES) == []
    corpus.pronounced["це"]["ts", "e"] += 1
    assert unheard_phones(corpus, PHONES) == ["e", "ts"]


def test_rare_ways_to_say_a_word_are_left_out() -> None:
    assert lexicon(["так"], {"так": {("t", "a", "k"): 90, ("t", "a"): 30, ("k",): 2}}) == {
        "так": {("t", "a", "k"): 0.75, ("t", "a"): 0.25}
    }


def test_triples_are_in_kaldis_order_and_each_once() -> None:
    triples = PHONES.triples()
    assert list(triples) == sorted(set(triples))
    assert [state for _, _, state in triples[: PHONES.state_count]] == list(range(PHONES.state_count))


def test_each_word_is_a_path_from_the_loop_to_the_loop_through_the_states_of_its_phones() -> None:
    found = set()
    arcs = defaultdict(list)
    for arc in word_loop(PHONES, LEXICON, NUMBERS, Costs()).arcs:
        arcs[arc.source].append(arc)
    for start in arcs[LOOP]:
        if start.word in (NUMBERS["так"], NUMBERS["кат"]):
            path, here = [start.transition], start.target
            while here != LOOP:
                onwards = [arc for arc in arcs[here] if arc.target != here]
                assert len(onwards) == 1
                path, here = [*path, onwards[0].transition], onwards[0].target
            found.add((start.word, tuple(path[:-1])))
    t, a, k = [leave(4 + 1), leave(4 + 2)], [leave(1), leave(2), leave(3)], [leave(4)]
    assert found == {(1, (*t, *a, *k)), (1, (*t, *a)), (2, (*k, *a, *t))}


def test_states_are_left_and_kept_by_their_own_transitions_and_the_unknown_word_is_long() -> None:
    graph = word_loop(PHONES, LEXICON, NUMBERS, Costs(fewest_unknown_phones=2))
    staying = {
        arc.source: arc.transition for arc in graph.arcs if arc.source == arc.target and arc.transition
    }
    entering = {
        arc.target: arc.transition for arc in graph.arcs if arc.target in staying and arc.source != arc.target
    }
    assert {state: number - 1 for state, number in entering.items()} == staying
    ordinary = {stay(triple) for triple in range(PHONES.state_count)}
    begins = [arc for arc in graph.arcs if arc.word == NUMBERS[UNKNOWN_WORD]]
    assert [arc.transition for arc in begins] == [0]
    firsts = [arc for arc in graph.arcs if arc.source == begins[0].target]
    assert len(firsts) == len(PHONES.speech)
    assert all(staying[arc.target] not in ordinary for arc in firsts)


def test_the_graphs_text_is_openfsts() -> None:
    lines = word_loop(PHONES, LEXICON, NUMBERS, Costs()).text().splitlines()
    assert lines[-1] == "0\t0"
    fields = [line.split("\t") for line in lines[:-1]]
    assert {len(line) for line in fields} == {5}
    assert all(float(line[4]) >= 0 for line in fields)
    transitions = 2 * len(PHONES.triples())
    assert {int(line[2]) for line in fields} <= set(range(transitions + 1))
    assert {int(line[3]) for line in fields} == {0, 1, 2, 3}


def test_without_phrases_each_word_is_as_likely_but_the_unknown_one() -> None:
    *words, end = list(any_words(NUMBERS, unknown_cost=2.0))
    assert [line.split("\t")[2:4] for line in words] == [["1", "1"], ["2", "2"], ["3", "3"]]
    costs = [float(line.split("\t")[4]) for line in words]
    assert costs[0] == costs[1] == pytest.approx(costs[2] - 2.0, abs=1e-3)
    assert end.split("\t")[0] == "0"


def test_the_model_is_kaldis_binary_with_all_weights_in_it() -> None:
    layers = [Layer(np.full((2, 3), 7.5, dtype=np.float32), np.zeros(2, dtype=np.float32))]
    data = model(PHONES, layers, coefficients=3, context=0)
    assert data.startswith(b"\0B<TransitionModel> <Topology> ")
    assert b"FM " + struct.pack("<bibi", 4, 2, 4, 3) + struct.pack("<6f", *[7.5] * 6) in data
    triples = PHONES.triples()
    assert b"<Triples> " + struct.pack("<bi", 4, len(triples)) in data
    assert b"input-node name=input dim=3\n" in data
    assert data.endswith(b"<Priors> FV " + struct.pack("<bi", 4, 0))


def test_a_network_learns_what_its_frames_say_and_takes_features_as_they_come() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 4096).astype(np.int32)
    features = rng.standard_normal((4096, 2)).astype(np.float32) * 3 + 40
    features[:, 0] += 20 * labels
    frames = frames_of([features[:2000], features[2000:]], [labels[:2000], labels[2000:]])
    trainer = Trainer(frames, 2, rng)
    losses = []
    trainer.train(8, lambda _, loss: losses.append(loss))
    seen = frames.around(np.arange(4096))
    for layer in trainer.layers(0.0):
        seen = seen @ layer.weights.T + layer.bias
        if layer.weights.shape[0] > 2:
            seen = np.maximum(seen, 0)
    assert losses[-1] < losses[0]
    assert np.mean(seen.argmax(axis=1) == labels) > 0.95


def test_beyond_an_utterances_ends_its_own_frames_are_repeated() -> None:
    features = [np.array([[1.0], [2.0]], dtype=np.float32), np.array([[3.0]], dtype=np.float32)]
    frames = frames_of(features, [np.zeros(2, dtype=np.int32), np.zeros(1, dtype=np.int32)])
    first, last, other = frames.around(np.array([0, 1, 2])).tolist()
    assert first == [1.0] * (CONTEXT + 1) + [2.0] * CONTEXT
    assert last == [1.0] * CONTEXT + [2.0] * (CONTEXT + 1)
    assert other == [3.0] * (2 * CONTEXT + 1)


@pytest.mark.parametrize("law", [mu_law, a_law])
def test_companding_keeps_a_voice_within_its_steps(law: object) -> None:
    sound = np.linspace(-30000, 30000, 601, dtype=np.float32)
    assert callable(law)
    back = law(sound)
    assert np.abs(back - sound).max() < 0.04 * 30000
    assert np.all(np.diff(back) >= 0)


def test_resampling_keeps_a_tone() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050).astype(np.float32)
    slow = resampled(tone, 22050)
    assert len(slow) == 8000
    assert np.abs(slow - np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).max() < 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_vocabularies_have_the_words_of_the_server_and_sentences_only_their_own(language: str) -> None:
    known = vocabulary(language)
    assert 150 <= len(known.words) <= 400
    teaching = {word for phrase in known.others for word in phrase.text.split()}
    speech = sentences(known, np.random.default_rng(5))
    said = {word for _ in range(300) for word in next(speech).text.split()}
    assert said <= teaching | set(known.words)
    assert len(said) > 150


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[menus]\nтак", "voc:2: [menus] is no section; there are menu, comments, others"),
        ("[menu]\nТак", "voc:2: 'Так' is to be written 'так'"),
        ("[menu]\nеще = еще раз", "voc:2: what is spoken for 'еще' must have as many words"),
    ],
)
def test_a_wrong_line_of_a_vocabulary_is_told_with_its_place(line: str, reason: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        read_sections(line, "voc")
    assert str(caught.value) == reason
