"""How long saying a phrase takes, at least and at most."""

import pytest

from companion.bench.hearing import bench_phrases
from companion.core.command import Command, Name
from companion.hearing.spoken import spoken_forms
from companion.hearing.utterance import LONGEST
from companion.language.phrases import MOST_LETTERS, Phrase

SPOKEN = {one.text: one for one in spoken_forms(bench_phrases("nl", None), "tafel")}


def test_decoys_stand_last_are_no_command_and_take_nobody_s_words() -> None:
    phrases = bench_phrases("nl", None)
    *said, decoy = spoken_forms(phrases, "tafel", ["volgens mij", "Pauze"])
    assert (decoy.text, decoy.candidate.command) == ("volgens mij", None)
    assert said == list(spoken_forms(phrases, "tafel"))


def test_the_longest_phrase_that_may_be_written_can_be_said_within_an_utterance() -> None:
    longest = Phrase("o" * MOST_LETTERS, Command(Name.HELP), canonical=True)
    assert spoken_forms([longest], None)[0].least_s <= LONGEST


@pytest.mark.parametrize(
    ("text", "seconds", "fits"),
    [
        pytest.param("lees regel acht", 0.6, False, id="nobody reads so fast"),
        pytest.param("lees regel acht", 0.8, True, id="the fastest of the tune half"),
        pytest.param("tafel, lees regel acht", 0.8, False, id="the name takes its time"),
        pytest.param("ja", 0.2, True, id="one syllable"),
        pytest.param("pauze", 0.2, True, id="what a kitchen leaves of two"),
        pytest.param("volgende fase", 0.9, True, id="as usual"),
        pytest.param("volgende fase", 2.4, False, id="something else was said with it"),
        pytest.param("tafel, volgende fase", 2.4, True, id="the name was"),
    ],
)
def test_a_phrase_takes_its_time(text: str, seconds: float, fits: bool) -> None:
    assert (SPOKEN[text].least_s <= seconds <= SPOKEN[text].most_s) is fits


def test_the_name_before_a_phrase_takes_time_and_is_nothing_else() -> None:
    bare, named = (SPOKEN[text].lingers_s(2.0) for text in ("volgende fase", "tafel, volgende fase"))
    assert bare - named == pytest.approx(6 * 0.065)
