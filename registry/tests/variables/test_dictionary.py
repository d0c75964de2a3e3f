"""The dictionary ships complete and consistent."""

from registry.variables import load_dictionary


def test_dictionary_has_the_39_variables_and_more():
    dictionary = load_dictionary()
    assert len(dictionary.household_items) == 33
    assert len(dictionary.individual_items) == 13


def test_every_code_and_label_speaks_both_languages():
    for variable in load_dictionary().by_name.values():
        for words in (variable.label, *variable.codes.values()):
            assert words["id"] and words["en"]


def test_values_are_shown_in_words():
    dictionary = load_dictionary()
    assert dictionary["id_atap_terluas"].text(5, "id") == "Bambu"
    assert dictionary["luas_lantai_bangunan"].text(545, "id") == "54,5 m2"
    assert dictionary["id_atap_terluas"].is_coarse("p3ke")
