"""The real Whisper base on a few Dutch commands, and its decoder against CTranslate2's own."""

import json

import ctranslate2
import numpy as np
import pytest

from companion.bench.cost import WAYS
from companion.bench.hearing import bare, bench_phrases
from companion.bench.moments import attention_at, moment_of
from companion.bench.sound import blocks, silence
from companion.cli import main
from companion.core.errors import PhraseError, SettingsError
from companion.hearing.calibration import load_calibration
from companion.hearing.engines import open_recogniser
from companion.hearing.listener import Listener, Trace
from companion.hearing.mel import log_mel
from companion.hearing.recogniser import LIKELIEST, LIKELIEST_DECOYS
from companion.hearing.tree import tree_of
from companion.hearing.whisper import WhisperRecogniser
from companion.language.phrases import decoys, understand
from tests.hearing.speech import SPEECH, clip, need_model, rows

pytestmark = pytest.mark.model

PHRASES = bench_phrases("nl", None)
TEXTS = [phrase.text for phrase in PHRASES]


@pytest.fixture(scope="module")
def whisper() -> WhisperRecogniser:
    need_model("whisper-base")
    return WhisperRecogniser("nl")


def heard(whisper: WhisperRecogniser, row: dict[str, str | None]) -> tuple[bool, list[Trace]]:
    """Whether the clip's command, or any for a clip that has none, came out of the whole way."""
    traces: list[Trace] = []
    listener = Listener(PHRASES, whisper, load_calibration(whisper.model, "nl"), "tafel", traces.append)
    command = understand(bare(str(row["expect"]), "tafel"), PHRASES) if row["expect"] else None
    listener.attend(attention_at(moment_of(command), PHRASES, named_only=False))
    sound = np.concatenate([silence(1.5), clip(row), silence(1.0)])
    found = [one for block in blocks(sound) if (one := listener.feed(block)) is not None]
    assert all(one.command == command for one in found)
    return bool(found), traces


def test_dutch_commands_are_heard(whisper: WhisperRecogniser) -> None:
    said = rows("nl-commands.jsonl")[::79]
    assert len(said) >= 10
    found = [heard(whisper, row) for row in said]
    assert all(len(traces) == 1 for _, traces in found), "each stands alone"
    assert sum(accepted for accepted, _ in found) >= 0.6 * len(said)


def test_dutch_sentences_are_ignored(whisper: WhisperRecogniser) -> None:
    talk = rows("nl-ignore.jsonl")[:5]
    assert [heard(whisper, row)[0] for row in talk] == [False] * 5


def test_the_tree_scores_as_the_texts_alone_do(whisper: WhisperRecogniser) -> None:
    whisper.prepare(TEXTS)
    sound = clip(rows("nl-commands.jsonl")[0])
    together = whisper.scores(sound, [3, 9, 20]).phrases
    alone = [whisper.scores(sound, [place]).phrases[0] for place in (3, 9, 20)]
    assert together == pytest.approx(alone, abs=1e-4)


def test_the_decoder_agrees_with_ctranslate2(whisper: WhisperRecogniser) -> None:
    """Both read the same weights; CTranslate2 computes with 8-bit integers, so they differ a little."""
    sound = clip(rows("nl-commands.jsonl")[0])
    encoded = whisper._network.encode(ctranslate2.StorageView.from_array(log_mel(sound, 600)[None]), to_cpu=True)
    text = whisper._tokens(" Volgende fase")
    theirs = whisper._network.generate(
        encoded,
        [whisper._prompt + text],
        beam_size=1,
        max_length=2 * (len(text) + 5),
        return_logits_vocab=True,
        suppress_blank=False,
        suppress_tokens=[],
    )[0].logits[0]
    encoded_sound = np.array(encoded)[0]
    ours = [
        whisper._decoder.scores(tree_of(whisper._prompt, [text[:length]]), encoded_sound, [text[length]])[0]
        for length in range(1, len(text))
    ]
    rows_of = [np.array(logits, np.float64) for logits in theirs[: len(text)]]
    steps = [row[token] - np.logaddexp.reduce(row) for token, row in zip(text, rows_of, strict=False)]
    for length, mean in enumerate(ours[: len(steps) - 1], 2):
        assert mean == pytest.approx(np.mean(steps[:length]), abs=0.5)


def test_without_a_speller_a_name_that_was_not_said_is_cut_off_early() -> None:
    need_model("whisper-base")
    english = WhisperRecogniser("en", spells=False)
    texts = [phrase.text for phrase in bench_phrases("en", None)]
    english.prepare([*texts, *(f"table, {text}" for text in texts)])
    scores = english.scores(clip(rows("en-standin.jsonl")[0]), range(2 * len(texts))).phrases
    assert set(scores[len(texts) :]) == {-np.inf}
    assert sum(score > -np.inf for score in scores) < len(texts)


