import re
from pathlib import Path
from xml.etree import ElementTree

from companion.core.method import Kind
from companion.core.scene import Figure
from companion.core.state import Microphone
from companion.light.picture import LEDS, PICTURES, main, pictures

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_pictures_are_current() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "ring").glob("*.svg")}
    assert committed == pictures(), "run python -m companion.light.picture docs/ring"


def test_every_picture_is_explained_once() -> None:
    explained = re.findall(r"\(ring/([\w-]+\.svg)\)", (DOCS / "ring.md").read_text(encoding="utf-8"))
    assert sorted(explained) == sorted(pictures())


def test_the_pictures_show_the_whole_language() -> None:
    shown = [scene for scene, _ in PICTURES.values()]
    assert {scene.figure for scene in shown} == set(Figure)
    assert {scene.microphone for scene in shown} == set(Microphone)
    assert {scene.kind for scene in shown} >= set(Kind)
    for sign in ("ending", "turns", "over", "heard", "refused", "refill", "fault"):
        assert any(getattr(scene, sign) for scene in shown), sign


def test_a_picture_is_small_and_well_formed(tmp_path: Path) -> None:
    main(tmp_path / "ring")
    for path in (tmp_path / "ring").iterdir():
        assert path.stat().st_size < 3000
        assert len(ElementTree.parse(path).findall("{http://www.w3.org/2000/svg}circle")) == LEDS
