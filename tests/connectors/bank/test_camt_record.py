"""However a file writes an element, the texts under its words are those that walking the tree would find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from connectors.bank.iso20022.camt_record import Reader, Record, plain_xml, record_of, tags_and_texts
from connectors.bank.iso20022.camt_vocabulary import ENTRY, HEADER, PAYMENT, Word, words

if TYPE_CHECKING:
    from collections.abc import Mapping

PARSER = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False)


def walked(element: etree._Element, vocabulary: Mapping[str, Word]) -> list[tuple[str, str]]:
    """Read an element the slow way: children by local name, text before the first child."""
    said = []
    for child in element:
        known = vocabulary.get(etree.QName(child).localname)
        if known is None:
            continue
        if known.has_text and child.text:
            said.append((known.word, child.text))
        # Of an amount without a figure the currency is told as well, as long as the element is not empty.
        if known.has_currency and (child.text or len(child)) and child.get("Ccy"):
            said.append((f"{known.word}.currency", str(child.get("Ccy")).strip()))
        said += walked(child, known.inside)
    return said


def said(record: Record) -> list[tuple[str, str]]:
    """Give everything a record says, in any order."""
    shape = record.shape
    own = [(word, record.texts[place]) for word, places in shape.places.items() for place in places]
    own += [(word, currency) for word, currencies in shape.currencies.items() for currency in currencies]
    inside = [one for word in shape.groups for group in record.group(word) for one in said(group)]
    return sorted((word, text) for word, text in (*own, *inside) if text)


def some_elements() -> st.SearchStrategy[str]:
    names = st.sampled_from(
        "Refs EndToEndId Amt AmtDtls InstdAmt RltdPties Dbtr Pty Agt Nm Chrgs Rcrd RmtInf Ustrd Strd CdtrRefInf Ref "
        "BkTxCd Domn Cd Fmly Prtry Unknown".split()
    )
    text = st.sampled_from(
        [
            "",
            "a",
            " b ",
            "&amp;lt;",
            "&lt;x&gt;",
            "<![CDATA[<Nm>&amp;</Nm>]]>",
            "<!-- c --> d",
            "e<?f g?>h",
            "&#13;\n",
            "ä€",
        ]
    )
    currency = st.sampled_from(["", ' Ccy="EUR"', ' x="a&gt;b&lt;" Ccy="U&amp;S"', " y='\"'"])
    prefix = st.sampled_from(["", "p:", "q:"])

    def element(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(lambda p, n, c, t, i: f"<{p}{n}{c}>{t}{i}</{p}{n}>", prefix, names, currency, text, inside)

    return st.recursive(element(st.just("")), lambda inner: element(st.lists(inner, max_size=4).map("".join)))


@example('<Amt Ccy="EUR"><Refs></Refs></Amt>')
@given(st.lists(some_elements(), max_size=4).map("".join))
def test_any_way_of_writing_xml_says_the_same_as_its_tree(inside: str) -> None:
    element = etree.fromstring(f'<TxDtls xmlns="u" xmlns:p="v" xmlns:q="w">{inside}</TxDtls>', PARSER)
    assert said(record_of(element, "TxDtls")) == sorted(walked(element, PAYMENT))


@given(st.lists(some_elements(), max_size=4).map("".join))
def test_a_shape_seen_often_says_the_same_as_one_seen_once(inside: str) -> None:
    element = etree.fromstring(f'<TxDtls xmlns="u" xmlns:p="v" xmlns:q="w">{inside}</TxDtls>', PARSER)
    reader = Reader("TxDtls", lambda shape: shape)

    def once() -> list[tuple[str, str]]:
        return said(Record(*reader.read(plain_xml(element))))

    first = once()
    assert first == said(record_of(element, "TxDtls"))
    assert all(once() == first for _ in range(100))


@pytest.mark.parametrize("xml", ["<a/>", "<a>&amp;amp; &lt; &amp;</a>", "<a b='&lt;&quot;&#10;'> <c/>x</a>"])
def test_tags_and_texts_alternate(xml: str) -> None:
    tags, texts = tags_and_texts(etree.tostring(etree.fromstring(xml), encoding="unicode"))
    assert len(tags.split("<")) == len(texts)


def test_the_vocabulary_of_sepa_and_our_extensions_are_one() -> None:
    for wanted in ("refs.end_to_end_id", "refs.uetr", "related_parties.debtor.party.name", "purpose.code"):
        assert wanted in set(words(PAYMENT))
    assert "amount_details.transaction_amount.currency_exchange.exchange_rate" in set(words(PAYMENT))
    assert {"status.code", "additional_information_indicator.message_id"} <= set(words(ENTRY))
    assert {"pagination.page", "report_pagination.page", "transactions_summary.total_entries.sum"} <= set(
        words(HEADER)
    )