def test_the_speller_leaves_few_to_decode_with_the_name_or_without(whisper: WhisperRecogniser) -> None:
    whisper.prepare([*TEXTS, *(f"tafel, {text}" for text in TEXTS)])
    said = {row["said"]: row for row in rows("nl-commands.jsonl")}
    places = range(2 * len(TEXTS))
    bare_scores = whisper.scores(clip(said["welke fase"]), places).phrases
    assert sum(score > -np.inf for score in bare_scores) <= 8
    assert TEXTS[int(np.argmax(bare_scores))] == "welke fase"
    named = whisper.scores(clip(said["tafel, volgende fase"]), places).phrases
    assert int(np.argmax(named)) == len(TEXTS) + TEXTS.index("volgende fase")


def test_decoys_leave_the_phrases_their_places(whisper: WhisperRecogniser) -> None:
    known = decoys("nl")
    whisper.prepare([*TEXTS, *(f"tafel, {text}" for text in TEXTS)], decoys=known)
    said = {row["said"]: row for row in rows("nl-commands.jsonl")}
    places = range(2 * len(TEXTS) + len(known))
    for phrase, best in (
        ("welke fase", TEXTS.index("welke fase")),
        ("tafel, volgende fase", len(TEXTS) + TEXTS.index("volgende fase")),
    ):
        scores = np.array(whisper.scores(clip(said[phrase]), places).phrases)
        assert int(np.argmax(scores)) == best
        assert np.count_nonzero(scores[: 2 * len(TEXTS)] > -np.inf) <= LIKELIEST
        assert np.count_nonzero(scores[2 * len(TEXTS) :] > -np.inf) <= LIKELIEST_DECOYS


def test_more_candidates_change_no_score_of_what_is_decoded(whisper: WhisperRecogniser) -> None:
    thorough = WhisperRecogniser("nl", thorough=True)
    sound = clip(next(row for row in rows("nl-commands.jsonl") if row["said"] == "lees de regels"))
    for recogniser in (whisper, thorough):
        recogniser.prepare(TEXTS, TEXTS[:5])
    few, all_of_them = (one.scores(sound, range(len(TEXTS))) for one in (whisper, thorough))
    finite = [place for place, score in enumerate(few.phrases) if score > -np.inf]
    assert len(finite) == 8
    assert [few.phrases[place] for place in finite] == pytest.approx(
        [all_of_them.phrases[place] for place in finite], abs=1e-3
    )
    assert min(all_of_them.phrases) > -np.inf
    assert few.cohort == pytest.approx(all_of_them.cohort, abs=1e-3)
    assert few.free is not None
    assert max(few.phrases) <= few.free < 0.0, "what is sure is itself compared with, in a calibration as live"
    assert few.free == pytest.approx(all_of_them.free, abs=1e-3)


def test_talk_that_is_spelt_like_no_phrase_is_never_decoded(whisper: WhisperRecogniser) -> None:
    whisper.prepare(TEXTS, TEXTS[:5])
    talk = clip(next(row for row in rows("nl-ignore.jsonl") if row["file"].endswith("hoe_koud_is_het.ogg")))
    unlike = whisper.scores(talk, range(len(TEXTS)))
    assert {*unlike.phrases, *unlike.cohort} == {-np.inf}
    assert unlike.free is None
    few = whisper.scores(talk, range(3)).phrases
    assert min(few) > -np.inf, "of the few that are looked at again, nothing is left out"


def test_every_phrase_has_a_score_on_silence(whisper: WhisperRecogniser) -> None:
    whisper.prepare([*TEXTS, *(f"tafel, {text}" for text in TEXTS)])
    unheard = whisper.unheard(range(2 * len(TEXTS)))
    assert all(-20.0 < score < 0.0 for score in unheard)


def test_a_phrase_without_letters_is_refused(whisper: WhisperRecogniser) -> None:
    with pytest.raises(PhraseError, match=r'"\?!" has no letters to be heard; write it in words'):
        whisper.prepare(["pauze", "?!"])


def test_the_usual_way_answers_with_the_place_that_is_most_like_the_transcript(whisper: WhisperRecogniser) -> None:
    whisper.prepare(TEXTS)
    likeness = {}
    for said in ("volgende fase", "welke fase"):
        found = whisper.naive(
            clip(next(row for row in rows("nl-commands.jsonl") if row["said"] == said)), range(len(TEXTS))
        )
        assert found is not None
        likeness[said] = found[1]
        assert found[0] == TEXTS.index(said)
    assert 0.5 < min(likeness.values()) <= max(likeness.values()) <= 1.0
    hushed = whisper.naive(silence(1.0), range(len(TEXTS)))
    assert hushed is not None
    assert hushed[1] < 0.5


def test_each_way_of_computing_has_its_times(capsys: pytest.CaptureFixture[str]) -> None:
    need_model("whisper-base")
    rows("nl-commands.jsonl")
    assert main(["bench", "cost", "--speech", str(SPEECH / "nl-commands.jsonl"), "--limit", "2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["utterances"], found["phrases"]) == (2, len(bench_phrases("nl", None)))
    assert all(found[way.name]["cpu_s"] > 0 for way in WAYS)


@pytest.mark.parametrize(("kind", "model"), [("whisper", "vosk-nl"), ("vosk", "whisper-base")])
def test_a_model_of_another_recogniser_is_told(kind: str, model: str) -> None:
    with pytest.raises(SettingsError, match=f'The model "{model}" is none for {kind}; name its recogniser'):
        open_recogniser(kind, "nl", model)
