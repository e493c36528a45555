"""The words of our sheets: complete in every language, and honest about who has read them."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from openredress_api.foundation.messages import LANGUAGES
from openredress_api.imports.sheets.wording import Words, words

OTHERS = [language for language in LANGUAGES if language != "en"]


def marks(text: str) -> list[str]:
    """The names in braces that a text has."""
    return sorted(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_word(language: str) -> None:
    """Each word, list and place for a number of the English file is there as well."""
    theirs, ours = words(language), words("en")
    for one in fields(Words):
        there, here = getattr(theirs, one.name), getattr(ours, one.name)
        assert type(there) is type(here)
        if isinstance(here, dict):
            assert {key: marks(text) for key, text in there.items()} == {
                key: marks(text) for key, text in here.items()
            }
        elif isinstance(here, list):
            assert len(there) == len(here)
        else:
            assert marks(there) == marks(here)
        assert there


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_has_read_says_so(language: str) -> None:
    """Only the English words were reviewed."""
    assert words(language).reviewed == ("yes" if language == "en" else "no")


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_sheets_fit(language: str) -> None:
    """A spreadsheet program takes 31 characters and no brackets, and messages of 32 as titles."""
    title = words(language).how_to_title
    assert len(title) <= 31
    assert not set(title) & set("[]:*?/\\")
    assert len(words(language).example) <= 32
    assert len(words(language).how_to) == 5


def test_english_sentences_are_short() -> None:
    """Nobody needs a manual: at most 25 words each."""
    for sentence in (*words("en").how_to, *words("en").correct):
        assert len(sentence.split()) <= 25
