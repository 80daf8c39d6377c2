"""Cards for the table, as PDF: a method on one A5 page, and what one can say. From the same data as the session."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import cos, pi, sin
from pathlib import Path

from fpdf import FPDF

from companion.core.errors import UserError
from companion.core.method import Place, RuleSet, Step, Timing
from companion.core.plan import Plan
from companion.core.units import Seconds
from companion.language.phrases import Phrase
from companion.language.sentences import capitalised
from companion.light.colour import HUES, Colour
from companion.reports import clock, printed, timing, who

A5 = (148.0, 210.0)
"""Millimetres."""
_MARGIN, _RING = 11.0, 17.0
_WIDTH = A5[0] - 2 * _MARGIN
_INK, _GREY = (30, 30, 34), (110, 110, 116)
_FONT = "Helvetica"
_BRIGHTEST = 0.82
"""Light on paper: what the ring shows full would be too pale to print."""


class CardError(UserError, OSError):
    """A card cannot be written."""


@dataclass(frozen=True)
class Row:
    """A step as the card shows it."""

    number: int
    step: Step
    length: Seconds
    turns: int
    each: Seconds
    copies: int
    """How often the step is done: once, or for each person or case."""


def print_method(plan: Plan, rules: RuleSet, language: str, file: Path) -> float:
    """Two A5 pages: the steps, their times as a ring, who does what; on the back what a group without a voice would
    not hear. Gives how far down the first one is filled, in millimetres.

    Raises CardError when it cannot be written.
    """
    pdf, rows = _page(), method_rows(plan)
    _head(pdf, plan, rows, language)
    _ring(pdf, rows, A5[0] - _MARGIN - _RING, _MARGIN + _RING, clock(plan.total))
    _steps(pdf, plan, rows, language)
    bottom = float(pdf.get_y())
    _foot(pdf, f"{plan.method.source.of(language)} · {timing(language, times_of(plan))}")
    pdf.add_page()
    _list(pdf, rules, language)
    words = printed(language)
    _text(pdf, _MARGIN, pdf.get_y() + 5, _WIDTH, 5, words["stays_here"], 11, style="B")
    for answer in ("at_agreement", "at_question", "at_end"):
        _text(pdf, _MARGIN, pdf.get_y() + 2, _WIDTH, 4.4, words[answer], 9, colour=_GREY)
    _write(pdf, file)
    return bottom


def times_of(plan: Plan) -> Timing:
    """Whose the plan's times are: published ones that were fitted are adapted."""
    is_changed = plan.method.timing is Timing.PUBLISHED and not plan.keeps_usual_times
    return Timing.ADAPTED if is_changed else plan.method.timing


def print_list(rules: RuleSet, language: str, file: Path) -> float:
    """One A5 page: rules, or other sentences that the device can read; gives how far down it is filled, in millimetres.

    Raises CardError when it cannot be written.
    """
    pdf = _page()
    _list(pdf, rules, language)
    bottom = float(pdf.get_y())
    _write(pdf, file)
    return bottom


def _list(pdf: FPDF, rules: RuleSet, language: str) -> None:
    _text(pdf, _MARGIN, _MARGIN, _WIDTH, 8, capitalised(rules.name.of(language)), 17, style="B")
    lines = [rule.of(language) for rule in rules.rules]
    size = max(6.0, min(11.0, 150.0 / len(lines)))
    for number, line in enumerate(lines, start=1):
        y = pdf.get_y() + size / 5
        _text(pdf, _MARGIN, y, 7, size / 2, f"{number}.", size, colour=_GREY)
        _text(pdf, _MARGIN + 8, y, _WIDTH - 8, size / 2, line, size)


