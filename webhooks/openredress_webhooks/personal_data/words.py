"""The words that tell what a number is: in English and in the languages of the workers.

A word is written as it begins, where scripts put no spaces between words or letters have two forms.
"""

from __future__ import annotations

import re

_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"


def _words(latin: str, others: str) -> str:
    """One pattern: Latin words stand alone, words of other scripts stand anywhere."""
    return rf"(?<![{_LATIN}])(?:{latin})(?![{_LATIN}])|{others}"


PHONE = _words(
    r"tel|telp|telepon|telefon|telephones?|telegram|tel[eé]fono|celular|m[oó]vil|phones?|handphone"
    r"|ph|mob|mobiles?|cell|cellphone|calls?|called|calling|dial|contact|hp|sms|what\W?s ?app|wa"
    r"|(?:wa|t|zalo)\.me|viber|zalo|imo|line id|hubungi|s[đd]t|đt|gọi|điện thoại|di động|liên hệ",
    "โทร|เบอร์|มือถือ|ဖုန်း|ទូរស័ព្ទ|ទូរសព្ទ|फोन|मोबाइल|सम्पर्क|ফোন|মোবাইল|ইমো",
)
PASSPORT = _words(
    r"passports?|paspor|pasport|pasaporte|hộ chiếu"
    r"|pp(?=[^a-z]{0,3}(?:(?:no|nr|number)[^a-z]{0,3})?(?:[a-z]{1,2}[ -]?)?\Z)",  # no page
    "หนังสือเดินทาง|พาสปอร์ต|နိုင်ငံကူးလက်မှတ်|ပတ်စပို့|លិខិតឆ្លងដែន|ប៉ាស្ព័រ|राहदानी|पासपोर्ट|পাসপোর্ট",
)
IDENTITY = _words(
    r"nid|n\.i\.d|national id|identity card|identity n(?:o|umber)|id card|id n(?:o|umber)"
    r"|citizenship|nrc|nric|mykad|nik|e-?ktp|cccd|cmnd|căn cước|chứng minh",
    "บัตรประชาชน|เลขประจำตัว|บัตรชมพู|မှတ်ပုံတင်|អត្តសញ្ញាណប័ណ្ណ|नागरिकता|परिचय|পরিচ|এনআইডি",
)
# What stands right before a number without a space: a word for phones; or the letters of a code
# such as H-400-21257, WO#7, id=7; or the hour of a time.
ATTACHED = re.compile(rf"(?:(?P<phone>{PHONE})|[{_LATIN}0-9_])[-_/#&=]?$|[0-9]:$", re.IGNORECASE)
_TOLD = re.compile(rf"(?P<phone>{PHONE})|(?P<passport>{PASSPORT})|(?P<national_id>{IDENTITY})")
# What a number belongs to that stands right behind one of these words is no person.
_THING = re.compile(
    r"(?:order|case|complaint|ticket|invoice|licen[cs]e|certificate|batch|lot|serial|model|container"
    r"|ref|reference|barcode|f?ein|tax|vat|company|faktur|giấy phép|ใบอนุญาต|นิติบุคคล)"
    r"[\s.:#]{0,3}(?:(?:no|nr|number|id|code)[\s.:#]{0,3})?$|# ?$",
    re.IGNORECASE,
)
# What a firm counts its own people by; it opens a pseudonym too.
STAFF = "hr|emp|badge|pay ?slip"
_STAFF = re.compile(
    rf"(?<![{_LATIN}])(?:(?:{STAFF})[\s.:#]{{0,3}}"
    rf"|(?:{STAFF}|employee|staff|worker)[\s.:#]{{0,3}}(?:no|nr|number|id|code)[\s.:#]{{0,3}})$",
    re.IGNORECASE,
)
_MONEY = "thb|mmk|khr|npr|bdt|vnd|idr|myr|sgd|usd|eur|rp|rm|tk|ks|฿|৳|₫|៛|[$€£]"
_PAID = re.compile(
    rf"(?:(?<![{_LATIN}])(?:{_MONEY}|fees?|costs?|price|wages?|salary|loan|paid|pay"
    r"|net|gross|total|amount|balance|gaji|phí|lương)"
    r"|ค่า|रु)[\s.:]{0,3}$",
    re.IGNORECASE,
)
_SUM = re.compile(
    rf" ?(?:(?:{_MONEY}|baht|kyats?|riels?|taka|rupees?|rupiah|ringgit|dong|đồng)(?![{_LATIN}])"
    "|บาท|ကျပ်|រៀល|टाका|টাকা|रुपै)",
    re.IGNORECASE,
)
_BACK = 32  # characters in which the word for a number stands before it


def told(text: str, start: int) -> str:
    """What the nearest word before `start` says of the number there: a kind, or nothing."""
    before = text[max(0, start - _BACK) : start].lower()
    # No digits may stand between; and a word that the window cuts is not read.
    since = max(before.rfind(digit) for digit in "0123456789") + 1
    last = ""
    for match in _TOLD.finditer(before, since or int(start > _BACK)):
        last = str(match.lastgroup)
    return last


def is_thing(text: str, start: int) -> bool:
    """Whether the number at `start` is that of a case, an order, a licence or the like."""
    return _THING.search(text, max(0, start - _BACK), start) is not None


def is_of_staff(text: str, start: int) -> bool:
    """Whether the number at `start` is one by which a firm counts its people."""
    return _STAFF.search(text, max(0, start - _BACK), start) is not None


def is_money(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a sum: a currency or a fee stands beside it."""
    before = _PAID.search(text, max(0, start - _BACK), start)
    return before is not None or _SUM.match(text, end) is not None
