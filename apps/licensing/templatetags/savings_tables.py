"""Words in templates of savings."""

from django import template

register = template.Library()


@register.filter
def words(text: str) -> list[str]:
    """Return the words of a text, to be gone through."""
    return text.split()
