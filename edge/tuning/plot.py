"""Draws the trials of a tuning: a dot for each repetition, a bar for the median, one row a candidate. Plain SVG."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import Final

from edge.tuning.outcome import Outcome, Tried
from edge.tuning.setting import LoadMode, Setting

TITLES: Final = {
    "threads": "Threads for answers",
    "threads_batch": "Threads for prompts",
    "layout": "Weights in memory",
    "attention": "Attention and cache",
    "batch": "Batch, logical / physical",
    "threads_again": "Threads for answers, again",
    "threads_batch_again": "Threads for prompts, again",
}
WIDTH: Final = 920
PANEL: Final = 300
PANELS: Final = ((240, "writes, tokens/s"), (590, "reads, tokens/s"))
"""Where each begins, and what it shows."""
ROW: Final = 22
TOP: Final = 90
PLAIN, TAKEN, LINE, TEXT, GREY = "#4477aa", "#cc5500", "#dddddd", "#333333", "#777777"


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate; its rates by panel: writing, reading."""

    label: str
    taken: bool
    rates: tuple[list[float], list[float]]


def svg(outcome: Outcome, name: str) -> str:
    """The picture, as a document."""
    found = races(outcome)
    height = TOP + ROW * sum(len(rows) + 1 for rows in found.values()) + 12
    scales = [_scale(found, panel) for panel in range(len(PANELS))]
    parts = [
        _text(12, 28, f"{name}: {len(outcome.trials)} trials in {outcome.elapsed_s:.0f} s", TEXT, "font-size='17'"),
        _text(12, 48, "a dot is a repetition, a bar their median; what was chosen is orange", GREY),
    ]
    for (left, title), top in zip(PANELS, scales, strict=True):
        parts += _axis(left, title, top, height)
    y = TOP
    for stage, rows in found.items():
        parts.append(_text(12, y + 15, TITLES[stage], TEXT, "font-weight='bold'"))
        for row in rows:
            y += ROW
            colour = TAKEN if row.taken else PLAIN
            parts.append(_text(24, y + 15, row.label, TAKEN if row.taken else TEXT))
            for (left, _), top, rates in zip(PANELS, scales, row.rates, strict=True):
                parts += _dots(rates, left, top, y + ROW / 2, colour)
        y += ROW
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' "
        f"font-family='sans-serif' font-size='13'>\n<rect width='100%' height='100%' fill='white'/>\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def races(outcome: Outcome) -> dict[str, list[Row]]:
    """What was held against one another, by stage, in the order it is shown."""
    return {stage: rows for stage in TITLES if (rows := _rows(stage, outcome))}


def _rows(stage: str, outcome: Outcome) -> list[Row]:
    tries: dict[Setting, list[Tried]] = {}
    for one in outcome.trials:
        if one.stage == stage:
            tries.setdefault(one.setting, []).append(one)
    chosen = _label(stage, outcome.chosen.setting)
    return [
        Row(
            label=_label(stage, setting) + (" (failed)" if all(one.trouble for one in all_) else ""),
            taken=_label(stage, setting) == chosen,
            rates=(
                [one.rates.tokens_per_s for one in all_ if one.rates.tokens_per_s],
                [one.rates.prompt_tokens_per_s for one in all_ if one.rates.prompt_tokens_per_s],
            ),
        )
        for setting, all_ in tries.items()
    ]


def _label(stage: str, setting: Setting) -> str:
    """What tells a candidate from the others of its race."""
    if stage.startswith("threads_batch"):
        return f"{setting.n_threads_batch} threads" if setting.n_threads_batch > 1 else "1 thread"
    if stage.startswith("threads"):
        return f"{setting.n_threads} threads" if setting.n_threads > 1 else "1 thread"
    if stage == "layout":
        where = "mapped from the file" if setting.load_mode is LoadMode.MMAP else "read into memory"
        return where + (", fast path" if setting.repack else "")
    if stage == "attention":
        return f"{'flash attention' if setting.flash_attn else 'no flash attention'}, {setting.type_k}"
    return f"{setting.n_batch} / {setting.n_ubatch}"


def _scale(found: dict[str, list[Row]], panel: int) -> float:
    """The rate at the right end."""
    rates = [rate for rows in found.values() for row in rows for rate in row.rates[panel]]
    return max(rates, default=1.0) * 1.05


def _axis(left: int, title: str, top: float, height: int) -> Iterator[str]:
    yield _text(left, TOP - 22, title, TEXT, "font-weight='bold'")
    size = 10.0 ** len(str(int(top))) / 10
    step = next(size * factor / 10 for factor in (1, 2, 5, 10, 20, 50) if top / (size * factor / 10) <= 6)
    count = int(top / step)
    for index in range(count + 1):
        x = left + PANEL * index * step / top
        yield f"<line x1='{x:.1f}' y1='{TOP}' x2='{x:.1f}' y2='{height - 12}' stroke='{LINE}'/>"
        yield _text(x, TOP - 5, f"{index * step:g}", GREY, "text-anchor='middle' font-size='11'")


def _dots(rates: list[float], left: int, top: float, y: float, colour: str) -> Iterator[str]:
    for rate in rates:
        yield f"<circle cx='{left + PANEL * rate / top:.1f}' cy='{y:.1f}' r='4' fill='{colour}' fill-opacity='0.35'/>"
    if rates:
        x = left + PANEL * median(rates) / top
        yield f"<line x1='{x:.1f}' y1='{y - 8:.1f}' x2='{x:.1f}' y2='{y + 8:.1f}' stroke='{colour}' stroke-width='3'/>"


def _text(x: float, y: float, text: str, colour: str, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' fill='{colour}' {more}>{escape(text)}</text>"
