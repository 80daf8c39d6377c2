"""The simulator's screen at one moment of a session, as Textual draws it: `python -m tests.simulator.screens`."""

import asyncio
import re
from pathlib import Path

from companion.app import Wish
from companion.settings import load_settings
from companion.simulator.app import Simulator
from companion.simulator.world import World

FOLDER = Path(__file__).parent / "screens"
SCREENS = {
    f"{width}x{height}-{theme}": (width, height, f"textual-{theme}")
    for width, height in ((80, 24), (120, 40))
    for theme in ("dark", "light")
}


class StillSimulator(Simulator):
    """Time passes when the test says so, not by itself."""

    def tick(self) -> None:
        pass


def drawn(name: str) -> str:
    """The screen of this size and theme, 21 s into the second step; without ids by chance and fonts from elsewhere."""
    width, height, theme = SCREENS[name]

    async def act() -> str:
        app = StillSimulator(World(Wish("luisteroefening", people=6, language="nl"), load_settings()))
        async with app.run_test(size=(width, height)) as pilot:
            app.theme = theme
            for _ in range(4):
                app.action_gesture("press")
                app.world.pass_time(0.5)
            app.world.pass_time(210.0)
            app.draw()
            await pilot.pause()
            return app.export_screenshot()

    without_fonts = re.sub(r"@font-face \{.*?\}\s*", "", asyncio.run(act()), flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", without_fonts)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in SCREENS:
        (FOLDER / f"{name}.svg").write_text(drawn(name), encoding="utf-8")
