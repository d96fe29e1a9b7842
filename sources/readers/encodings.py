"""Encodings: bytes of a text file to text, by the declared encoding or by evidence.

`auto` takes a byte order mark, else strict UTF-8. What is neither is cp1258 or cp1252,
which differ in 14 letters: five bytes are tones in cp1258, written after their vowel.
A file that both read, and whose words do not tell, is refused. Text from cp1258 comes
out decomposed and is put together (NFC).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

from sources.readers.rejections import Rejected

AUTO: Final = "auto"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_VIETNAMESE, _WESTERN = "cp1258", "cp1252"
_CP1258 = codecs.lookup(_VIETNAMESE).name
_WORD = re.compile(r"[^\W\d_]+")
TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_VOWELS = "aăâeêioôơuưy"
_LOOSE_TONE = re.compile(rf"[{TONES}](?<![{_VOWELS}{_VOWELS.upper()}][{TONES}])")
"""A tone behind no vowel; looked for by the tone, which is rare, so that it is fast."""

_SYLLABLE = re.compile(
    rf"(?!.*ă(?:[{_VOWELS}]|$))(?:ngh?|nh|gh?|gi|kh|ph|th|tr|ch|qu|[bcdđhklmnpqrstvx])?[{_VOWELS}]{{1,3}}"
    r"(?:ng|nh|ch|[cmnpt])?"
)
_CAPITAL_INSIDE = re.compile("[a-zß-ÿ][ÌÒÞ]")
_DIFFERENT = re.compile(rb"[\xc3\xcc\xd0\xd2\xd5\xdd\xde\xe3\xec\xf0\xf2\xf5\xfd\xfe]")
"""Bytes that both encodings have, as different letters."""

_LONGEST_WORD = 100
_LOOKED_AT = 1_000_000
_MOSTLY = 0.8
_FEWEST_WORDS = 2


def decoded(data: bytes, encoding: str) -> str:
    """The text of a file, without byte order mark.

    Raises:
        Rejected: the bytes are not in the encoding, or `auto` finds none or two.
    """
    if encoding == AUTO:
        text = _detected(data)
    else:
        text = _strict(data, encoding)
        if codecs.lookup(encoding).name == _CP1258:
            text = unicodedata.normalize("NFC", text)
    if "\0" in text:
        detail = f"{encoding}: the text holds NUL characters (UTF-16, or no text file)"
        raise Rejected("X_ENCODING", detail)
    return text.removeprefix("\ufeff")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        raise Rejected("X_ENCODING", f"{encoding}: {error}") from error


def _detected(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    vietnamese, western = _tried(data, _VIETNAMESE), _tried(data, _WESTERN)
    if vietnamese is not None and _LOOSE_TONE.search(vietnamese):
        vietnamese = None
    if vietnamese is not None and western is not None:
        return _judged(data, vietnamese, western)
    text = western if vietnamese is None else vietnamese
    if text is None:
        tried = f"utf-8, {_VIETNAMESE}, {_WESTERN}"
        raise Rejected("X_ENCODING", f"tried {tried}", detail_vi=f"đã thử {tried}")
    return unicodedata.normalize("NFC", text)


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _judged(data: bytes, vietnamese: str, western: str) -> str:
    """The reading that the words in which they differ speak for."""
    first = _DIFFERENT.search(data)
    if first is None:
        return western
    begin = max(first.start() - _LONGEST_WORD, 0)
    part = slice(begin, begin + _LOOKED_AT)
    pairs = _differing_words(vietnamese[part], western[part])
    tones = sum(any(tone in word for tone in TONES) for word, _ in pairs)
    syllables = sum(_is_syllable(word) for word, _ in pairs)
    is_odd = any(_CAPITAL_INSIDE.search(word) for _, word in pairs)
    is_sure = is_odd or len(pairs) >= _FEWEST_WORDS
    if tones and is_sure and syllables >= _MOSTLY * len(pairs):
        return unicodedata.normalize("NFC", vietnamese)
    if not tones and not syllables and len(pairs) >= _FEWEST_WORDS:
        return western
    row = 1 + western.count("\n", 0, first.start())
    tried = f"utf-8, {_VIETNAMESE}, {_WESTERN}"
    raise Rejected(
        "X_ENCODING",
        f"tried {tried}; the last two both read and differ from row {row} on",
        detail_vi=f"đã thử {tried}; hai bảng mã cuối khác nhau từ dòng {row}",
    )


def _differing_words(vietnamese: str, western: str) -> set[tuple[str, str]]:
    """The distinct words that the two readings, equally long, spell differently.

    Words without a vowel (`QĐ-UBND`) say nothing.
    """
    pairs = set()
    for match in _WORD.finditer(western):
        ours, theirs = vietnamese[slice(*match.span())], match.group()
        if ours != theirs and any(letter in _VOWELS for letter in _bare(ours)):
            pairs.add((ours, theirs))
    return pairs


def _is_syllable(word: str) -> bool:
    """True for a word that is spelt like one in Vietnamese."""
    bare = _bare(word)
    tones = sum(bare.count(tone) for tone in TONES)
    letters = "".join(letter for letter in bare if letter not in TONES)
    return tones <= 1 and _SYLLABLE.fullmatch(letters) is not None


def _bare(word: str) -> str:
    """Small letters, tones split off, hats and horns kept."""
    split = unicodedata.normalize("NFD", word.lower())
    tones = "".join(mark for mark in split if mark in TONES)
    rest = "".join(mark for mark in split if mark not in TONES)
    return unicodedata.normalize("NFC", rest) + tones
