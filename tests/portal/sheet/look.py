"""What people look through: one page of all pictures, and a montage per room and way."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.portal.sheet.shoot import WAYS, Way
from tests.portal.sheet.views import View

COLUMNS, GAP, LABEL = 4, 16, 24
TALL = 2
"""Most a picture of the montage is higher than wide; what is below is in the picture itself."""
STYLE = """body{font:14px sans-serif;margin:1rem;background:#eee}table{border-spacing:8px}
td{vertical-align:top;background:#fff;padding:4px}img{display:block;width:100%;max-height:600px;
object-fit:cover;object-position:top}th{position:sticky;top:0;background:#eee;text-align:left}"""


def write(folder: Path, views: Iterable[View]) -> None:
    """Index and montages below `folder`."""
    known = list(views)
    (folder / "index.html").write_text(_index(folder, known), encoding="utf-8")
    for room in dict.fromkeys(view.name.partition("/")[0] for view in known):
        for way in WAYS:
            _montage(folder, room, way, [one for one in known if one.name.startswith(f"{room}/")])


def _index(folder: Path, views: list[View]) -> str:
    rows = "".join(_row(folder, view) for view in views)
    heads = "".join(f"<th>{way.name} {way.size[0]}</th>" for way in WAYS)
    return (
        f'<!doctype html><meta charset="utf-8"><title>Contact sheet</title><style>{STYLE}</style>'
        f"<h1>Contact sheet</h1><table><tr>{heads}</tr>{rows}</table>"
    )


def _row(folder: Path, view: View) -> str:
    cells = []
    for way in WAYS:
        source = f"{way.name}/{view.name}.png"
        there = (folder / source).exists()
        shown = f'<a href="{source}"><img loading="lazy" src="{source}" alt=""></a>'
        cells.append(f"<td>{shown if there else 'missing'}</td>")
    said = escape(f"{view.name} · {view.who or 'nobody'} · {view.path}")
    return f"<tr><td colspan={len(WAYS)}><b>{said}</b></td></tr><tr>{''.join(cells)}</tr>"


def _montage(folder: Path, room: str, way: Way, views: list[View]) -> None:
    """Small pictures side by side, each under its name."""
    width = min(way.size[0], 480)
    tiles = [(view.name, _tile(folder / way.name / f"{view.name}.png", width)) for view in views]
    rows = [tiles[at : at + COLUMNS] for at in range(0, len(tiles), COLUMNS)]
    heights = [max(tile.height for _, tile in row) + LABEL + GAP for row in rows]
    sheet = Image.new("RGB", (COLUMNS * (width + GAP), sum(heights)), "#cccccc")
    pen, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(14), 0
    for row, height in zip(rows, heights, strict=True):
        for column, (name, tile) in enumerate(row):
            left = column * (width + GAP)
            pen.text((left + 4, top + 4), name, fill="black", font=font)
            sheet.paste(tile, (left, top + LABEL))
        top += height
    file = folder / "overview" / f"{room}-{way.name}.png"
    file.parent.mkdir(exist_ok=True)
    sheet.save(file)


def _tile(file: Path, width: int) -> Image.Image:
    if not file.exists():
        return Image.new("RGB", (width, width // 2), "white")
    with Image.open(file) as picture:
        height = min(round(picture.height * width / picture.width), width * TALL)
        box = (0, 0, picture.width, min(round(height * picture.width / width), picture.height))
        return picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS, box=box)
