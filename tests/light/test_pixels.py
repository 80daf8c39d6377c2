from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from companion.core.method import Kind
from companion.core.plan import MOST_PEOPLE
from companion.core.scene import REFILL_LASTS, Figure, Scene
from companion.core.state import ANSWER_LASTS, Microphone
from companion.core.units import Seconds
from companion.light.colour import HUES, LEAST_MILLIAMPERES, WHITE, Look, Pixels, driven, milliamperes
from companion.light.overlays import microphone_places
from companion.light.picture import PICTURES
from companion.light.pixels import BREATHING, DRAINING, MOVING, frame_interval, pixels
from tests.light.scenes import counts, instants, rings, scenes

RAW = Look(brightness=1.0, most_milliamperes=1e9, gamma=1.0)
"""Duties in even steps, without caps: what a property reads best."""
OPEN, OFF, DEAF = Microphone.OPEN, Microphone.OFF, Microphone.DEAF


def levels(shown: Pixels) -> list[int]:
    return [max(pixel) for pixel in shown]


def microphone_led(n: int) -> int:
    """The one at the bottom."""
    return int(n / 2 + 0.5) % n


def but_microphone(shown: Pixels) -> list[int]:
    """Levels, without the LED at the bottom that is the microphone's."""
    return [level for i, level in enumerate(levels(shown)) if i != microphone_led(len(shown))]


def arc(left: float, kind: Kind = Kind.LISTEN, **more: object) -> Scene:
    return replace(Scene(Figure.ARC, OPEN, kind, left=left), **more)


@given(scenes, counts, instants, st.floats(0.05, 1), st.floats(0, 2000))
def test_pixels_are_duties_within_the_caps(scene: Scene, n: int, t: float, brightness: float, more: float) -> None:
    cap = LEAST_MILLIAMPERES * n + more
    look = Look(brightness=brightness, most_milliamperes=cap)
    shown = pixels(scene, n, t, look)
    assert len(shown) == n
    assert all(type(value) is int and 0 <= value <= round(255 * brightness) for pixel in shown for value in pixel)
    assert milliamperes(shown, look) <= cap


def test_a_white_ring_keeps_within_the_least_that_may_be_set() -> None:
    """Every LED white at once: what no state asks for, and the hungriest thing there is."""
    look = Look(brightness=1.0, most_milliamperes=LEAST_MILLIAMPERES * 60)
    shown = driven([WHITE] * 60, look)
    assert min(levels(shown)) >= 1
    assert milliamperes(shown, look) <= 120


def test_a_hungry_ring_is_dimmed_as_a_whole() -> None:
    full = pixels(arc(1.0, Kind.GROUP), 60, 0.0, Look(brightness=1.0, most_milliamperes=1e9))
    capped = pixels(arc(1.0, Kind.GROUP), 60, 0.0, Look(brightness=1.0, most_milliamperes=200))
    assert milliamperes(full, Look()) > 400
    assert 150 < milliamperes(capped, Look()) <= 200
    assert [level > 0 for level in levels(full)] == [level > 0 for level in levels(capped)]


@pytest.mark.parametrize("n", [0, 61, -1])
def test_other_counts_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"A ring has 1 to 60 LEDs, not {n}; set the right number."):
        pixels(Scene(Figure.DARK, OPEN), n, 0.0)


