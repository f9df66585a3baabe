"""What a page says to machines that read schema.org: JSON-LD as a block of data. Pure.

The block is no script: browsers do not run the type `application/ld+json`, and so the content policy,
which governs what runs, has nothing to refuse.
"""

import json
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from conditions.reading import Edition
from conditions.standing import Standing
from portal import languages

# As Django's json_script escapes: nothing in the text can end the element.
ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})
HPO = "Human Phenotype Ontology"


def block(standing: Standing, edition: Edition, site: str) -> SafeString:
    """The element for a page's head; `site` is the address of the front page."""
    text = json.dumps(page(standing, edition, site), ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


def page(standing: Standing, edition: Edition, site: str) -> dict[str, Any]:
    """A MedicalWebPage about a MedicalCondition; reviewed only where a clinical reviewer approved."""
    address = site.rstrip("/") + reverse("conditions:detail", args=[standing.slug])
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "@id": address,
        "url": address,
        "name": edition.condition["name"],
        "description": edition.condition["summary"],
        "inLanguage": edition.language,
        "version": standing.number,
        "datePublished": standing.published_at.isoformat(),
        "dateModified": standing.moved_at.isoformat(),
        "medicalAudience": {"@type": "MedicalAudience", "audienceType": "Patient"},
        "mainEntity": condition(edition, address),
        "citation": [source.address for source in edition.sources if source.address],
    }
    if standing.review:
        told["lastReviewed"] = standing.review.on.isoformat()
    return told


def condition(edition: Edition, address: str) -> dict[str, Any]:
    """The condition with every code that it has; a code that does not fit exactly says how it fits."""
    names = [edition.condition["short_name"], *(name["text"] for name in edition.names)]
    return {
        "@type": "MedicalCondition",
        "@id": f"{address}#condition",
        "name": edition.condition["name"],
        "alternateName": list(dict.fromkeys(filter(None, names))),
        "code": [_code(each) for each in edition.codes if not each["none"]],
        "signOrSymptom": [
            {
                "@type": "MedicalSignOrSymptom",
                "name": each["name"],
                "alternateName": each["lay"],
                "code": {"@type": "MedicalCode", "codingSystem": HPO, "codeValue": each["hpo"]},
            }
            for each in edition.features
        ],
    }


def _code(each: dict[str, Any]) -> dict[str, str]:
    told = {"@type": "MedicalCode", "codingSystem": each["system"], "codeValue": each["code"]}
    if not each["exact"]:
        fit = languages.midsentence(each["relation"])
        told["description"] = _("How well the code fits the condition: %(fit)s.") % {"fit": fit}
    return told
