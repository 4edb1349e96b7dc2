"""The languages that a report can be in."""

from collections.abc import Mapping

from llm_simulator.report.chinese import CHINESE
from llm_simulator.report.english import ENGLISH
from llm_simulator.report.words import Language, Words

WORDS: Mapping[Language, Words] = {Language.ENGLISH: ENGLISH, Language.CHINESE: CHINESE}
