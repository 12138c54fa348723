"""Names are found without accents and by their usual transliterations, both ways and by a part."""

import itertools

import pytest

from monitoring.record.duplicate_patients import duplicate_patients
from monitoring.record.name_keys import is_part_of_name, name_keys
from monitoring.store.store import Store
from tests.builders import a_patient

ALIKE = (
    ("Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"),
    ("Łukasz", "Lukasz", "łukasz"),
    ("Straße", "Strasse", "STRASSE", "STRAẞE"),
    ("O'Neil", "ONeil", "O’Neil", "O`Neil"),
    ("Ørsted", "Orsted", "Oersted", "Örsted"),
    ("Nguyễn", "Nguyen"),
    ("Đặng", "Dang"),
    ("Åse", "Aase", "Ase"),
    ("Æsop", "Aesop"),
    ("Þórr", "Thorr", "Þorr"),
    ("José", "Jose"),
    ("Ayşe Yıldız", "Ayse Yildiz", "AYŞE YILDIZ"),
    ("Anna-Lena", "Anna Lena"),
)
DIFFERENT = (
    ("Müller", "Miller"), ("Möller", "Müller"), ("Łukasz", "Lucas"), ("Samuel", "Samson"),
    ("Anna Lena", "Annalena"),
)  # fmt: skip
PAIRS = [pair for names in ALIKE for pair in itertools.permutations(names, 2)]


@pytest.mark.parametrize(("typed", "name"), PAIRS)
def test_a_name_is_found_by_another_spelling(typed: str, name: str) -> None:
    assert is_part_of_name(typed, f"Sample {name} Junior")


@pytest.mark.parametrize(("typed", "name"), DIFFERENT)
def test_another_name_is_not(typed: str, name: str) -> None:
    assert not is_part_of_name(typed, name)


@pytest.mark.parametrize(
    ("part", "name", "found"),
    [
        ("uel", "Samuel", True),
        ("mue", "Müller", True),
        ("muel", "Müller", True),
        ("ueller", "Müller", True),
        ("sz mul", "Łukasz Müller", True),
        ("lukasz  mueller", "Łukasz Müller", True),
        ("neil", "O'Neil", True),
        ("o neil", "O'Neil", False),
        ("lukasz miller", "Łukasz Müller", False),
        ("[/]", "Sample [/] <img>", True),
        ("[/]", "Sample", False),
        ("%", "Sample", False),
        ("'", "O'Neil", True),
        ("عينة", "Sample عينة تجريبية", True),
        ("עברית", "Sample דוגמה", False),
    ],
)
def test_a_part_of_a_name_is_enough(part: str, name: str, found: bool) -> None:  # noqa: FBT001 - parametrized
    assert is_part_of_name(part, name) is found


@pytest.mark.parametrize("text", ["", " ", "[/]", "<>", "'", "\u0301", "\u202e"])
def test_a_text_without_letters_has_no_key_that_finds_everybody(text: str) -> None:
    assert name_keys(text) == ("", "")


@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0])
def test_the_store_finds_and_counts_every_spelling(store: Store, names: tuple[str, ...]) -> None:
    for number, name in enumerate(names):
        store.add_patient(a_patient(str(number), f"Sample {name}"))
    store.add_patient(a_patient("99", "Sample Somebody"))
    for typed in names:
        found = store.patients(typed)
        assert {each.entry.record_number for each in found} == set(map(str, range(len(names))))
        assert store.count_patients(typed) == len(names)
        assert len(store.patients(typed, 2)) == min(2, len(names))
    assert [each.entry.record_number for each in store.patients("99")] == ["99"]


@pytest.mark.parametrize(("typed", "name"), PAIRS)
def test_the_same_person_in_another_spelling_may_be_a_duplicate(
    sqlite_store: Store, typed: str, name: str
) -> None:
    known = sqlite_store.add_patient(a_patient("1", f"Sample {name}"))
    assert duplicate_patients(sqlite_store, a_patient("2", f"{typed}, Sample")) == (known,)


@pytest.mark.parametrize(("typed", "name"), DIFFERENT)
def test_another_name_is_no_duplicate(sqlite_store: Store, typed: str, name: str) -> None:
    sqlite_store.add_patient(a_patient("1", name))
    assert duplicate_patients(sqlite_store, a_patient("2", typed)) == ()
