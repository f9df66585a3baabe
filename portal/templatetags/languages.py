"""What templates ask about the language of their page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi

from portal import languages

register = template.Library()
register.filter(languages.midsentence)


@register.simple_tag
def page_language() -> str:
    """The language of the page, as `<html lang>` has it."""
    return languages.spoken()


@register.simple_tag
def page_direction() -> SafeString:
    """The attribute that says that the page runs from right to left; '' where it does not."""
    return mark_safe(' dir="rtl"') if get_language_bidi() else SafeString("")


@register.simple_tag
def english() -> SafeString:
    """The attributes of what stays English on every page; '' on an English one."""
    if languages.spoken() == "en":
        return SafeString("")
    return mark_safe(' lang="en" dir="ltr"') if get_language_bidi() else mark_safe(' lang="en"')


@register.simple_tag
def in_english(words: str) -> SafeString:
    """Words that stay English within a sentence of the page."""
    attributes = english()
    return format_html("<span{}>{}</span>", attributes, words) if attributes else format_html("{}", words)


@register.simple_tag
def beside(language: str) -> SafeString:
    """The page's own attributes, for its words within a text of `language`; '' within one of its own."""
    here = languages.spoken()
    return SafeString("") if language == here else format_html(' lang="{}"{}', here, page_direction())
