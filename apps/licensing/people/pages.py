"""Pages of lists that SQL cuts, for the links to the other ones."""

from collections.abc import Sequence
from typing import TypeVar

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest

Row = TypeVar("Row")


class CutPaginator(Paginator):  # type: ignore[type-arg]  # at run time it takes no parameter
    """A paginator over one page's rows, of a number that is known."""

    def __init__(self, rows: Sequence[Row], size: int, total: int) -> None:
        super().__init__(rows, size)
        self.total = total

    @property
    def count(self) -> int:
        return self.total


def page_number(request: HttpRequest) -> int:
    """Return the page that is asked for, from 1; raises Http404 for what is no number."""
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise Http404(text)
    return int(text[:9])


def page_over(rows: Sequence[Row], number: int, total: int, size: int) -> Page[Row]:
    """Return the rows of a page that SQL has cut; raises Http404 beyond the last one."""
    paginator = CutPaginator(rows, size, total)
    try:
        return Page(rows, paginator.validate_number(number), paginator)
    except InvalidPage as error:
        raise Http404(str(error)) from error
