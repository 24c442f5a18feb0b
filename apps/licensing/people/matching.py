"""Which accounts of different files are one person: by the same address, by an alias, or proposed by name."""

# ruff: noqa: S608 -- statements are made of this package's constants; values are parameters

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.licensing.models import Account, Alias, Format, ListedAccount, UsageImport
from apps.licensing.people.holdings import PERSON, PERSON_UNIT, hashed, parameters
from apps.licensing.people.keeping import digest_of, kept
from apps.licensing.people.listed_pages import is_listed, listed_page, search_listed
from apps.licensing.people.rollups import request_unit_days
from apps.licensing.people.sources import Sources, sources_on
from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record_by
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope

PROPOSALS_MAX = 200
WITH_ACCOUNTS = tuple(item for item in Format if item is not Format.SUBSCRIBED_SKUS)

# Each account of the newest file of each format; matched: the person stands in another file or is a member.
LISTED = f"""
    portal_person AS MATERIALIZED (
        SELECT DISTINCT coalesce(alias.person, account.identifier) AS person
        FROM (
            SELECT membership.tenant_id, person.email AS identifier
            FROM tenants_membership AS membership JOIN tenants_user AS person ON person.id = membership.user_id
            WHERE membership.tenant_id = %(tenant)s AND membership.ended_at IS NULL
        ) AS account {PERSON}
    ),
    listed AS MATERIALIZED (
        SELECT told.place, account.usage_import_id, account.vendor, account.identifier, account.name,
               account.department, account.kind, coalesce(alias.person, account.identifier) AS person
        FROM unnest(%(newest)s::uuid[]) WITH ORDINALITY AS told(import_id, place)
        JOIN licensing_account AS account
          ON account.usage_import_id = told.import_id AND account.tenant_id = %(tenant)s
        {PERSON}
    ),
    shared_person AS MATERIALIZED (
        SELECT person FROM listed GROUP BY person HAVING min(place) <> max(place)
    ),
    matched AS (
        SELECT listed.*, person_unit.unit_id,
               shared_person.person IS NOT NULL OR portal_person.person IS NOT NULL AS is_matched
        FROM listed
        LEFT JOIN shared_person ON shared_person.person = listed.person
        LEFT JOIN portal_person ON portal_person.person = listed.person
        LEFT JOIN person_unit ON person_unit.person = listed.person
    )
"""
MATCHED = f"{PERSON_UNIT}, {LISTED}"
COUNTS = f"""
    WITH {MATCHED}
    SELECT usage_import_id, count(*), count(*) FILTER (WHERE is_matched), count(*) FILTER (WHERE unit_id IS NULL)
    FROM matched GROUP BY usage_import_id
"""
FILTERED = """
    FROM matched LEFT JOIN tenants_unit AS unit ON unit.id = matched.unit_id AND unit.tenant_id = %(tenant)s
    WHERE (%(import)s::uuid IS NULL OR matched.usage_import_id = %(import)s::uuid)
      AND (%(state)s = '' OR %(state)s = 'matched' AND is_matched OR %(state)s = 'unmatched' AND NOT is_matched
           OR %(state)s = 'no_unit' AND matched.unit_id IS NULL)
      AND (%(pattern)s = '' OR matched.identifier LIKE %(pattern)s OR matched.person LIKE %(pattern)s
           OR lower(matched.name) LIKE %(pattern)s)
"""
# The words of a name in any order, without accents: "Jean-Luc DUPONT" is "Dupont Jean Luc".
PLAIN_NAME = r"""
    (SELECT string_agg(word, ' ' ORDER BY word)
     FROM regexp_split_to_table(regexp_replace(normalize(lower({column}), NFKD), '[\u0300-\u036f]', '', 'g'),
                                '[^[:alnum:]]+') AS word WHERE word <> '')
"""
# Only a name that one account has on each side is proposed.
PROPOSALS = f"""
    WITH {MATCHED},
    lonely AS MATERIALIZED (
        SELECT vendor, person, split_part(person, '@', 2) AS domain, max(name) AS name,
               {PLAIN_NAME.format(column="max(matched.name)")} AS plain
        FROM matched
        WHERE name <> '' AND kind IN ('paid', 'free', 'untold')
        GROUP BY vendor, person
        HAVING count(DISTINCT vendor) = 1
    ),
    alone AS (
        SELECT vendor, plain, domain, min(person) AS person, min(name) AS name
        FROM lonely
        WHERE NOT EXISTS (
            SELECT FROM lonely AS other WHERE other.person = lonely.person AND other.vendor <> lonely.vendor
        )
        GROUP BY vendor, plain, domain HAVING count(*) = 1
    )
    SELECT other.person, first.person, first.name
    FROM alone AS first JOIN alone AS other USING (plain, domain)
    WHERE first.vendor = 'microsoft' AND other.vendor = 'zoom' AND position(' ' IN plain) > 0
    ORDER BY first.name, first.person LIMIT {PROPOSALS_MAX + 1}
"""


