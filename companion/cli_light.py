"""`companion light picture`: one state of the ring as a picture, still or moving, from the pixels that the LEDs get."""

import argparse
from pathlib import Path

from companion.arguments import Commands, add_command, printed, whole
from companion.core.errors import UserError
from companion.light.picture import LEDS, PICTURES, moving, still, svg_of
from companion.light.pixels import MOST_LEDS
from companion.settings import Settings

MOST_SECONDS = 60


class PictureError(UserError, ValueError):
    """A picture cannot be made so."""


def add_light(commands: Commands) -> None:
    light = commands.add_parser("light", help="pictures of what the ring says")
    verbs = light.add_subparsers(required=True, metavar="VERB")
    picture = add_command(verbs, "picture", _picture, "one state of the ring: .svg, .png, or a moving .gif")
    picture.add_argument("scene", choices=sorted(PICTURES), metavar="SCENE", help=", ".join(sorted(PICTURES)))
    picture.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to; without it SCENE.svg")
    picture.add_argument(
        "--leds", type=whole, default=LEDS, metavar="N", help=f"how many LEDs, 1 to {MOST_LEDS} ({LEDS})"
    )
    picture.add_argument("--seconds", type=float, default=6.0, metavar="S", help="how long a moving picture is (6)")


def _picture(parsed: argparse.Namespace, _settings: Settings) -> int:
    scene, leds, file = parsed.scene, parsed.leds, parsed.output or Path(f"{parsed.scene}.svg")
    if not 1 <= leds <= MOST_LEDS:
        raise PictureError(f"--leds {leds}: a ring has 1 to {MOST_LEDS} LEDs.")
    if not 0 < parsed.seconds <= MOST_SECONDS:
        raise PictureError(f"--seconds {parsed.seconds:g}: a moving picture lasts up to {MOST_SECONDS} s.")
    match file.suffix.lower():
        case ".svg":
            content = svg_of(scene, leds).encode()
        case ".png":
            content = still(scene, leds)
        case ".gif":
            content = moving(scene, leds, parsed.seconds)
        case _:
            raise PictureError(f"{file}: a picture ends in .svg, .png or .gif; choose one of them.")
    try:
        file.write_bytes(content)
    except OSError as problem:
        raise PictureError(f"{file}: cannot be written ({problem.strerror}); check the folder.") from None
    return printed([f"{file}: {scene}"])
