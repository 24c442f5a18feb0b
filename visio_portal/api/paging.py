"""Long lists."""

from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """Pages that cost the same however far one reads; ``next`` and ``previous`` are addresses."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