class ImportCounts(NamedTuple):
    """How the accounts of one import are matched."""

    usage_import: UsageImport
    accounts: int
    matched: int
    without_unit: int

    @property
    def unmatched(self) -> int:
        return self.accounts - self.matched


class MatchedAccount(NamedTuple):
    """One line of the list; ``person`` is the identifier that it counts as."""

    format: Format
    identifier: str
    person: str
    name: str
    department: str
    unit: str
    is_matched: bool


class Proposal(NamedTuple):
    """Two addresses of one domain with one name: perhaps one person."""

    identifier: str
    person: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.identifier} {self.person}"


@dataclass(frozen=True)
class Search:
    """What the list of accounts is asked for."""

    state: str = ""
    format: str = ""
    text: str = ""


@dataclass(frozen=True)
class Found:
    """Some lines of a list, of so many."""

    rows: list[MatchedAccount]
    total: int


def match_counts(tenant: Tenant, sources: Sources) -> list[ImportCounts]:
    """Count matched accounts and those without unit in the newest import of each format, unless that is kept."""
    found = kept(tenant.id, "match_counts", digest_of(tenant, sources), lambda: _count(tenant, sources))
    return [ImportCounts(item, *found.get(item.id, (0, 0, 0))) for item in with_accounts(sources)]


def keep_counts(tenant: Tenant) -> None:
    """Have ready what today's pages would read every account for."""
    with tenant_scope(tenant.id):
        sources = sources_on(tenant, tenant.today)
        match_counts(tenant, sources)
        proposals(tenant, sources)


def find_accounts(tenant: Tenant, sources: Sources, search: Search, *, offset: int, limit: int) -> Found:
    """Return accounts of the newest imports by address, and how many there are; as many queries however many."""
    asked = sources.newest.get(Format(search.format)) if search.format in Format.values else None
    given = _parameters(tenant, sources) | {"limit": limit, "offset": offset}
    formats = {item.id: Format(item.format) for item in with_accounts(sources)}
    given |= {"import": asked.id if asked else None, "state": search.state}
    given |= {"pattern": f"%{escaped(search.text.lower())}%" if search.text else ""}
    is_kept = is_listed(tenant, sources)
    if search.text:
        rows, total = search_listed(given, search.state) if is_kept else _searched(given)
    else:
        chosen = [item for item in match_counts(tenant, sources) if asked is None or item.usage_import == asked]
        total = sum(_number(item, search.state) for item in chosen)
        ids = [item.usage_import.id for item in chosen]
        rows = listed_page(given | {"asked": ids}, search.state) if is_kept else _searched(given)[0]
    return Found([MatchedAccount(formats[row[0]], *row[1:]) for row in rows], total)


