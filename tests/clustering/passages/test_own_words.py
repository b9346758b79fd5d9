from dataclasses import replace

import pytest

from tests.clustering.writing import write_article
from wirethread.clustering.passages.own_words import find_own_words

ECHO = replace(write_article("e", [], outlet="The Tarn Echo"), byline="By Petra Holm and Reuters")


@pytest.mark.parametrize(
    "text",
    [
        "In a statement to The Tarn Echo the ministry called the bridge safe.",
        "The mayor told the Echo that he had not slept.",
        "Nobody in the village wanted to give this newspaper a name.",
        "The contract, reviewed by the Tarn Echo, runs for nine years.",
        "When a Tarn Echo reporter visited the mill, its gate was welded shut.",
        "The Tarn Echo walked the footpath to the hamlet with a mule team on Tuesday.",
        "Holm walked eleven orchards with them and found blossom as brown as tea.",
        "Our mussel farmers have taken in their ropes.",
        "We asked eleven bakers what they pay for flour.",
        "Das sagte die Ministerin im Gespräch mit dieser Zeitung.",
        "Le maire l'a confirmé à notre rédaction lundi soir.",
    ],
)
def test_who_was_told_and_who_was_there_wrote_the_paragraph(text: str) -> None:
    found = find_own_words(ECHO, text)
    assert found is not None
    assert found in text


@pytest.mark.parametrize(
    "text",
    [
        "The ministry told Reuters that the bridge was safe.",
        '"We have lost our boats and I have lost my house," said the skipper of Tarn.',
        "The echo of the blast was heard in Tarn.",
        "World War I was still remembered on the coast when the mine was found.",
        "Holm said that the union would appeal.",
        "“I will not go, she said, and we will stay with our cows until the water is gone.",
        "A spokesman said this week that a report would follow.",
    ],
)
def test_what_others_said_is_no_evidence(text: str) -> None:
    assert find_own_words(ECHO, text) is None


def test_an_outlet_that_is_not_known_names_nobody() -> None:
    unknown = replace(ECHO, outlet="unknown", byline=None)
    assert find_own_words(unknown, "The cause was unknown to the reporters of the unknown.") is None


def test_a_paper_named_after_a_thing_is_told_from_the_thing() -> None:
    hill = replace(ECHO, outlet="The Hill", byline=None)
    assert find_own_words(hill, "Senators returned to the Hill on Monday to vote.") is None
    assert find_own_words(hill, "Two aides told The Hill that the vote would wait.") is not None
