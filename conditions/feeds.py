"""What search engines and feed readers ask for: the sitemap, robots.txt and the changes as Atom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_of
from django.contrib.syndication.views import Feed
from django.db.models.fields.json import KT
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from conditions import search
from conditions.caching import public_page
from conditions.models import Approval, Release

if TYPE_CHECKING:  # Django's classes take a type in stubs only
    Pages = Sitemap[Any]
    Entries = Feed[Any, Any]
else:
    Pages, Entries = Sitemap, Feed

SHOWN = 30  # entries of a feed
# Nothing behind these is for search engines; each needs signing in or is made for one reader.
CLOSED = [
    *("accounts", "admin", "break-glass", "due", "hand-over", "health", "log", "patients", "rules"),
    *("trail", "worklist", "conditions/*/feedback"),
]


@dataclass(frozen=True)
class Entry:
    """A release that was published or withdrawn, in words for readers."""

    title: str
    text: str
    link: str
    at: datetime


class Published(Pages):
    """The page of every published condition."""

    def items(self) -> list[search.Listed]:
        """Give them by name."""
        return search.everything()

    def location(self, item: search.Listed) -> str:
        """Its address."""
        return reverse("conditions:detail", args=[item.slug])

    def lastmod(self, item: search.Listed) -> datetime:
        """When readers got this release."""
        return item.published_at


class Changes(Entries):
    """Newest first: what was published, withdrawn or archived, of one condition or of all."""

    feed_type = Atom1Feed
    title = "Steady: changes of condition information"
    subtitle = "Each release that was published, withdrawn or archived, with its reason."

    def get_object(self, request: HttpRequest, slug: str = "") -> list[Entry]:
        """Errors: Http404 for a condition of which nothing was ever published."""
        everything = [*entries(slug), *archived(slug)]
        found = sorted(everything, key=lambda entry: entry.at, reverse=True)[:SHOWN]
        if slug and not found:
            raise Http404
        return found

    def link(self, obj: list[Entry]) -> str:
        """Where people read the same."""
        return reverse("conditions:list")

    def items(self, obj: list[Entry]) -> list[Entry]:
        """Give them as found."""
        return obj

    def item_title(self, item: Entry) -> str:
        """Which release of what."""
        return item.title

    def item_description(self, item: Entry) -> str:
        """Why."""
        return item.text

    def item_link(self, item: Entry) -> str:
        """Where what changed is shown."""
        return item.link

    def item_pubdate(self, item: Entry) -> datetime:
        """Since when."""
        return item.at

    item_updateddate = item_pubdate


def entries(slug: str = "") -> Iterator[Entry]:
    """The last releases and withdrawals, each kind at most SHOWN. Queries: two, without snapshots."""
    releases = Release.objects.filter(condition__slug=slug) if slug else Release.objects.all()
    named = releases.annotate(called=KT("snapshot__condition__name")).order_by("-published_at")
    fields = ("called", "condition__slug", "number")
    published = named.filter(state="published").values_list(*fields, "reason", "published_at")
    for called, word, number, reason, at in published[:SHOWN]:
        yield Entry(f"{called}: release {number}", reason, _link(word, number), at)
    given = named.filter(state="withdrawn", approvals__verdict="withdrawn")
    for called, word, number, note, at in given.values_list(*fields, "approvals__note", "approvals__at")[
        :SHOWN
    ]:
        yield Entry(f"{called}: release {number} was withdrawn", note, _link(word, number), at)


def archived(slug: str = "") -> Iterator[Entry]:
    """Which conditions are no longer kept up, and why. Queries: one."""
    given = Release.objects.filter(approvals__verdict=Approval.Verdict.ARCHIVED)
    given = given.filter(condition__slug=slug) if slug else given
    named = given.annotate(called=KT("snapshot__condition__name")).order_by("-approvals__at")
    fields = ("called", "condition__slug", "number", "approvals__note", "approvals__at")
    for called, word, number, note, at in named.values_list(*fields)[:SHOWN]:
        yield Entry(f"{called}: no longer kept up", note, _link(word, number), at)


def _link(slug: str, number: int) -> str:
    return f"{reverse('conditions:changes', args=[slug])}#release-{number}"


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page of a published condition."""
    return sitemap_of(request, {"conditions": Published()}).render()


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """What is for search engines, and where the list of it is."""
    lines = ["User-agent: *", *(f"Disallow: /{word}/" for word in CLOSED)]
    place = request.build_absolute_uri(reverse("conditions:sitemap"))
    return HttpResponse("\n".join([*lines, f"Sitemap: {place}", ""]), content_type="text/plain")


@public_page
def changes(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The changes of one condition, or of all, as Atom."""
    return Changes()(request, slug=slug)
