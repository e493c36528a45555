"""One spelling of a firm's name, read: its words, and the other names it gives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openredress_api.placements.firms.words import Words, canonical, folded, word_set, words_in

# Legal forms as they end a name, dots and spaces between their letters removed before: offices of
# one firm, and clerks writing of one, use several forms or none.
_FORMS = word_set("""
    ab ag aplc as asociacion aps bhd bv cc co company corp corporation cv doo eirl ent eood gmbh
    inc incorporated jsc kft lc lda limitada limited llc lllp llp lp lpa ltd ltda nv ood oy pa
    partnership pc plc pllc pte pty pvt rl sa sac sapi sarl sas sdn sl spa srl sro str tnhh
    จำกัด มหาชน प्रा लि
""")
_FORMS_BEFORE = word_set("cv pt sc the บริษัท หจก")
_IN_FORMS = frozenset({"s", "de"})  # S. de R.L. de C.V., also cut short after "de"
_UNSPACED_FORM = re.compile("|".join(map(folded, ("บริษัท", "จำกัด"))))

# Notes that stand where a name should: the whole text in letters alone, or how it begins.
_NOTES = word_set("""
    desconocido na ningun ninguna ninguno nil no noaplica nobody none noneyet null pending same self
    tba tbc tbd unnamed various
""")
_NOTE = re.compile(
    r"(please )?(see|refer to) (the )?(attach|append|list|above|below|addend|section|schedule)"
    r"|(as )?attached\b|to be (determined|decided|named|confirmed|announced)|unknown\b"
    r"|not (applicable|available|known|yet)\b|same as\b|ver anexo|por definir"
)
# What stands between two names of one firm: trading as, a slash, brackets.
_BETWEEN_NAMES = re.compile(
    r"(?<=\w\w)\s*/\s*(?=\w\w)|[()\[\]]|\b(?:d\s?/?\s?b|[af]\s?/?\s?k)\s?/?\s?a\b|\bt\s?/\s?a\b"
    r"|\b(?:doing business|trading|also known|formerly known) as\b|\bformerly\b"
)
_OTHERS = 4  # names that one record may give; more are a list of firms
_AFTER_HEAD = re.compile(r"[,;:]|\s-+\s|[\u2013\u2014]")
_WEB = re.compile(r"\bhttps?://|\bwww\.|\.(?:com|net|org)\b(?:\.\w\w\b)?")


@dataclass(frozen=True, order=True)
class Spelling:
    """A name, read; a note such as "n/a" has no words."""

    words: Words
    others: tuple[Words, ...]  # the names on both sides of "trading as", of a slash, of brackets
    head: Words  # what stands before the first comma or dash, often a short form; () is all of it

    def names(self) -> tuple[Words, ...]:
        """All of it, then each name it gives."""
        return self.words, *self.others


def spelling(name: str) -> Spelling:
    """Read a name as somebody wrote it."""
    text = _WEB.sub(" ", folded(name))
    said = words_in(text)
    named = any(map(str.isalpha, text)) and "".join(said) not in _NOTES
    if not named or _NOTE.match(" ".join(said)):
        return Spelling((), (), ())
    whole = _without_form(text) or tuple(said)
    others = dict.fromkeys(map(_without_form, _BETWEEN_NAMES.split(text)))
    head = _without_form(_AFTER_HEAD.split(text, maxsplit=1)[0])
    return Spelling(
        whole,
        tuple(other for other in others if other not in ((), whole))[:_OTHERS],
        () if head == whole else head,
    )


def share_a_name(one: str, other: str) -> bool | None:
    """Whether two names, with the others they give, have one in common; None: one names nobody."""
    left, right = spelling(one), spelling(other)
    if not left.words or not right.words:
        return None
    return not {*left.names()}.isdisjoint(right.names())


def _without_form(text: str) -> Words:
    """The words of a name without its legal form; a form alone is no name."""
    said = _joined_initials(words_in(_UNSPACED_FORM.sub(r" \g<0> ", text)))
    while said and said[-1] in _FORMS | _IN_FORMS:
        del said[-1]
    while len(said) > 1 and said[0] in _FORMS_BEFORE:
        del said[0]
    return tuple(map(canonical, said))


def _joined_initials(said: list[str]) -> list[str]:
    """Single letters in a row are one word, and "and" is none: T & K is TK."""
    joined: list[str] = []
    letter = False
    for word in said:
        if word == "and":
            continue
        if letter and len(word) == 1:
            joined[-1] += word
        else:
            joined.append(word)
        letter = len(word) == 1
    return joined
