"""ACME's agreements with customers, teams and suppliers, and a quarter of its outages."""

from __future__ import annotations

from acme_model import CiClass, Company, Interruption, Promise

SLAS = """
online-shop-gold            99.9  24x7    ACME Retail         5 % of the month's fee
online-shop-silver          99.5  24x7    ACME Outlet
payments-gold               99.9  24x7    ACME Retail         8 % of the month's fee
order-management-gold       99.5  24x7    ACME Retail
product-catalogue-standard  99.0  24x7    ACME Retail
store-checkout-gold         99.8  stores  ACME Stores         5 % of the month's fee
warehouse-gold              99.5  24x7    ACME Logistics      2 % of the month's fee
shipping-labels-standard    99.0  24x7    ACME Logistics
customer-care-gold          99.5  stores  ACME Customer Care
email-gold                  99.5  24x7    ACME Group
email-basic                 98.0  office  ACME Stores
identity-standard           99.8  24x7    ACME Group
finance-standard            99.0  office  ACME Group
payroll-standard            98.5  office  ACME Group
supplier-portal-standard    99.0  office  ACME Group
file-sharing-standard       99.0  office  ACME Group
business-intelligence-standard 98.0 office ACME Group
intranet-basic              98.0  office  ACME Group
printing-basic              97.0  office  ACME Group
"""

OLAS = {
    "Network Operations": ("ola-network", "99.95", "24x7"),
    "Storage and Backup": ("ola-storage", "99.95", "24x7"),
    "Compute Platform": ("ola-compute", "99.9", "24x7"),
    "Database Services": ("ola-database", "99.9", "24x7"),
    "Integration Services": ("ola-integration", "99.8", "stores"),
    "Workplace Services": ("ola-workplace", "99.5", "office"),
    "Shop Platform": ("ola-shop", "99.9", "24x7"),
    "ERP Applications": ("ola-erp", "99.5", "office"),
    "Facilities": ("ola-facilities", "99.99", "24x7"),
}

UPCS = """
upc-telenord    TeleNord           99.5   24x7    inet-telenord wan-fra-muc-1
upc-cityfiber   CityFiber          99.0   24x7    inet-cityfiber wan-fra-muc-2
upc-paybridge   PayBridge          99.9   24x7    paybridge
upc-cloudcrm    CloudCRM           99.5   24x7    cloudcrm
upc-datavault   Datavault          99.99  24x7    san-1 san-2 nas-1
upc-datavault-nas Datavault        99.9   office  nas-1
upc-oraculum    Oraculum           99.5   office  ora-erp
upc-lohnwerk    Lohnwerk           98.0   office  payroll-partner
upc-schnellpost Schnellpost        99.0   24x7    parcel-api
"""

OUTAGES = """
OUT0010301 san-1          2026-08-11T02:14:00Z 2026-08-11T03:02:00Z unplanned   firmware fault
OUT0010302 inet-telenord  2026-08-19T11:20:00Z 2026-08-19T15:41:00Z unplanned   fibre cut
OUT0010303 fra-esx-5      2026-08-30T22:00:00Z 2026-08-31T01:30:00Z planned     patching
OUT0010304 fra-esx-6      2026-08-31T22:00:00Z 2026-09-01T01:10:00Z planned     patching
OUT0010305 ora-erp        2026-09-06T20:00:00Z 2026-09-06T23:30:00Z planned     quarterly patch
OUT0010306 erp-app-2      2026-09-14T07:55:00Z 2026-09-14T09:12:00Z unplanned   memory exhausted
OUT0010307 cloudcrm       2026-09-17T13:03:00Z 2026-09-17T14:26:00Z unplanned   supplier outage
OUT0010308 mail-2         2026-09-22T04:31:00Z 2026-09-22T06:02:00Z unplanned   disk full
OUT0010309 mail-3         2026-09-22T05:10:00Z 2026-09-22T05:48:00Z unplanned   disk full
OUT0010310 paybridge      2026-10-02T16:00:00Z 2026-10-02T17:25:00Z degradation slow authorisations
OUT0010311 wan-fra-muc-2  2026-10-09T08:12:00Z 2026-10-09T19:40:00Z unplanned   fibre cut
OUT0010320 paybridge      2026-10-14T16:20:00Z 2026-10-14T17:35:00Z unplanned   supplier outage
OUT0010312 mssql-shared   2026-10-18T21:00:00Z 2026-10-18T22:15:00Z planned     service pack
OUT0010313 active-directory 2026-10-21T06:40:00Z 2026-10-21T07:05:00Z unplanned expired certificate
OUT0010314 parcel-api     2026-10-28T10:30:00Z 2026-10-28T12:00:00Z unplanned   supplier outage
OUT0010315 fra-fw-1       2026-11-04T23:00:00Z 2026-11-05T00:20:00Z planned     rule set migration
OUT0010316 pim-1          2026-11-12T09:15:00Z 2026-11-12T10:50:00Z unplanned   failed deployment
OUT0010317 paybridge      2026-11-20T06:48:00Z -                    degradation slow authorisations
OUT0010318 pg-shop-db-2   2026-11-20T05:42:00Z -                    unplanned   replication stopped
OUT0010319 intranet-web-1 2026-11-20T08:00:00Z -                    planned     OS upgrade
"""


