"""Turn the few characters a text needs of a CFF font into a small TrueType font.

Debian's Noto CJK fonts have CFF (PostScript) outlines in a collection of regional variants;
reportlab embeds TrueType outlines of a single font only.
"""

from __future__ import annotations

import io
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

CURVE_ERROR = 1.0
"""How far a quadratic outline may stray from the cubic one, in font units (1,000 to the em)."""


def truetype_subset(path: Path, number: int, characters: set[str]) -> io.BytesIO:
    """Return a TrueType font with these characters of a CFF font.

    Args:
        path: an OpenType collection.
        number: the font's place in the collection, from 0.
    Raises: ValueError if the font lacks one of the characters.
    """
    source = TTFont(path, fontNumber=number, lazy=True)
    missing = characters - {chr(code) for code in source.getBestCmap()}
    if missing:
        raise ValueError(f"{path.name} has no glyph for {''.join(sorted(missing))}")
    subsetter = Subsetter(Options(layout_features=[], notdef_outline=True))
    subsetter.populate(unicodes=[ord(character) for character in characters])
    subsetter.subset(source)

    outlines = source.getGlyphSet()
    names = source.getGlyphOrder()
    glyphs = {}
    for name in names:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()

    header, vertical, name_table = source["head"], source["hhea"], source["name"]
    builder = FontBuilder(header.unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(source.getBestCmap())
    builder.setupGlyf(glyphs)
    advances = {name: source["hmtx"][name][0] for name in names}
    builder.setupHorizontalMetrics({name: (advances[name], glyphs[name].xMin) for name in names})
    builder.setupHorizontalHeader(ascent=vertical.ascent, descent=vertical.descent)
    builder.setupNameTable(
        {
            "familyName": name_table.getDebugName(1),
            "styleName": name_table.getDebugName(2),
            "fullName": name_table.getDebugName(4),
            "psName": name_table.getDebugName(6),
        }
    )
    builder.setupOS2(
        sTypoAscender=vertical.ascent,
        sTypoDescender=vertical.descent,
        usWeightClass=source["OS/2"].usWeightClass,
    )
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=header.created, modified=header.modified)
    builder.font.recalcTimestamp = False
    font = io.BytesIO()
    builder.save(font)
    font.seek(0)
    return font
