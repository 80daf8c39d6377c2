import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from companion.cli import main as command_line
from companion.core.method import Kind
from companion.core.scene import Figure
from companion.core.state import Microphone
from companion.light.colour import SCREEN
from companion.light.picture import LEDS, PICTURES, films, main, moving, pictures, still
from companion.light.pixels import pixels

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_pictures_are_current() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "ring").glob("*.svg")}
    assert committed == pictures(), "run python -m companion.light.picture docs/ring"


def test_the_committed_films_are_current() -> None:
    assert {path.name: path.read_bytes() for path in (DOCS / "ring").glob("*.gif")} == films()


def test_every_picture_is_explained_once() -> None:
    explained = re.findall(r"\(ring/([\w-]+\.svg)\)", (DOCS / "ring.md").read_text(encoding="utf-8"))
    assert sorted(explained) == sorted(pictures())


def test_the_pictures_show_the_whole_language() -> None:
    shown = [scene for scene, _ in PICTURES.values()]
    assert {scene.figure for scene in shown} == set(Figure)
    assert {scene.microphone for scene in shown} == set(Microphone)
    assert {scene.kind for scene in shown} >= set(Kind)
    for sign in ("ending", "turns", "over", "heard", "refused", "doubted", "refill", "fault"):
        assert any(getattr(scene, sign) for scene in shown), sign


def test_a_picture_is_small_and_well_formed(tmp_path: Path) -> None:
    main(tmp_path / "ring")
    for path in (tmp_path / "ring").glob("*.svg"):
        assert path.stat().st_size < 3000
        assert len(ElementTree.parse(path).findall("{http://www.w3.org/2000/svg}circle")) == LEDS


@pytest.mark.parametrize("leds", [1, 12, 60])
def test_a_still_picture_has_the_pixels_colours(leds: int) -> None:
    shown = Image.open(BytesIO(still("arc-group", leds)))
    scene, t = PICTURES["arc-group"]
    colours = {pixel for _, pixel in shown.getcolors(10_000) or []}
    for pixel in pixels(scene, leds, t, SCREEN):
        assert tuple(max(part, 34) for part in pixel) in colours


@pytest.mark.parametrize(("name", "moves"), [("paused", True), ("arc-group", False)])
def test_a_moving_picture_moves_where_the_ring_does(name: str, moves: bool) -> None:
    film = Image.open(BytesIO(moving(name, 24, 3.0)))
    assert (getattr(film, "n_frames", 1) > 1) is moves


def test_the_command_line_makes_pictures_and_says_what_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("svg", "png", "gif"):
        assert command_line(["light", "picture", "glow", "-o", str(tmp_path / f"glow.{kind}"), "--seconds", "0.2"]) == 0
        assert (tmp_path / f"glow.{kind}").stat().st_size > 100
    capsys.readouterr()
    for arguments, message in (
        (["-o", "glow.jpg"], "companion: glow.jpg: a picture ends in .svg, .png or .gif; choose one of them.\n"),
        (["--leds", "61"],
         "companion: --leds 61: a ring has 1 to 60 LEDs.\n"),
        (["--seconds", "0"],
         "companion: --seconds 0: a moving picture lasts up to 60 s.\n"),
        (["-o", "/nowhere/g.svg"],
         "companion: /nowhere/g.svg: cannot be written (No such file or directory); check the folder.\n"),
    ):  # fmt: skip
        assert command_line(["light", "picture", "glow", *arguments]) == 2
        assert capsys.readouterr().err == message
