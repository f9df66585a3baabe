"""The code systems that a condition is looked up in, and what other software calls them. Pure."""

from typing import NamedTuple


class CodeSystem(NamedTuple):
    """A system by the name that releases use; `oid` is HL7's number for it, `uri` is FHIR's name."""

    name: str
    oid: str = ""
    uri: str = ""


SYSTEMS = (
    CodeSystem("ORPHA", uri="http://www.orpha.net"),
    CodeSystem("SNOMED CT", "2.16.840.1.113883.6.96", "http://snomed.info/sct"),
    CodeSystem("ICD-10", "2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"),
    CodeSystem("ICD-10-CM", "2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm"),
    CodeSystem("ICD-11", uri="http://id.who.int/icd/release/11/mms"),
    CodeSystem("MeSH", "2.16.840.1.113883.6.177", "https://www.nlm.nih.gov/mesh"),
    CodeSystem("MONDO"),
    CodeSystem("OMIM"),
    CodeSystem("UMLS"),
    CodeSystem("GARD"),
    CodeSystem("MedDRA", "2.16.840.1.113883.6.163"),
    CodeSystem("ICD-9-CM"),
    CodeSystem("NCIt"),
    CodeSystem("EFO"),
    CodeSystem("MedGen"),
    CodeSystem("NORD"),
)
SPELLINGS = {"orphanet": "ORPHA", "orphacode": "ORPHA", "snomed": "SNOMED CT", "icd11mms": "ICD-11"}


def system_named(word: str) -> CodeSystem | None:
    """The system that `word` means: a name in any spelling, an OID or a URI; None when there is none."""
    bare = word.lower().removeprefix("urn:oid:").rstrip("/")
    for each in SYSTEMS:
        if bare and (bare in (each.oid, each.uri.lower()) or _plain(bare) == _plain(each.name)):
            return each
    spelt = SPELLINGS.get(_plain(bare))
    return next((each for each in SYSTEMS if each.name == spelt), None)


def _plain(word: str) -> str:
    """Letters and digits alone, so that ICD10, icd-10 and ICD 10 are one."""
    return "".join(letter for letter in word.lower() if letter.isalnum())
