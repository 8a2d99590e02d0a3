"""A name looks like a subject's by its words; a score only puts guesses in order."""

from __future__ import annotations

import pytest

from collectors.likeness import ALIKE, alike, words

SUBJECT = "finance-invoice-recon"


def test_words_are_cut_at_signs_at_upper_case_and_at_digits():
    assert words("financeInvoiceRecon_v2") == ("finance", "invoice", "recon", "v", "2")
    assert words("FINANCE/Invoice.recon") == ("finance", "invoice", "recon")


def test_what_any_team_puts_anywhere_counts_for_nothing_unless_there_is_nothing_else():
    assert words("agent-orders-prod") == ("orders",)
    assert words("primary") == ("primary",)


@pytest.mark.parametrize(
    "name", [SUBJECT, "finance_invoice_recon", "FinanceInvoiceRecon", "financeinvoicerecon", f"agent-{SUBJECT}-prod"]
)
def test_how_words_are_joined_does_not_matter(name: str):
    assert alike(SUBJECT, name) == 1.0


def test_the_same_words_are_more_alike_than_the_same_and_one_more():
    assert alike(SUBJECT, SUBJECT) > alike(SUBJECT, f"{SUBJECT}-shadow") > ALIKE
    assert alike(SUBJECT, f"{SUBJECT}-shadow") > alike(SUBJECT, "invoice recon")


def test_a_word_stands_for_one_that_it_begins():
    assert alike(SUBJECT, "Finance invoice reconciliation") > ALIKE
    assert alike("orders", "or") == 0.0


@pytest.mark.parametrize("name", ["ledger-export", "hr-onboarding", "svc-invoice-archive", "finance", "", "🂡"])
def test_one_word_in_three_is_no_likeness(name: str):
    assert alike(SUBJECT, name) < ALIKE


def test_a_description_that_has_the_name_counts_more_than_a_name_that_has_none_of_it():
    assert alike(SUBJECT, "finance/netsuite", "OAuth client of finance-invoice-recon") == 0.9
    assert alike("", "anything", "anything") == 0.0
