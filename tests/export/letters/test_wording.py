"""The office's own texts stand over the shipped ones, and a clear mistake is told with its line."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from export.letters.composition import compose
from export.letters.texts import LANGUAGES, STYLES, shipped, texts
from export.letters.wording import in_style, read_wording, tone_mistakes
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dunning.notice import Notice
    from export.letterhead import Letterhead


def own(folder: Path, text: str, language: str = "de") -> Path:
    (folder / f"{language}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", STYLES)
def test_every_shipped_text_keeps_its_tone(language: str, style: str) -> None:
    source = shipped(language, "" if style == "formal" else style)
    assert list(tone_mistakes(source, f"{language}.{style}", tomllib.loads(source), texts(language).data)) == []


def test_a_part_of_a_text_is_replaced_whole_and_the_rest_stays(
    tmp_path: Path, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    wording = read_wording(
        own(
            tmp_path,
            'greeting = "Viele Grüße aus Würzburg"\n'
            '[[template.reminder.before]]\ntext = "kurz gefragt: {open} sind noch offen, bitte bis {deadline}."\n',
        )
    )
    letter = compose(notice_of("reminder"), letterhead, "M-1", wording=wording)
    assert letter.before == ("kurz gefragt: 1.190,00\u00a0€ sind noch offen, bitte bis 12.03.2026.",)
    assert letter.after == compose(notice_of("reminder"), letterhead, "M-1").after
    assert letter.words.word("greeting") == "Viele Grüße aus Würzburg"
    assert wording("en") is texts("en")


def test_the_warm_style_greets_warmly(
    tmp_path: Path, notice_of: Callable[..., Notice], letterhead: Letterhead
) -> None:
    letter = compose(notice_of("reminder"), letterhead, "M-1", wording=read_wording(own(tmp_path, 'style = "warm"')))
    assert letter.salutation == "Guten Tag,"
    assert letter.words.word("greeting") == "Herzliche Grüße"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_warm_first_letter_still_names_amount_deadline_and_contact(language: str) -> None:
    said = str(in_style(language, "warm").data["template"]["first_dunning"])
    assert all(f"{{{name}}}" in said for name in ("total", "deadline", "contact", "payments_until"))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (
            '# ours\n[[template.reminder.before]]\ntext = "Sonst kommt das Inkasso."\n',
            3,
            "'Inkasso' must not stand in reminder",
        ),
        (
            '[[template.reminder.before]]\ntext = "gut"\n[[template.reminder.before]]\ntext = "zahl an {kunde}"\n',
            3,
            "{kunde} is not known",
        ),
        ('[[template.reminder.before]]\nwhen = ["rain"]\ntext = "x"\n', 1, "'rain' is no fact"),
        ('[[template.reminder.mail_subject]]\ntext = "Mahnung!"\n', 2, "whoever glances at the screen"),
        (
            '[[template.final_notice.after]]\ntext = "Danach gehen wir zum Gericht."\n',
            2,
            "must also say that the debtor may object",
        ),
    ],
)
def test_a_mistake_names_file_line_and_reason(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_wording(own(tmp_path, text))
    told = str(refused.value)
    assert f"de.toml, line {line}: " in told
    assert says in told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('style = "rude"', "formal, warm"),
        ('greetings = "Hallo"', "greetings is not known"),
        ('[[template.remainder.before]]\ntext = "x"', "no text is called 'remainder'"),
        ('[[template.reminder.middle]]\ntext = "x"', "cannot be changed"),
        ("[labels]\ndate = 7", "written like the shipped one"),
        ('[call]\ncolumns = ["A"]', "19 columns"),
        ('[[template.reminder.subject]]\nwhen = ["one item"]\ntext = "x"', "must be without `when`"),
        ('[[template.reminder.before]]\ntext = "{open"', "braces do not match"),
        ('[[resumption]]\nwhen = ["broken promise"]\ntext = "das kommt vor Gericht"', "Gericht"),
        ('[[resumption]]\ntext = "leider"', "every letter would begin so"),
        ('[[resumption]]\nwhen = ["ended deferral"]\ntext = "bis {deadline}"', "{deadline} is not known"),
        ("not toml", "cannot be read as TOML"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Refused, match=r"(?s)de\.toml") as refused:
        read_wording(own(tmp_path, text))
    assert says in str(refused.value)


def test_all_mistakes_of_both_languages_are_told_at_once(tmp_path: Path) -> None:
    own(tmp_path, 'style = "rude"')
    own(tmp_path, "oops = 1", "en")
    own(tmp_path, "x = 1", "fr")
    with pytest.raises(Refused) as refused:
        read_wording(tmp_path)
    assert len(str(refused.value).splitlines()) == 3


def test_an_office_may_say_one_end_of_a_silence_in_its_own_words(tmp_path: Path) -> None:
    words = read_wording(own(tmp_path, '[[resumption]]\nwhen = ["broken promise"]\ntext = "nanu?"'))("de")
    said = {tuple(one["when"]): one["text"] for one in words.data["resumption"]}
    assert said[("broken promise",)] == "nanu?"
    assert said[("ended deferral",)].startswith("die Stundung")
    assert len(said) == len(words.data["resumption"]) == 5