@given(scenes, rings, instants, st.floats(0, 0.99))
def test_the_microphone_is_on_top_of_everything(scene: Scene, n: int, t: float, at: float) -> None:
    look = replace(RAW, microphone_at=at)
    here = int(at * n + 0.5) % n
    there = (here + n // 2) % n
    shown = {state: pixels(replace(scene, microphone=state), n, t, look) for state in Microphone}
    red, green, blue = shown[OPEN][here]
    assert red == green == blue > 0
    for state in (OFF, DEAF):
        for place in (here, there):
            red, green, blue = shown[state][place]
            assert red > 4 * green >= 0 == blue, "red"
    movie = [pixels(replace(scene, microphone=DEAF), n, t + later, look) for later in (0.0, 0.3, 0.4)]
    assert len({frame[here] for frame in movie}) > 1, "deaf twinkles"
    assert any(frame[here] != frame[there] for frame in movie), "the pair takes turns"
    assert pixels(replace(scene, microphone=OFF), n, t + 0.4, look)[here] == shown[OFF][here], "off stands still"


@given(rings, st.floats(0, 1), st.floats(0, 1), st.sampled_from(Kind))
def test_an_arc_drains(n: int, one: float, other: float, kind: Kind) -> None:
    more, less = (but_microphone(pixels(arc(left, kind), n, 0.0, RAW)) for left in (max(one, other), min(one, other)))
    assert all(a >= b for a, b in zip(more, less, strict=True))
    lit = [level > 0 for level in less]
    assert lit == sorted(lit), "it is dark from the top clockwise, then lit"


@given(rings, st.floats(0, 1), st.sampled_from(Kind))
def test_the_arc_is_as_long_as_the_time_left(n: int, left: float, kind: Kind) -> None:
    lit = sum(level > 0 for level in levels(pixels(arc(left, kind), n, 0.0, replace(RAW, microphone_at=0.0)))[1:])
    assert lit == pytest.approx(left * n, abs=2)


@given(rings, st.floats(0.01, 1))
def test_the_last_led_fades_with_the_fraction(n: int, left: float) -> None:
    """No step of the arc is a jump: a hundredth of an LED's time changes one LED by about a hundredth."""
    now, later = (levels(pixels(arc(x), n, 0.0, RAW)) for x in (left, max(0.0, left - 0.01 / n)))
    assert sum(abs(a - b) for a, b in zip(now, later, strict=True)) <= 0.01 * 255 + 2


@given(st.integers(8, 60), st.integers(2, 10), st.data())
def test_a_round_is_cut_into_segments(n: int, turns: int, data: st.DataObject) -> None:
    assume(2 * turns <= n)
    turn = data.draw(st.integers(1, turns))
    shown = levels(pixels(arc(1.0, turn=turn, turns=turns), n, 0.0, RAW))
    mine = set(range(round((turn - 1) * n / turns), round(turn * n / turns)))
    microphone = {microphone_led(n)}
    for i in set(range(n)) - microphone:
        assert (shown[i] == 255) <= (i in mine), "only the present turn is bright"
        assert shown[i] == 0 or i >= min(mine), "turns that were taken are dark"
        assert shown[i] == 0 or i in mine or shown[i] < 128, "turns to come are dim"
    if mine - microphone and n >= 3 * turns:
        assert max(shown[i] for i in mine - microphone) >= 254, "full, but for the rounding of edges"
        gap = max(mine)
        assert gap in microphone or shown[gap] == 0, "a dark LED stands between two turns"


@given(rings, st.floats(0, 0.999), st.floats(0.01, 1), st.data())
def test_each_turn_of_a_round_is_seen(n: int, at: float, left: float, data: st.DataObject) -> None:
    """Wherever the microphone is shown, and though a turn may have no more than one LED."""
    turns = data.draw(st.integers(1, n - 2))
    turn = data.draw(st.integers(1, turns))
    shown = levels(pixels(arc(left, turn=turn, turns=turns), n, 0.0, replace(RAW, microphone_at=at)))
    session = [level for i, level in enumerate(shown) if i not in microphone_places(n, at)]
    assert max(session) > 120, "the present one is bright"
    assert sum(0 < level < 100 for level in session) >= turns - turn, "one at least for each to come"


@given(rings, st.floats(0.15, 1))
@example(30, 0.4375)  # the tip lies right beside the microphone's LED, which is lit and does not breathe
def test_near_the_end_only_the_tip_breathes(n: int, left: float) -> None:
    scene = arc(left, ending=True)
    still = levels(pixels(replace(scene, ending=False), n, 0.0, RAW))
    movie = [levels(pixels(scene, n, t / 10, RAW)) for t in range(20)]
    moving = [i for i in range(n) if len({frame[i] for frame in movie}) > 1]
    lit = [i for i, level in enumerate(still) if level >= 25 and i != microphone_led(n)]
    assert 1 <= len(moving) <= 2
    assert set(moving) <= set(lit[:3])


@given(rings, st.floats(0, 1), st.floats(0, 1), st.sampled_from(Kind))
def test_overtime_is_dots_that_grow_and_never_red(n: int, one: float, other: float, kind: Kind) -> None:
    scene = Scene(Figure.OVERTIME, OPEN, kind, over=min(one, other))
    shown = pixels(scene, n, 0.0, replace(RAW, microphone_at=0.26))
    microphone = int(0.26 * n + 0.5) % n
    lit = [i for i, level in enumerate(levels(shown)) if level and i != microphone]
    assert 0 in lit, "it is seen from the first moment"
    assert all(b - a > 1 for a, b in pairwise(lit))
    more = levels(pixels(replace(scene, over=max(one, other)), n, 0.0, RAW))
    assert sum(level > 0 for level in more) >= sum(level > 0 for level in levels(shown)) - 1
    for i in lit:
        red, green, blue = shown[i]
        assert red <= 1.6 * max(green, blue)
    assert pixels(scene, n, 12.3, RAW) == pixels(scene, n, 45.6, RAW), "nothing blinks"


@given(rings, st.floats(0.2, 1), instants)
def test_a_paused_arc_stands_still_and_breathes(n: int, left: float, t: float) -> None:
    scene = Scene(Figure.STILL, OPEN, Kind.GROUP, left=left)
    running = but_microphone(pixels(arc(left, Kind.GROUP), n, 0.0, RAW))
    movie = [but_microphone(pixels(scene, n, t + part / 2, RAW)) for part in range(13)]
    for frame in movie:
        assert all(0.35 * full <= level + 1 and level <= full for full, level in zip(running, frame, strict=True))
    light = [sum(frame) for frame in movie]
    assert min(light) < 0.6 * max(light)
    assert all(abs(b - a) < 0.3 * max(light) for a, b in pairwise(light)), "it breathes slowly"


@given(st.integers(8, 60))
def test_a_time_out_is_two_opposite_quarters(n: int) -> None:
    shown = but_microphone(pixels(Scene(Figure.TIME_OUT, OPEN), n, 0.0, RAW))
    assert sum(level > 100 for level in shown) == pytest.approx(n / 2, abs=2.1)
    groups = sum(b > 0 == a for a, b in pairwise([*shown, shown[0]]))
    assert groups == 2


@given(st.integers(16, 60), st.integers(1, 8))
def test_people_are_counted_one_led_each(n: int, people: int) -> None:
    shown = but_microphone(pixels(Scene(Figure.COUNT, OPEN, count=people), n, 0.0, RAW))
    assert sum(level > 100 for level in shown) == people


@pytest.mark.parametrize("state", Microphone)
@pytest.mark.parametrize("n", [*range(8, 25), 32, 48, 60])
def test_every_number_of_people_and_every_method_looks_different(n: int, state: Microphone) -> None:
    """The microphone's light hides none of them, and where there are more than LEDs they are not mixed up."""
    for figure, most in ((Figure.COUNT, MOST_PEOPLE), (Figure.GLOW, 30)):
        shown = [pixels(Scene(figure, state, count=count), n, 0.0, RAW) for count in range(1, most + 1)]
        for (one, first), (other, second) in combinations(enumerate(shown, start=1), 2):
            assert far(first, second) > SEEN, (figure, one, other)


def far(one: Pixels, other: Pixels) -> int:
    """The largest difference of any colour of any LED."""
    return max(abs(a - b) for led, beside in zip(one, other, strict=True) for a, b in zip(led, beside, strict=True))


@given(rings, st.floats(0.1, 1))
def test_after_a_power_cut_the_arc_refills_to_where_it_was(n: int, left: float) -> None:
    ages = [REFILL_LASTS * part / 10 for part in range(11)]
    movie = [but_microphone(pixels(arc(left, refill=Seconds(age)), n, 0.0, RAW)) for age in ages]
    assert all(b >= a for one, other in pairwise(movie) for a, b in zip(one, other, strict=True))
    assert sum(movie[0]) == 0
    assert movie[-1] == but_microphone(pixels(arc(left), n, 0.0, RAW))


@given(rings, st.sampled_from(Kind), st.integers(0, 8), st.floats(1e-6, 0.05), st.floats(0, 20))
def test_as_long_as_time_is_left_it_is_seen_also_in_a_pause(
    n: int, kind: Kind, turns: int, left: float, t: float
) -> None:
    """A ring that stays dark for the whole of a pause looks like a device that is off."""
    for what in (Figure.ARC, Figure.STILL):
        shown = replace(arc(left), figure=what, kind=kind, turn=turns, turns=turns)
        assert max(but_microphone(pixels(shown, n, t, RAW))) >= 15


@given(rings, st.floats(0, 1))
def test_a_heard_command_sweeps_white_over_every_led_once(n: int, left: float) -> None:
    movie = [pixels(arc(left, heard=Seconds(ANSWER_LASTS * part / 200)), n, 0.0, RAW) for part in range(201)]
    for i in range(n):
        if i != microphone_led(n):
            whiteness = [min(frame[i]) for frame in movie]
            peak = whiteness.index(max(whiteness))
            assert max(whiteness) > 200
            assert whiteness[peak:] == sorted(whiteness[peak:], reverse=True), "one sweep, then as before"
    assert movie[-1] == pixels(arc(left), n, 0.0, RAW)


@given(rings, st.floats(0.2, 1))
def test_what_was_nearly_heard_sweeps_half_way_and_back(n: int, left: float) -> None:
    movie = [pixels(arc(left, doubted=Seconds(ANSWER_LASTS * part / 200)), n, 0.0, RAW) for part in range(201)]
    whiteness = [[min(frame[i]) for frame in movie] for i in range(n)]
    near, far = whiteness[max(1, n // 8)], whiteness[n * 3 // 4 + 1 if n > 4 else n - 1]
    assert max(near) > 200
    assert near == pytest.approx(near[::-1], abs=2), "out and back alike"
    assert max(far) == min(far), "the other half stays as it is"
    assert movie[-1] == pixels(arc(left), n, 0.0, RAW)


@given(rings, st.floats(0.2, 1))
def test_what_makes_no_sense_dips_the_ring_once(n: int, left: float) -> None:
    light = [
        sum(but_microphone(pixels(arc(left, refused=Seconds(ANSWER_LASTS * part / 40)), n, 0.0, RAW)))
        for part in range(41)
    ]
    lowest = light.index(min(light))
    assert min(light) < 0.3 * light[0]
    assert light[: lowest + 1] == sorted(light[: lowest + 1], reverse=True)
    assert light[lowest:] == sorted(light[lowest:])


@given(scenes, counts, st.floats(0, 1000))
def test_nothing_flashes_faster_than_three_times_a_second(scene: Scene, n: int, t: float) -> None:
    """A flash is a pair of opposite changes of a tenth of full light (WCAG 2.2, 2.3.1), on any one LED."""
    rate = 30
    first = scene.heard or scene.refused or scene.doubted or 0.0
    touch, movie = scene.touch, []
    for part in range(rate + 1):
        age = Seconds(part / rate)
        ages = {
            name: Seconds(first + age) if getattr(scene, name) is not None and first + age <= ANSWER_LASTS else None
            for name in ("heard", "refused", "doubted")
        }
        if touch is not None:  # somebody who presses nearly four times a second
            ages["touch"] = touch + part // 8
        movie.append(levels(pixels(replace(scene, **ages), n, t + age, RAW)))
    for i in range(n):
        assert swings([frame[i] for frame in movie], 25) <= 2 * 3


def swings(values: list[int], least: int) -> int:
    """How often the values turn by at least so much."""
    count, low, high, rising = 0, values[0], values[0], None
    for value in values:
        low, high = min(low, value), max(high, value)
        if rising is not True and value - low >= least:
            count, rising, high = count + 1, True, value
        elif rising is not False and high - value >= least:
            count, rising, low = count + 1, False, value
    return count


def grey_movie(scene: Scene, n: int) -> list[list[bool]]:
    """Three seconds without colour: which LEDs are lit, which are bright, and which are bright among those lit."""
    frames = [but_microphone(pixels(scene, n, t / 4, RAW)) for t in range(12)]
    lit, bright = ([[level > least * 255 for level in frame] for frame in frames] for least in (0.15, 0.6))
    return lit + bright + [[level > 0.7 * max(1, *frame) for level in frame] for frame in frames]


PASSING = {"arc-draining", "heard", "doubted", "refused", "resumed"}
"""Pictures of a moment or of the same state: what tells them is their course, tested above."""


RINGS = [8, 9, 10, 11, 12, 16, 24, 60]
KINDS = [f"arc-{kind.value}" for kind in Kind]
TOUCHES = {"touched", "held", "held-long"}
"""Pictures of a finger on the button, over any state: tested below."""


def told_apart() -> dict[str, Scene]:
    """Every state that has a meaning of its own, with the same time left."""
    shown = {name: scene for name, (scene, _) in PICTURES.items() if name not in PASSING | TOUCHES}
    return {name: replace(scene, left=0.6) if scene.left else scene for name, scene in shown.items()}


@pytest.mark.parametrize("n", RINGS)
def test_states_can_be_told_apart_without_colour(n: int) -> None:
    on_ring = {name: scene for name, scene in told_apart().items() if scene.microphone is OPEN}
    for (one, first), (other, second) in combinations(on_ring.items(), 2):
        assert grey_movie(first, n) != grey_movie(second, n), f"{one} and {other} differ by colour only"


@pytest.mark.parametrize("state", Microphone)
@pytest.mark.parametrize("left", [1.0, 0.75, 0.5])
@pytest.mark.parametrize("n", RINGS)
def test_kinds_of_step_differ_without_colour_until_half_of_the_time(n: int, left: float, state: Microphone) -> None:
    """Which LEDs are dimmer than the brightest: no colour, and no brightness that something beside it must judge."""
    weaves = {}
    for kind in Kind:
        shown = but_pair([max(pixel) for pixel in pixels(arc(left, kind, microphone=state), n, 0.0, RAW)])
        lit = [level for level in shown if level > 0.3 * max(shown)]
        weaves[kind] = tuple(level > 0.75 * max(lit) for level in lit), max(lit) > 0.6 * 255 * max(HUES[kind])
    for one, other in combinations(Kind, 2):
        assert weaves[one] != weaves[other], f"{one.value} and {other.value} are woven alike"


def but_pair(shown: list[int]) -> list[int]:
    """Levels without both LEDs that may be the microphone's."""
    pair = microphone_places(len(shown), 0.5)
    return [level for i, level in enumerate(shown) if i not in pair]


DICHROMATS = {
    "protanope": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranope": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "photograph": ((0.2126, 0.7152, 0.0722),) * 3,
}
"""Linear RGB as the eye without red or green cones takes it (Viénot, Brettel and Mollon 1999), and luminance."""
SWEEPS = ("heard", "doubted")
SEEN = 30.0
"""Distance of two colours, of 255 a channel, that is easily seen."""


def movie_seen(scene: Scene, n: int, eye: str) -> np.ndarray:
    frames = np.array([pixels(scene, n, t / 4, RAW) for t in range(16)], dtype=float)
    return frames @ np.array(DICHROMATS[eye]).T


@pytest.mark.parametrize("n", RINGS)
@pytest.mark.parametrize("eye", DICHROMATS)
def test_any_two_states_differ_without_red_or_green_or_any_colour(eye: str, n: int) -> None:
    movies = {name: movie_seen(scene, n, eye) for name, scene in told_apart().items()}
    for one, other in combinations(movies, 2):
        distance = np.linalg.norm(movies[one] - movies[other], axis=-1).max()
        assert distance > SEEN, f"{one} and {other} look alike to a {eye} on {n} LEDs: {distance:.0f}"


@given(scenes, counts, instants, st.integers(1, 9))
def test_a_touch_is_seen_whatever_the_light_shows(scene: Scene, n: int, t: float, touch: int) -> None:
    """In grey too, and on a single lamp; on four LEDs a sweep looks like it for a moment, but it moves on."""

    def change(age: float) -> float:
        later = {name: None if (at := getattr(scene, name)) is None else Seconds(at + age) for name in SWEEPS}
        then = replace(scene, **later)
        shown = [np.array(pixels(replace(then, touch=one), n, t + age, RAW), dtype=float) for one in (None, touch)]
        return float(np.abs((shown[1] - shown[0]) @ np.array(DICHROMATS["photograph"][0])).max())

    assert max(change(age) for age in (0.0, 0.15, 0.3)) > SEEN


@given(scenes, st.integers(8, 60), instants, st.integers(1, 9), st.integers(0, 2))
def test_two_touches_in_turn_and_two_lengths_of_a_hold_differ(
    scene: Scene, n: int, t: float, touch: int, hold: int
) -> None:
    now = pixels(replace(scene, touch=touch, hold=hold), n, t, RAW)
    assert far(now, pixels(replace(scene, touch=touch + 1, hold=hold), n, t, RAW)) > SEEN
    assert far(now, pixels(replace(scene, touch=touch, hold=(hold + 1) % 3), n, t, RAW)) > SEEN


FEW = ["glow", "count", "question", "arc-listen", "ending", "overtime", "paused", "time-out", "ended", "fault"]
"""What one to three lamps tell apart: states, but no kinds of step and no turns of a round."""


@pytest.mark.parametrize("eye", DICHROMATS)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_lamps_tell_states_apart_by_rhythm(n: int, eye: str) -> None:
    eyes, movies = np.array(DICHROMATS[eye]).T, {}
    for name in FEW:
        frames = [pixels(PICTURES[name][0], n, t / 10, RAW) for t in range(160)]
        movies[name] = np.array(frames, dtype=float) @ eyes
    for one, other in combinations(FEW, 2):
        assert np.linalg.norm(movies[one] - movies[other], axis=-1).max() > SEEN, (one, other)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_lamps_tell_the_microphone_by_rhythm(n: int) -> None:
    def rhythm(state: Microphone) -> list[float]:
        movie = [levels(pixels(Scene(Figure.DARK, state), n, t / 20, RAW))[-1] for t in range(20)]
        return [level / max(movie) for level in movie]

    rhythms = [rhythm(state) for state in Microphone]
    for one, other in combinations(rhythms, 2):
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.2


INTERVALS = [
    (Scene(Figure.GLOW, OPEN), BREATHING),
    (Scene(Figure.COUNT, OPEN), MOVING),
    (Scene(Figure.COUNT, OPEN, count=3), None),
    (Scene(Figure.QUESTION, OPEN), MOVING),
    (arc(0.5), DRAINING),
    (arc(0.5, ending=True), MOVING),
    (arc(0.5, fault=True), MOVING),
    (arc(0.5, heard=Seconds(0.1)), MOVING),
    (arc(0.5, refused=Seconds(0.1)), MOVING),
    (arc(0.5, doubted=Seconds(0.1)), MOVING),
    (arc(0.5, refill=Seconds(0.1)), MOVING),
    (arc(0.5, touch=1), MOVING),
    (arc(0.5, microphone=DEAF), MOVING),
    (arc(0.5, microphone=OFF), DRAINING),
    (Scene(Figure.OVERTIME, OPEN, Kind.ASK), DRAINING),
    (Scene(Figure.STILL, OPEN, Kind.ASK, left=0.5), BREATHING),
    (Scene(Figure.STILL, DEAF, Kind.ASK, left=0.5), MOVING),
    (Scene(Figure.TIME_OUT, OPEN), None),
    (Scene(Figure.DARK, OPEN), None),
]


@pytest.mark.parametrize(("scene", "interval"), INTERVALS)
def test_frames_come_as_often_as_something_changes(scene: Scene, interval: Seconds | None) -> None:
    assert frame_interval(scene) == interval
    assert interval is None or interval in (1.0, 2 / 25, 1 / 25)


@given(scenes, counts, instants, st.floats(0, 100))
def test_without_moving_frames_time_alone_changes_nothing(scene: Scene, n: int, t: float, later: float) -> None:
    if frame_interval(scene, n) not in (MOVING, BREATHING):
        assert pixels(scene, n, t) == pixels(scene, n, t + later)
