"""What an instant of a session looks like: the arbiter between a figure, the answers over it, and the microphone."""

from companion.core.scene import Figure, Scene
from companion.core.state import Microphone
from companion.core.units import Seconds
from companion.light.colour import Look, Pixels, driven
from companion.light.few import FEWEST_FOR_A_RING, lamps
from companion.light.figures import figure
from companion.light.overlays import answered, faulty, microphone_places, touched, with_microphone

MOST_LEDS = 60
MOVING, DRAINING = Seconds(1 / 25), Seconds(1.0)
"""Seconds between two frames; with those that fingers ask for, there are at most thirty a second."""
BREATHING = Seconds(2 * MOVING)
"""Seconds between two frames of what breathes for six seconds and more, and may do so for an hour."""
_BREATHING_FIGURES = frozenset({Figure.GLOW, Figure.STILL})
_DRAINING_FIGURES = frozenset({Figure.ARC, Figure.OVERTIME})
_USUAL_LOOK = Look()


def pixels(scene: Scene, n: int, t: float, look: Look = _USUAL_LOOK) -> Pixels:
    """The duties of n LEDs (1 to 60), from the top clockwise, at t seconds of any steady clock."""
    if not 1 <= n <= MOST_LEDS:
        raise ValueError(f"A ring has 1 to {MOST_LEDS} LEDs, not {n}; set the right number.")
    if n < FEWEST_FOR_A_RING:
        return driven(lamps(scene, n, t), look)
    free = [i for i in range(n) if i not in microphone_places(n, look.microphone_at)]
    canvas = figure(scene, n, t, free)
    if scene.fault:
        canvas = faulty(canvas, t)
    canvas = touched(answered(canvas, scene), scene, free)
    return driven(with_microphone(canvas, scene.microphone, t, look.microphone_at), look)


def frame_interval(scene: Scene, n: int = MOST_LEDS) -> Seconds | None:
    """Seconds after which n LEDs look different by themselves; None when only an event changes them."""
    answering = any(age is not None for age in (scene.heard, scene.refused, scene.doubted, scene.refill, scene.touch))
    roaming = scene.figure is Figure.COUNT and not scene.count
    if answering or roaming or scene.fault or scene.ending or scene.figure is Figure.QUESTION:
        return MOVING
    if scene.microphone is Microphone.DEAF or (n < FEWEST_FOR_A_RING and _is_rhythmic(scene, n)):
        return MOVING
    if scene.figure in _BREATHING_FIGURES:
        return BREATHING
    return DRAINING if scene.figure in _DRAINING_FIGURES else None


def _is_rhythmic(scene: Scene, n: int) -> bool:
    """Whether so few lamps move although a ring would stand still."""
    still = scene.figure in (Figure.ARC, Figure.DARK) and scene.microphone is Microphone.OPEN
    return n == 1 or not still
