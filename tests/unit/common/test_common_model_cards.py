"""Figures are read from the tables that people read."""

from pathlib import Path

from common import model_cards

CARD = """# Model card

| what | is |
|---|---|
| file | 0.5 |

| photos | R@1 | note |
|:--|--:|---|
| some, 10 photos | 0.25 | none |
| others | 1 | 2.5 |
After
"""


def test_rows_of_the_table_with_that_head_have_its_numbers(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(CARD)
    rows = model_cards.rows(card, "photos")
    assert [(row.name, dict(row.figures)) for row in rows] == [
        ("some, 10 photos", {"R@1": 0.25}),
        ("others", {"R@1": 1.0, "note": 2.5}),
    ]


def test_card_or_table_that_is_not_there_has_no_rows(tmp_path: Path) -> None:
    assert model_cards.rows(tmp_path / "none.md", "photos") == []
    (tmp_path / "card.md").write_text(CARD)
    assert model_cards.rows(tmp_path / "card.md", "nothing") == []
