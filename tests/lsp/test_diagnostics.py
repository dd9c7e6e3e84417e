"""What is wrong is said while it is typed, and no longer than it is wrong."""

from __future__ import annotations

from pathlib import Path

from .client import Client, session, within
from .conftest import EXAMPLE


def test_a_right_file_has_no_findings(client: Client, cancer: str) -> None:
    """The example is checked when it is opened, and nothing is wrong in it."""
    assert client.fresh(cancer) == []


def test_findings_come_and_go(client: Client, cancer: str) -> None:
    """A mistake is shown where it stands, with its code, a link, and no more when it is mended."""
    right = client.texts[cancer]
    client.edit(cancer, right.replace("family   =", "famly   ="))
    first = client.fresh(cancer)[0]
    assert (first["code"], first["severity"], within(client.texts[cancer], first["range"])) == ("MLA204", 1, "famly")
    page, _, anchor = first["codeDescription"]["href"].partition("#")
    assert page.endswith("/docs/reference/codes.md")
    assert f'<a id="{anchor}">' in (EXAMPLE.parents[2] / "docs" / "reference" / "codes.md").read_text(encoding="utf-8")
    assert "did you mean `family`?" in first["message"]
    client.edit(cancer, right)
    assert client.fresh(cancer) == []


def test_a_word_typed_letter_by_letter(client: Client, cancer: str) -> None:
    """While a reference is typed, every state of the text is checked, completed and left without a crash."""
    right = client.texts[cancer]
    place = "  model = model.classifier\n"
    for count in range(len("model = model.") + 1):
        typed = place[: 2 + count]
        client.edit(cancer, right.replace(place, typed + "\n"))
        assert client.codes(cancer) or not typed.strip(), typed
        client.names(cancer, f"{typed}|\n  slo")
    assert client.names(cancer, "  model = model.|") == ["classifier"]
    client.edit(cancer, right)
    assert client.fresh(cancer) == []


def test_the_last_edit_wins(client: Client, cancer: str) -> None:
    """Of many edits in a row the last one is what the findings are of."""
    right = client.texts[cancer]
    for number in range(30):
        client.edit(cancer, right.replace("classifier", "c" * (number + 1), 1))
    client.edit(cancer, right)
    assert client.fresh(cancer) == []


def test_a_second_place_is_linked(client: Client, cancer: str) -> None:
    """What is defined twice points at the first definition as related information."""
    client.edit(cancer, client.texts[cancer] + "\nmodel classifier { }\n")
    found = next(each for each in client.fresh(cancer) if each["code"] == "MLA206")
    related = found["relatedInformation"][0]
    assert related["location"]["uri"] == cancer
    assert within(client.texts[cancer], related["location"]["range"]) == "model classifier"


def test_columns_are_counted_in_utf_16(client: Client, cancer: str) -> None:
    """Behind emoji on the same line a finding, a hover and a completion are still in the right place."""
    line = 'slo { p99 < 100ms } # \n  release = "🚀🚀", famly = 1'
    client.edit(cancer, client.texts[cancer].replace("slo { p99 < 100ms, throughput >= 1000req/s }", line))
    found = {within(client.texts[cancer], each["range"]) for each in client.fresh(cancer)}
    assert "famly" in found
    text = client.texts[cancer].replace("family   = logistic_regression", 'version = "🚀🚀", family = logistic_regression')
    client.edit(cancer, text)
    assert "logistic_regression" in client.explained(cancer, "family = logis|tic")
    assert client.names(cancer, '"🚀🚀", fam|ily')


def test_an_unsaved_import_is_what_counts(tmp_path: Path) -> None:
    """An imported file that is open and not saved is read as it is shown, and its own findings are shown in it."""
    folder = tmp_path.resolve()
    (folder / "hardware.mlarch").write_text("hardware laptop { cpu = 2 }\n", encoding="utf-8")
    example = EXAMPLE.read_text(encoding="utf-8")
    main = (
        example.replace("system cancer", 'import "hardware.mlarch"\n\nsystem cancer')
        + "\ntraining t {\n  model = model.classifier\n  hardware = hardware.laptop\n}\n"
    )
    (folder / "main.mlarch").write_text(main, encoding="utf-8")
    with session(folder) as client:
        uri = client.open("main.mlarch")
        assert not [each for each in client.codes(uri) if each != "MLA801"]
        hardware = client.open("hardware.mlarch")
        assert not [each for each in client.codes(hardware) if each != "MLA801"]
        client.edit(hardware, "hardware desktop { cpu = 2 }\n")
        assert within(client.texts[uri], client.until(uri, "MLA203")["range"]) == "hardware.laptop"
        client.edit(hardware, "hardware laptop { cpu = two, memry = 1GB }\n")
        assert client.codes(hardware)[0] in ("MLA204", "MLA207")
        client.close(hardware)
        assert not [each for each in client.closed(hardware) if each["code"] != "MLA801"]


def test_closing_takes_the_findings_along(client: Client) -> None:
    """A file that is closed and does not exist has no findings any more."""
    uri = client.open("scratch.mlarch", "nonsense\n")
    assert client.codes(uri)
    client.close(uri)
    assert client.closed(uri) == []
