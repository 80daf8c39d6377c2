"""One to three lamps instead of a ring: no shapes, so brightness and rhythm carry the meaning.

The last lamp is the microphone's; those before it show the session. A single lamp shows the microphone for the
first second of every four, and the session in the rest.
"""

from math import pi, sin

from companion.core.scene import Figure, Scene
from companion.core.state import ANSWER_LASTS, Microphone
from companion.light.colour import BLACK, PALE, RED, WARM, WHITE, Canvas, Colour, mixed, scaled
from companion.light.figures import ARC, GLOW_PERIOD, STILL_PERIOD, TIP_PERIOD, breath, covered, hue, left_shown
from companion.light.overlays import OFF_LEVEL, OPEN_LEVEL, starred

FEWEST_FOR_A_RING = 4
CYCLE, MICROPHONE_SHARE = 4.0, 1.0
"""Seconds of a single lamp's cycle, and how many of them are the microphone's."""
TURNING, FAINT = 0.5, 0.02
"""How bright a lamp is that a finger dims instead of lifting, and one that is too dim to have a colour."""


def lamps(scene: Scene, n: int, t: float) -> Canvas:
    if n > 1:
        session = _session(scene, n - 1, t)
        return [*(_touched(session) if scene.touch is not None else session), _microphone(scene.microphone, t % CYCLE)]
    microphones = t % CYCLE < MICROPHONE_SHARE
    canvas = [_microphone(scene.microphone, t % CYCLE)] if microphones else _session(scene, 1, t)
    return _touched(canvas) if scene.touch is not None else canvas


def _touched(canvas: Canvas) -> Canvas:
    """Under the finger a bright lamp dims and a dim one brightens, in its own colour where it has one."""
    return [scaled(colour, 0.1) if max(colour) > TURNING else _lifted(colour) for colour in canvas]


def _lifted(colour: Colour) -> Colour:
    strongest = max(colour)
    return scaled(colour, 0.9 / strongest) if strongest > FAINT else scaled(WHITE, 0.9)


def _session(scene: Scene, n: int, t: float) -> Canvas:
    canvas = _figure(scene, n, t)
    if scene.fault:
        canvas = starred(canvas, t)
    if scene.heard is not None:
        share = sin(pi * min(1.0, scene.heard / ANSWER_LASTS))
        canvas = [mixed(colour, WHITE, share) for colour in canvas]
    elif scene.doubted is not None:
        share = 0.4 * sin(pi * min(1.0, scene.doubted / ANSWER_LASTS))
        canvas = [mixed(colour, WHITE, share) for colour in canvas]
    if scene.refused is not None:
        dip = 1.0 - 0.9 * sin(pi * min(1.0, scene.refused / ANSWER_LASTS))
        canvas = [scaled(colour, dip) for colour in canvas]
    return canvas


def _figure(scene: Scene, n: int, t: float) -> Canvas:
    match scene.figure:
        case Figure.ARC:
            level = breath(t, TIP_PERIOD, 0.15) if scene.ending else 1.0
            return [scaled(colour, level) for colour in _time(scene, n)]
        case Figure.STILL if scene.left == 0:
            return [scaled(PALE, 0.5 * breath(t, STILL_PERIOD, 0.2))] * n
        case Figure.STILL:
            return [scaled(colour, breath(t, STILL_PERIOD, 0.2)) for colour in _time(scene, n)]
        case Figure.GLOW:
            return [scaled(WARM, 0.3 * breath(t, GLOW_PERIOD, 0.6))] * n
        case _:
            return [scaled(PALE, _rhythm(scene, t))] * n


def _time(scene: Scene, n: int) -> Canvas:
    """Each lamp fades in its turn; one that is lit at all stays visible."""
    begin = 1.0 - left_shown(scene)
    shares = (covered(i, n, begin, 1.0) for i in range(n))
    return [scaled(hue(scene), ARC * (0.2 + 0.8 * share)) if share else BLACK for share in shares]


def _rhythm(scene: Scene, t: float) -> float:
    """Counting: a swell a person, then a pause. Question: two swells. Time-out: long on and off. Overtime: a glint."""
    swells = {Figure.COUNT: max(1, scene.count), Figure.QUESTION: 2}.get(scene.figure)
    if swells is not None:
        beat = t % (swells + 2.0)
        return 0.8 * sin(pi * (beat % 1.0)) ** 2 if beat < swells else 0.0
    if scene.figure is Figure.TIME_OUT:
        return 0.8 * breath(t, 2 * CYCLE, 0.0)
    return 0.5 * max(0.0, sin(2 * pi * t / CYCLE)) ** 8 if scene.figure is Figure.OVERTIME else 0.0


def _microphone(microphone: Microphone, t: float) -> Colour:
    """Open: steady. Off: two swells in the first second of a cycle, else steady. Deaf: twinkling in it."""
    if microphone is Microphone.OPEN:
        return scaled(WHITE, OPEN_LEVEL)
    if microphone is Microphone.OFF:
        return scaled(RED, OFF_LEVEL * (0.3 + 0.7 * abs(sin(2 * pi * t))) if t < MICROPHONE_SHARE else OFF_LEVEL)
    return scaled(RED, breath(t, MICROPHONE_SHARE, 0.2))