def add_agreements(acme: Company) -> None:
    """Add SLAs per offering, OLAs per team, underpinning contracts per supplier."""
    names = {ci.ident: ci.name for ci in acme.cis}
    for line in SLAS.strip().splitlines():
        offering, target, calendar, rest = line.split(maxsplit=3)
        customer, _, penalty = rest.partition("  ")
        acme.promises.append(
            Promise(
                ident=f"sla-{offering}",
                kind="SLA",
                name=f"SLA {names[offering]}",
                customer=customer,
                provider="ACME IT",
                owner="Service Level Management",
                covers=(offering,),
                target_percent=target,
                calendar=calendar,
                penalty=penalty.strip(),
                valid_to="2026-06-30" if offering == "printing-basic" else "2027-12-31",
                next_review="2026-09-30" if offering == "intranet-basic" else "2027-01-15",
            )
        )
    acme.promises.append(
        Promise(
            ident="sla-fax",
            kind="SLA",
            name="SLA Fax",
            customer="ACME Group",
            provider="ACME IT",
            owner="Service Level Management",
            target_percent="95.0",
            calendar="office",
        )
    )
    _add_internal_promises(acme)


def _add_internal_promises(acme: Company) -> None:
    logical = {
        CiClass.BUSINESS_SERVICE,
        CiClass.APPLICATION_SERVICE,
        CiClass.OFFERING,
        CiClass.CLUSTER,
    }
    for team, (ident, target, calendar) in OLAS.items():
        own = [
            kind
            for kind in CiClass
            if kind not in {*logical, CiClass.EXTERNAL, CiClass.VCENTER_CLUSTER}
        ]
        acme.promises.append(
            Promise(
                ident=ident,
                kind="OLA",
                name=f"OLA {team}",
                provider=team,
                owner="Service Level Management",
                covers=acme.of_team(team, *own),
                scope="own",
                target_percent=target,
                calendar=calendar,
            )
        )
    for line in UPCS.strip().splitlines():
        ident, supplier, target, calendar, *covers = line.split()
        acme.promises.append(
            Promise(
                ident=ident,
                kind="UPC",
                name=f"Underpinning contract {supplier}{' NAS' if ident.endswith('nas') else ''}",
                provider=supplier,
                owner="Supplier Management",
                covers=tuple(covers),
                scope="inclusive",
                target_percent=target,
                window="quarter" if supplier == "Oraculum" else "month",
                calendar=calendar,
            )
        )


def add_outages(acme: Company) -> None:
    """Add a quarter of outages, three of them still open."""
    for line in OUTAGES.strip().splitlines():
        number, ci, start, end, kind, cause = line.split(maxsplit=5)
        acme.interruptions.append(
            Interruption(
                number=number,
                ci=ci,
                start=start,
                end="" if end == "-" else end,
                kind=kind,
                cause=cause,
            )
        )
