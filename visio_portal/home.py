"""The first page of a person and of a tenant."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def index(request: HttpRequest) -> HttpResponse:
    return render(request, "home/index.html")


def tenant_home(request: HttpRequest) -> HttpResponse:
    return render(request, "home/tenant.html")
