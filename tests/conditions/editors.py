"""An editing page as a browser would post it."""

from django.http import HttpResponse


def form_of(response: HttpResponse) -> dict[str, str]:
    """What the page's form would post if nothing were changed."""
    form = response.context["adminform"].form
    posted = {name: str(value) for name, value in form.initial.items() if value is not None}
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        for bound in (formset.management_form, *formset.forms):
            for name, field in bound.fields.items():
                value = bound.get_initial_for_field(field, name)
                if name == "condition" or name == "statement":
                    value = formset.instance.pk
                if value is not None and value is not False:
                    posted[bound.add_prefix(name)] = str(getattr(value, "pk", value))
    return posted
