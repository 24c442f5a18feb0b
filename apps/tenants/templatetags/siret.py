"""SIRET numbers in templates."""

from django import template

from apps.tenants.siret import in_groups

register = template.Library()
register.filter("siret", in_groups)