def _searched(given: dict[str, Any]) -> tuple[list[tuple[Any, ...]], int]:
    """Return a page of the accounts that hold a text, and their number: every account is read for it."""
    columns = "usage_import_id, identifier, person, matched.name, department, coalesce(unit.name, ''), is_matched"
    with connection.cursor() as cursor, hashed(cursor):
        cursor.execute(
            f"WITH {MATCHED} SELECT count(*) OVER (), {columns} {FILTERED} "
            "ORDER BY identifier, place LIMIT %(limit)s OFFSET %(offset)s",
            given,
        )
        found = cursor.fetchall()
    return [row[1:] for row in found], found[0][0] if found else 0


def proposals(tenant: Tenant, sources: Sources) -> list[Proposal]:
    """Return pairs of a Microsoft and a Zoom account that may be one person; PROPOSALS_MAX at most."""
    return kept(tenant.id, "proposals", digest_of(tenant, sources), lambda: _propose(tenant, sources))


def confirm_pairs(*, membership: Membership, pairs: Sequence[tuple[str, str]]) -> int:
    """Have the first identifier of each pair count as the second one's person; return how many are new.

    Raises Conflict for one that counts as somebody else already.
    """
    with transaction.atomic():
        made = sum(_confirm(membership, identifier.lower(), person.lower()) for identifier, person in pairs)
        if made:
            record_by(membership, "alias.confirmed", count=made)
            request_unit_days(membership.tenant_id)
    return made


def forget_alias(*, membership: Membership, alias: Alias) -> None:
    """Undo a match: from now on the two identifiers are two people."""
    with transaction.atomic():
        record_by(membership, "alias.undone", count=1)
        alias.delete()
        request_unit_days(membership.tenant_id)


def is_known(tenant: Tenant, identifier: str) -> bool:
    """Return whether an address stands in a committed import, or is a member's; the slow question comes last."""
    imports = UsageImport.objects.filter(tenant=tenant, status=UsageImport.Status.COMMITTED)
    return (
        Membership.objects.active().filter(tenant=tenant, user__email=identifier).exists()
        or ListedAccount.objects.filter(usage_import_id__in=imports.values("id"), identifier=identifier).exists()
        or Account.objects.filter(usage_import__in=imports, identifier=identifier).exists()
    )


def escaped(text: str) -> str:
    """Return a text in which LIKE finds nothing but itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _confirm(membership: Membership, identifier: str, person: str) -> bool:
    aliases = Alias.objects.filter(tenant_id=membership.tenant_id).select_for_update()
    root = aliases.filter(identifier=person).first()
    person = root.person if root else person
    if person == identifier:
        return False
    known = aliases.filter(identifier=identifier).first()
    if known and known.person == person:
        return False
    if known:
        raise Conflict(_("One of these addresses counts as somebody else already: undo that first."))
    aliases.filter(person=identifier).update(person=person)  # who counted as this one counts as that one too
    Alias.objects.create(tenant_id=membership.tenant_id, identifier=identifier, person=person, by=membership)
    return True


def _number(item: ImportCounts, state: str) -> int:
    told = {"matched": item.matched, "unmatched": item.unmatched, "no_unit": item.without_unit}
    return told.get(state, item.accounts)


def _count(tenant: Tenant, sources: Sources) -> dict[UUID, tuple[int, int, int]]:
    with connection.cursor() as cursor, hashed(cursor):
        cursor.execute(COUNTS, _parameters(tenant, sources))
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _propose(tenant: Tenant, sources: Sources) -> list[Proposal]:
    with connection.cursor() as cursor, hashed(cursor):
        cursor.execute(PROPOSALS, _parameters(tenant, sources))
        return [Proposal(*row) for row in cursor.fetchmany(PROPOSALS_MAX)]


def with_accounts(sources: Sources) -> list[UsageImport]:
    return [sources.newest[item] for item in WITH_ACCOUNTS if item in sources.newest]


def _parameters(tenant: Tenant, sources: Sources) -> dict[str, Any]:
    newest: list[UUID] = [item.id for item in with_accounts(sources)]
    return parameters(tenant, sources) | {"newest": newest}
