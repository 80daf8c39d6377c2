"""The respellings are heard by espeak-ng itself, as the phonemes it would say (espeak-ng -x)."""

import shutil
import subprocess

import pytest

from companion.voice.pronunciation import respelled, respellings

RIGHT = {
    "fase": "f'a:z@",
    "fasen": "f'a:z@n",
    "fases": "f'a:z@s",
    "minuut": "m'in'yt",
    "minuten": "m'in'yt@n",
    "hierna": "h'irn'a:",
    "akkoord": "_!'Akk'O:rt",
    "opnieuw": "_!_|Opn'iw",
    "incident": "_!'Ins,id'Ent",
    "coaches": "k'o:tSIs",
    "luisteroefening": "l'Wyst@r'uf@n,IN",
    "luisteroefeningen": "l'Wyst@r'uf@n,IN@n",
    "jullie": "j'8li",
    "onze": "_!'Onz@",
    "elkaar": "_!'Elk'a:r",
    "vooral": "vO:r'Al",
    "visie": "v'izi",
    "intervisie": "_!'Int@rv'izi",
    "oordeel": "_!'o:rd'e:l",
    "oordelen": "_!'o:rd'e:l@n",
    "respect": "r'Esp'Ekt",
    "terwijl": "t'Erv#'EIl",
    "bouwstenen": "b'VUst'e:n@n",
    "eén": "_!'e:n",
    "feedback": "f'idbEk",
    "interview": "_!'Int@rvj,u",
    "interviewer": "_!'Int@rvj,uv#@r",
    "interviewt": "_|,Int@rvj'ut",
    "basisregels": "b'a:zIsr'e:Q@ls",
    "gespreksregels": "Q@spr'Eksr'e:Q@ls",
    "achterover": "_!'Axt@r'o:v@r",
    "beroepsvereniging": "b@r'upsv@r_!'e:niQ,IN",
    "reflectiespiraal": "rEfl'Eksispir'a:l",
    "reflectievragen": "rEfl'Eksivr'a:Q@n",
    "roddelmethode": "r'Od@lmEt'o:d@",
    "tienstappenmethode": "t'instAp@nmEt'o:d@",
    "vijfstappenmethode": "v'EIfstAp@nmEt'o:d@",
    "sleutelvraag": "sl'Y:t@lvr'a:x",
    "vragenronde": "vr'a:Q@nr'Ond@",
    "stilstaan": "st'Ilst'a:n",
    "vastloopt": "v'Astl'o:pt",
    "vaststaat": "v'Astst'a:t",
    "verdergaan": "v'Erd@rQ'a:n",
}
"""Words to phonemes in espeak-ng's notation; ' stands before a stressed vowel."""

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def phonemes(text: str) -> str:
    command = ["espeak-ng", "-q", "-x", "-v", "nl", text]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_every_listed_word_has_its_phonemes_here() -> None:
    assert respellings("nl").keys() == RIGHT.keys()


@needs_espeak
@pytest.mark.sound
@pytest.mark.parametrize("word", RIGHT)
def test_a_respelling_sounds_right_and_is_needed(word: str) -> None:
    assert phonemes(respelled(word, "nl")) == RIGHT[word]
    assert phonemes(word) != RIGHT[word], f"espeak-ng says {word!r} right by itself: take it off the list"


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("De volgende fase.", "nl", "De volgende faze."),
        ("Fase twee: vijf minuten.", "nl", "faze twee: vijf mi-nuten."),
        ("De eindfase en de fasering", "nl", "De eindfase en de fasering"),
        ("The next fase", "en", "The next fase"),
        ("", "nl", ""),
    ],
)
def test_only_whole_words_of_the_language_are_respelled(text: str, language: str, said: str) -> None:
    assert respelled(text, language) == said
