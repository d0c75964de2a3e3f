"""The one dictionary of variables: names, codes, labels, privacy and survivorship, in YAML.

Pure: no Django. Readers, register, ranking, questionnaire, exports and explanations read it here.
"""

from registry.variables.dictionary import Code, Dictionary, Label, Variable, load_dictionary

__all__ = ["Code", "Dictionary", "Label", "Variable", "load_dictionary"]
