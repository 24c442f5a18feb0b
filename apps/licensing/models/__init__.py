"""Tables of contracts, usage, migration and months; the catalogue, run costs and editions are the State's."""

from apps.licensing.models.catalogue import Currency, ExchangeRate, ListPrice, Product, Sku
from apps.licensing.models.contracts import Amendment, Contract, ContractDocument, ContractLine, ContractQuerySet
from apps.licensing.models.listing import AccountListing, ListedAccount
from apps.licensing.models.months import Edition, MonthReminder, MonthStatement, OneOffCost, RunCost, Scenario, UnitDay
from apps.licensing.models.notices import NoticeDecision, NoticeFeed, NoticeReminder
from apps.licensing.models.programme import (
    ChecklistItem,
    Exemption,
    Milestone,
    Target,
    UnitHeadcount,
    Wave,
    WaveUnit,
)
from apps.licensing.models.usage import (
    Account,
    Alias,
    ColumnMapping,
    DepartmentUnit,
    Format,
    ImportProblem,
    Reclaim,
    SkuCount,
    UsageImport,
    Vendor,
)

__all__ = [
    "Account",
    "AccountListing",
    "Alias",
    "Amendment",
    "ChecklistItem",
    "ColumnMapping",
    "Contract",
    "ContractDocument",
    "ContractLine",
    "ContractQuerySet",
    "Currency",
    "DepartmentUnit",
    "Edition",
    "ExchangeRate",
    "Exemption",
    "Format",
    "ImportProblem",
    "ListPrice",
    "ListedAccount",
    "Milestone",
    "MonthReminder",
    "MonthStatement",
    "NoticeDecision",
    "NoticeFeed",
    "NoticeReminder",
    "OneOffCost",
    "Product",
    "Reclaim",
    "RunCost",
    "Scenario",
    "Sku",
    "SkuCount",
    "Target",
    "UnitDay",
    "UnitHeadcount",
    "UsageImport",
    "Vendor",
    "Wave",
    "WaveUnit",
]