def print_phrases(phrases: Sequence[Phrase], language: str, file: Path) -> None:
    """One A5 page: what one can say, with examples where there is a name or a number to fill in.

    Raises CardError when it cannot be written.
    """
    pdf, words = _page(), printed(language)
    _text(pdf, _MARGIN, _MARGIN, _WIDTH, 8, words["say"], 17, style="B")
    _text(pdf, _MARGIN, pdf.get_y() + 1, _WIDTH, 4, words["say_note"], 8.5, colour=_GREY)
    lines = [_example(list(group)) for _, group in groupby(_canonical(phrases), key=lambda phrase: phrase.command.name)]
    top = pdf.get_y() + 5
    height = min(11.0, (A5[1] - _MARGIN - 8 - top) / -(-len(lines) // 2))
    for place, line in enumerate(lines):
        column, row = divmod(place, -(-len(lines) // 2))
        _text(pdf, _MARGIN + column * 64, top + row * height, 62, 5, line, 11, fit=True)
    _write(pdf, file)


def _canonical(phrases: Sequence[Phrase]) -> Iterator[Phrase]:
    return (phrase for phrase in phrases if phrase.canonical)


def _example(group: Sequence[Phrase]) -> str:
    """The command's phrase; of two both, of many the first, with dots for the rest."""
    return " / ".join(phrase.text for phrase in group) if len(group) <= 2 else f"{group[0].text} ..."


def method_rows(plan: Plan) -> list[Row]:
    """Every step once: a repeated block as its first copy, alternatives each."""
    return list(_rows(plan))


def _rows(plan: Plan) -> Iterator[Row]:
    once = [slot for slot in plan.slots if slot.case <= 1]
    number = 0
    for _, run in groupby(once, key=lambda slot: slot.number):
        slots = list(run)
        length = Seconds(sum(slot.planned for slot in slots))
        step = slots[0].step
        number += slots[0].counted
        copies = max(1, *(slot.case for slot in plan.slots if slot.step is step))
        yield Row(number, step, length, slots[0].turns, slots[0].planned, copies)


def _page() -> FPDF:
    pdf = FPDF(format=A5)
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_page()
    return pdf


def _repeated(rows: Sequence[Row], words: Mapping[str, str]) -> str:
    """Which phases follow each other again for the next case or person; alone, their times look like a pile."""
    again = [row for row in rows if row.copies > 1]
    if not again or again[0].number == again[-1].number:
        return ""
    order = words["over_again"].format(first=again[0].number, last=again[-1].number, count=again[0].copies)
    return f" · {order}"


def _head(pdf: FPDF, plan: Plan, rows: Sequence[Row], language: str) -> None:
    method, words = plan.method, printed(language)
    width = _WIDTH - 2 * _RING - 6
    _text(pdf, _MARGIN, _MARGIN, width, 8, method.name.of(language), 17, style="B")
    _text(pdf, _MARGIN, pdf.get_y() + 1, width, 4, method.summary.of(language), 8.5)
    cases = f" · {plan.cases} {words['cases']}" if plan.cases > 1 else ""
    facts = f"{plan.people} {words['people']} · {clock(plan.total)}{cases}{_repeated(rows, words)}"
    _text(pdf, _MARGIN, pdf.get_y() + 1.5, width, 4, facts, 9, style="B")
    if method.materials is not None:
        _text(pdf, _MARGIN, pdf.get_y() + 0.5, width, 4, method.materials.of(language), 8, colour=_GREY)
    if method.prepare is not None:
        before = f"{words['prepare']} {method.prepare.of(language)}"
        _text(pdf, _MARGIN, pdf.get_y() + 0.5, width, 4, before, 8, colour=_GREY)


def _ring(pdf: FPDF, rows: Sequence[Row], x: float, y: float, total: str) -> None:
    """The time as it lies on the ring: clockwise from the top, a segment each step, its number in it."""
    counted = _counted(rows)
    whole = sum(row.length * row.copies for row in counted)
    begin = 0.0
    for row in counted:
        end = begin + row.length * row.copies / whole
        _segment(pdf, x, y, begin, end, _printed(HUES[row.step.kind]))
        if end - begin > 0.035:
            middle = 2 * pi * (begin + end) / 2
            at = (x + 0.79 * _RING * sin(middle), y - 0.79 * _RING * cos(middle))
            _centred(pdf, *at, str(row.number), 7)
        begin = end
    _centred(pdf, x, y, total, 11)


def _counted(rows: Sequence[Row]) -> list[Row]:
    """The rows without the later alternatives of a choice, which share a number."""
    return [row for place, row in enumerate(rows) if row.number not in [other.number for other in rows[:place]]]


def _segment(pdf: FPDF, x: float, y: float, begin: float, end: float, colour: tuple[int, int, int]) -> None:
    """A piece of the ring as a polygon; two degrees a side are round enough at this size."""
    steps = max(2, round((end - begin) * 180))
    angles = [2 * pi * (begin + (end - begin) * step / steps) for step in range(steps + 1)]
    outer = [(x + _RING * sin(a), y - _RING * cos(a)) for a in angles]
    inner = [(x + 0.58 * _RING * sin(a), y - 0.58 * _RING * cos(a)) for a in reversed(angles)]
    pdf.set_fill_color(*colour)
    pdf.set_draw_color(255, 255, 255)
    pdf.set_line_width(0.4)
    pdf.polygon([*outer, *inner], style="DF")


def _steps(pdf: FPDF, plan: Plan, rows: Sequence[Row], language: str) -> None:
    top = max(pdf.get_y() + 4, _MARGIN + 2 * _RING + 4)
    height = min(16.5, (A5[1] - _MARGIN - 8 - top) / len(rows))
    seen: list[int] = []
    for place, row in enumerate(rows):
        _step(pdf, plan, row, language, top + place * height, height, row.number in seen)
        seen.append(row.number)


def _step(pdf: FPDF, plan: Plan, row: Row, language: str, y: float, height: float, alternative: bool) -> None:
    method, step, words = plan.method, row.step, printed(language)
    size = min(9.5, height * 0.62)
    pdf.set_fill_color(*_printed(HUES[step.kind]))
    pdf.ellipse(_MARGIN, y, 5.4, 5.4, style="F")
    _centred(pdf, _MARGIN + 2.7, y + 2.7, str(row.number), 7.5)
    left, right = _MARGIN + 8, A5[0] - _MARGIN - 30
    cue = f"{words['or']} {step.cue.of(language)}" if alternative else step.cue.of(language)
    cue += f" ({words['if_wanted']})" if step.optional or (step.question and not step.choice) else ""
    _text(pdf, left, y + 0.4, right - left, 4.4, cue, size + 1, style="B", fit=True)
    _text(pdf, right, y + 0.4, 30, 4.4, _time(row), size, align="R")
    line = min(4.4, (height - 5.6) / 2)
    for at, (role, task) in enumerate(method.tasks(step)):
        told = f"{who(role, language)}: {task.of(language)}{_place(step, language) if at == 0 else ''}"
        _text(pdf, left, y + 5 + at * line, A5[0] - _MARGIN - left, line, told, size - 1, colour=_GREY, fit=True)


def _time(row: Row) -> str:
    """3:00; 5 x 1:00 for a round; 2 x (5 x 1:00) for a round that is repeated."""
    length = f"{row.turns} x {clock(row.each)}" if row.turns else clock(row.length)
    return f"{row.copies} x ({length})" if row.copies > 1 and row.turns else _times(row.copies, length)


def _times(copies: int, length: str) -> str:
    return f"{copies} x {length}" if copies > 1 else length


def _place(step: Step, language: str) -> str:
    return "" if step.place is Place.IN_CIRCLE else f" ({printed(language)[step.place.value]})"


def _foot(pdf: FPDF, words: str) -> None:
    _text(pdf, _MARGIN, A5[1] - _MARGIN - 2, _WIDTH, 3, words, 6.5, colour=_GREY, fit=True)


def _text(
    pdf: FPDF,
    x: float,
    y: float,
    width: float,
    height: float,
    words: str,
    size: float,
    style: str = "",
    colour: tuple[int, int, int] = _INK,
    align: str = "L",
    fit: bool = False,
) -> None:
    """Words at a place, wrapped to `width`, or made smaller until one line holds them."""
    words = words.encode("cp1252", "replace").decode("cp1252")
    pdf.set_text_color(*colour)
    pdf.set_font(_FONT, style, size)
    while fit and pdf.get_string_width(words) > width - 1 and size > 4:
        size -= 0.25
        pdf.set_font(_FONT, style, size)
    pdf.set_xy(x, y)
    pdf.multi_cell(width, height, words, align=align, padding=0)


def _centred(pdf: FPDF, x: float, y: float, words: str, size: float) -> None:
    _text(pdf, x - 10, y - 2, 20, 4, words, size, style="B", align="C")


def _printed(hue: Colour) -> tuple[int, int, int]:
    """A hue of the ring as ink: paler than light, so that black numbers read on it."""
    red, green, blue = (round(255 * (1 - _BRIGHTEST * 0.6 * (1 - part))) for part in hue)
    return red, green, blue


def _write(pdf: FPDF, file: Path) -> None:
    try:
        pdf.output(str(file))
    except OSError as problem:
        raise CardError(f"{file}: cannot be written ({problem.strerror}); check the folder and its rights.") from None
