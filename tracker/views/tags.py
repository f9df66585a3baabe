"""Tags and teams of a patient."""

from django.db import transaction
from django.http import HttpResponse

from portal.middleware import SignedIn
from tracker import plan
from tracker.forms.tags import TagsForm
from tracker.models import Patient
from tracker.views.acts import ask, typed
from tracker.views.charting import done, sheet, treating

KNOWN = "The clinic has this tag already. Tick it above."


@treating
def tags(request: SignedIn, known: Patient) -> HttpResponse:
    """Choose the tags that the patient carries, and make a new one."""
    on = [row.tag_id for row in known.taggings.filter(taken_off_at=None)]
    form = TagsForm(request.user, known, typed(request), initial={"tags": on})
    if request.method == "POST" and form.is_valid():
        try:
            _put(request, known, form)
            return done(request, known, "The tags are saved.")
        except plan.Known:
            form.add_error("name", KNOWN)
    text = "Words and teams by which the clinic groups its patients. The family does not see them."
    return ask(request, known, sheet("Tags and teams", text), form)


@transaction.atomic
def _put(request: SignedIn, known: Patient, form: TagsForm) -> None:
    told = form.cleaned_data
    chosen = list(told["tags"])
    if told.get("name"):
        chosen.append(plan.make_tag(request.user, known, told["name"], team=told["team"]))
    plan.put_tags(request.user, known, chosen)
