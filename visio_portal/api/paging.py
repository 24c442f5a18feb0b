"""Long lists."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

if TYPE_CHECKING:  # rest_framework.views reads the settings, which name this module's neighbours
    from rest_framework.request import Request
    from rest_framework.views import APIView


class Pages(CursorPagination):
    """Pages that cost the same however far one reads; ``next`` and ``previous`` are addresses."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: "Request", view: "APIView | None" = None) -> list[Any] | None:
        """Return the page that the query asks for; raises NotFound for a cursor that this list never gave."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, DataError) as error:  # its place is no value of the column
            raise NotFound(self.invalid_cursor_message) from error
