"""A small fixed set through the whole bench, with bounds that a regression would break. Drawn by a hash."""

from pathlib import Path
from typing import Any

import pytest

from companion.bench.hearing import Options, hearing_bench
from companion.bench.speech import Conditions
from tests.hearing.speech import SPEECH, need_model, rows

pytestmark = pytest.mark.model
FILLETS = Path("/usr/share/games/fillets-ng/sound")


@pytest.fixture(autouse=True)
def _material() -> None:
    need_model("whisper-base")
    rows("nl-commands.jsonl")


def measured(limit: int, **conditions: Any) -> dict[str, Any]:
    speech = (str(SPEECH / "nl-commands.jsonl"),)
    return hearing_bench(Options(speech, part="test", limit=limit, conditions=Conditions(**conditions)))


def test_commands_are_recalled() -> None:
    result = measured(20)
    assert result["expected"] == 20
    assert result["recognised"] >= 17
    assert result["false_activations"] == 0


def test_commands_in_a_room_are_recalled() -> None:
    assert measured(10, room=SPEECH / "rooms" / "rir1.flac")["recognised"] >= 7


@pytest.mark.parametrize(
    "conditions",
    [{"level": -40.0}, {"level": -6.0}, {"overdrive": 15.0}, {"offset": 0.05}],
    ids=["far away", "close", "clipped", "direct current"],
)
def test_poor_microphones_hear_too(conditions: dict[str, float]) -> None:
    assert measured(4, **conditions)["recognised"] >= 3


def test_short_turns_by_people_are_ignored() -> None:
    if not FILLETS.is_dir():
        pytest.skip("Debian's fillets-ng-data-nl is not here")
    result = hearing_bench(Options((str(FILLETS / "*" / "nl"),), part="test", limit=15))
    assert result["ignored_clips"] == 15
    assert result["false_activations"] == 0
