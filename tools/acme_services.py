"""ACME's services: what customers buy, the applications behind it, and its honest defects."""

from __future__ import annotations

from acme_model import CiClass, Company, How
from acme_platform import COMPUTE, DATABASE, WORKPLACE, add_pool, add_servers, add_volume

SHOP, ERP, STORES = "Shop Platform", "ERP Applications", "Store Systems"
LOGISTICS, ANALYTICS, INTEGRATION = "Logistics IT", "Analytics", "Integration Services"

HIGH, MEDIUM, LOW = "1 - most critical", "2 - somewhat critical", "3 - less critical"


def add_services(acme: Company) -> None:
    """Add the services in the order in which they need each other."""
    _add_integration(acme)
    _add_erp(acme)
    _add_payments(acme)
    _add_shop(acme)
    _add_stores(acme)
    _add_logistics(acme)
    _add_workplace(acme)
    _add_customer_care(acme)
    _add_analytics(acme)
    _add_internal(acme)
    _add_defects(acme)


def add_service(
    acme: Company, ident: str, team: str, criticality: str, *applications: str, offerings: str = ""
) -> str:
    """Add a business service, what it is associated with, and its offerings."""
    name = ident.replace("-", " ").title()
    acme.add(ident, CiClass.BUSINESS_SERVICE, team, name=name, criticality=criticality)
    acme.need(ident, How.ASSOCIATED, *applications)
    for level in offerings.split():
        offering = acme.add(
            f"{ident}-{level.lower()}",
            CiClass.OFFERING,
            team,
            name=f"{name} {level}",
            criticality=criticality,
            parent=ident,
        )
        acme.need(offering, How.OFFERED, ident)
    return ident


def add_application(
    acme: Company,
    ident: str,
    team: str,
    runs_on: str,
    *databases: str,
    kind: CiClass = CiClass.APPLICATION,
) -> str:
    """Add an application that runs on a server or pool and needs databases or applications."""
    acme.add(ident, kind, team)
    acme.need(ident, How.RUNS, runs_on)
    acme.need(ident, How.DEPENDS, *databases)
    return ident


def _add_postgresql(acme: Company, stem: str, team: str = DATABASE) -> str:
    """Add a pair of PostgreSQL servers on one volume of san-1."""
    nodes = add_servers(acme, team, f"{stem}-1..2")
    volume = add_volume(acme, f"vol-{stem}", "san-1")
    instances = []
    for node in nodes:
        instance = acme.add(f"pg-{node}", CiClass.POSTGRESQL, team)
        acme.need(instance, How.RUNS, node)
        acme.need(instance, How.STORED, volume)
        instances.append(instance)
    return add_pool(acme, stem, team, instances, "1")


def _add_integration(acme: Company) -> None:
    add_pool(acme, "bus-pool", INTEGRATION, add_servers(acme, INTEGRATION, "bus-1..3"), "2")
    add_application(acme, "message-bus", INTEGRATION, "bus-pool")
    add_servers(acme, INTEGRATION, "sftp-1", on="fra-dmz")
    add_application(acme, "file-transfer", INTEGRATION, "sftp-1", "nas-1")
    gateways = add_servers(acme, INTEGRATION, "api-gw-1..2", on="fra-dmz")
    add_pool(acme, "api-gateway-pool", INTEGRATION, gateways, "1")
    add_application(acme, "api-gateway", INTEGRATION, "api-gateway-pool", "fra-lb")


def _add_erp(acme: Company) -> None:
    add_pool(acme, "erp-pool", ERP, add_servers(acme, ERP, "erp-app-1..4"), "75%")
    add_application(acme, "erp", ERP, "erp-pool", "ora-erp", "active-directory")
    add_pool(acme, "oms-pool", ERP, add_servers(acme, ERP, "oms-1..2"), "1")
    add_application(acme, "order-engine", ERP, "oms-pool", "ora-erp", "message-bus")
    add_service(acme, "order-management", ERP, HIGH, "order-engine", offerings="Gold")
    add_service(acme, "finance", ERP, MEDIUM, "erp", offerings="Standard")
    acme.add("payroll-partner", CiClass.EXTERNAL, ERP, supplier="Lohnwerk")
    add_servers(acme, ERP, "payroll-if-1")
    add_application(acme, "payroll-interface", ERP, "payroll-if-1", "file-transfer")
    acme.need("payroll-interface", How.DEPENDS, "payroll-partner")
    add_service(acme, "payroll", ERP, MEDIUM, "payroll-interface", "erp", offerings="Standard")
    portals = add_servers(acme, ERP, "supplier-web-1..2", on="fra-dmz")
    add_pool(acme, "supplier-web-pool", ERP, portals, "1")
    add_application(
        acme, "supplier-web", ERP, "supplier-web-pool", "fra-lb", "internet", "single-sign-on"
    )
    acme.need("supplier-web", How.DEPENDS, "order-engine")
    add_service(acme, "supplier-portal", ERP, LOW, "supplier-web", offerings="Standard")


def _add_payments(acme: Company) -> None:
    acme.add("paybridge", CiClass.EXTERNAL, SHOP, supplier="PayBridge", criticality=HIGH)
    add_pool(acme, "pay-pool", SHOP, add_servers(acme, SHOP, "pay-1..3"), "2")
    _add_postgresql(acme, "pay-db")
    add_application(acme, "payment-engine", SHOP, "pay-pool", "pay-db", "paybridge", "internet")
    add_service(acme, "payments", SHOP, HIGH, "payment-engine", offerings="Gold")


def _add_shop(acme: Company) -> None:
    webs = add_servers(acme, SHOP, "shop-web-1..4", on="fra-dmz")
    fronts = []
    for web in webs:
        front = acme.add(f"httpd-{web}", CiClass.APACHE, SHOP)
        acme.need(front, How.RUNS, web)
        fronts.append(front)
    add_pool(acme, "shop-web-pool", SHOP, fronts, "2")
    add_pool(acme, "shop-api-pool", SHOP, add_servers(acme, SHOP, "shop-api-1..3"), "50%")
    _add_postgresql(acme, "shop-db")
    _add_postgresql(acme, "catalogue-db")
    add_pool(acme, "search-pool", SHOP, add_servers(acme, SHOP, "search-1..3"), "2")
    add_application(acme, "shop-search", SHOP, "search-pool")
    add_servers(acme, ANALYTICS, "recommend-1")
    add_application(acme, "recommendations", ANALYTICS, "recommend-1")
    add_servers(acme, SHOP, "pim-1")
    add_application(acme, "pim", SHOP, "pim-1", "catalogue-db", kind=CiClass.APP_SERVER)
    add_service(acme, "product-catalogue", SHOP, MEDIUM, "pim", offerings="Standard")
    add_application(acme, "shop-web", SHOP, "shop-web-pool", "fra-lb", "internet")
    add_application(
        acme,
        "shop-backend",
        SHOP,
        "shop-api-pool",
        "shop-db",
        "catalogue-db",
        kind=CiClass.APP_SERVER,
    )
    acme.need("shop-web", How.USED_BY, "shop-backend")
    acme.need("shop-backend", How.SOFT, "recommendations", "shop-search")
    running = acme.add(
        "online-shop-prod", CiClass.APPLICATION_SERVICE, SHOP, name="Online Shop (production)"
    )
    acme.need(running, How.ASSOCIATED, "shop-web")
    acme.need(running, How.DEPENDS, "payments", "order-management")
    add_service(acme, "online-shop", SHOP, HIGH, offerings="Gold Silver")
    acme.need("online-shop", How.DEPENDS, running)


def _add_stores(acme: Company) -> None:
    add_pool(acme, "pos-pool", STORES, add_servers(acme, STORES, "pos-1..3", on="muc-prod"), "2")
    add_application(acme, "pos-backend", STORES, "pos-pool", "wan-fra-muc", "message-bus")
    add_service(acme, "store-checkout", STORES, HIGH, "pos-backend", offerings="Gold")
    acme.need("store-checkout", How.DEPENDS, "payments")
    add_servers(acme, STORES, "signage-1", on="muc-prod")
    add_application(acme, "signage", STORES, "signage-1")
    add_service(acme, "digital-signage", STORES, LOW, "signage", offerings="Standard")
    acme.need("signage", How.SOFT, "pim")


def _add_logistics(acme: Company) -> None:
    add_pool(
        acme, "wms-pool", LOGISTICS, add_servers(acme, LOGISTICS, "wms-1..2", on="muc-prod"), "1"
    )
    server = add_servers(acme, DATABASE, "mssql-wms-1", os="windows", on="muc-prod")
    acme.add("mssql-wms", CiClass.MSSQL, DATABASE)
    acme.need("mssql-wms", How.RUNS, *server)
    acme.need("mssql-wms", How.STORED, "vol-wms")
    add_application(acme, "wms", LOGISTICS, "wms-pool", "mssql-wms", "muc-firewall")
    acme.need("wms", How.SOFT, "order-engine")
    add_service(acme, "warehouse", LOGISTICS, HIGH, "wms", offerings="Gold")
    acme.add("parcel-api", CiClass.EXTERNAL, LOGISTICS, supplier="Schnellpost")
    add_servers(acme, LOGISTICS, "ship-1..2", on="muc-prod")
    add_pool(acme, "shipping-pool", LOGISTICS, ["ship-1", "ship-2"], "1")
    add_application(acme, "shipping", LOGISTICS, "shipping-pool", "parcel-api", "wan-fra-muc")
    add_service(acme, "shipping-labels", LOGISTICS, MEDIUM, "shipping", offerings="Standard")
    acme.need("shipping-labels", How.DEPENDS, "warehouse")


def _add_workplace(acme: Company) -> None:
    add_service(
        acme,
        "identity",
        WORKPLACE,
        HIGH,
        "active-directory",
        "dns",
        "single-sign-on",
        offerings="Standard",
    )
    add_pool(
        acme, "mail-pool", WORKPLACE, add_servers(acme, WORKPLACE, "mail-1..3", os="windows"), "2"
    )
    add_application(acme, "mail", WORKPLACE, "mail-pool", "active-directory", "internet")
    acme.need("mail", How.STORED, "vol-mail")
    add_service(acme, "email", WORKPLACE, MEDIUM, "mail", offerings="Gold Basic")
    add_pool(
        acme, "intranet-pool", WORKPLACE, add_servers(acme, WORKPLACE, "intranet-web-1..2"), "1"
    )
    add_application(acme, "intranet-cms", WORKPLACE, "intranet-pool", "mssql-shared")
    acme.need("intranet-cms", How.SOFT, "single-sign-on")
    add_service(acme, "intranet", WORKPLACE, LOW, "intranet-cms", offerings="Basic")
    add_pool(
        acme, "file-pool", WORKPLACE, add_servers(acme, WORKPLACE, "fs-1..2", os="windows"), "1"
    )
    add_application(acme, "file-sharing-app", WORKPLACE, "file-pool", "nas-1", "active-directory")
    add_service(acme, "file-sharing", WORKPLACE, MEDIUM, "file-sharing-app", offerings="Standard")
    printers = [
        acme.add("print-srv-1", CiClass.WINDOWS, WORKPLACE, location="Frankfurt"),
        acme.add(
            "print-srv-1-old", CiClass.WINDOWS, WORKPLACE, name="print-srv-1", seen_days_ago=240
        ),
    ]
    acme.need(printers[0], How.VIRTUALIZED, "fra-prod")
    add_application(acme, "print-queue", WORKPLACE, "print-srv-1", "active-directory")
    add_service(acme, "printing", WORKPLACE, LOW, "print-queue", offerings="Basic")


def _add_customer_care(acme: Company) -> None:
    acme.add("cloudcrm", CiClass.EXTERNAL, WORKPLACE, supplier="CloudCRM")
    add_servers(acme, WORKPLACE, "cti-1..2")
    add_pool(acme, "cti-pool", WORKPLACE, ["cti-1", "cti-2"], "1")
    add_application(acme, "telephony", WORKPLACE, "cti-pool", "fra-core")
    add_application(acme, "care-desktop", WORKPLACE, "cti-pool", "single-sign-on")
    acme.need("care-desktop", How.DEPENDS, "cloudcrm", "internet")
    add_service(
        acme, "customer-care", WORKPLACE, HIGH, "care-desktop", "telephony", offerings="Gold"
    )
    acme.need("care-desktop", How.SOFT, "order-engine")


def _add_analytics(acme: Company) -> None:
    add_servers(acme, ANALYTICS, "etl-1..2")
    add_pool(acme, "etl-pool", ANALYTICS, ["etl-1", "etl-2"], "2")
    add_application(acme, "etl", ANALYTICS, "etl-pool", "mssql-dwh")
    acme.need("etl", How.SOFT, "ora-erp")
    add_servers(acme, ANALYTICS, "bi-1")
    add_application(acme, "bi-portal", ANALYTICS, "bi-1", "mssql-dwh", "single-sign-on")
    add_service(
        acme, "business-intelligence", ANALYTICS, MEDIUM, "bi-portal", "etl", offerings="Standard"
    )


def _add_internal(acme: Company) -> None:
    """Add two services that IT runs for itself: nobody agreed an SLA on them."""
    add_application(acme, "backup-manager", "Storage and Backup", "backup-1", "san-2")
    add_service(acme, "backup", "Storage and Backup", MEDIUM, "backup-manager")
    add_servers(acme, COMPUTE, "mon-1..2", on="muc-prod")
    add_pool(acme, "monitoring-pool", COMPUTE, ["mon-1", "mon-2"], "1")
    add_application(acme, "monitoring-app", COMPUTE, "monitoring-pool")
    add_service(acme, "monitoring", COMPUTE, LOW, "monitoring-app")
    acme.need("monitoring-app", How.CONNECTED, "fra-core", "muc-core")


def _add_defects(acme: Company) -> None:
    """Add what every real CMDB holds: the retired, the forgotten, the test, the unknown."""
    acme.add("pim-legacy", CiClass.LINUX, SHOP, lifecycle="Retired", seen_days_ago=400)
    acme.need("pim", How.DEPENDS, "pim-legacy")
    acme.add("bus-test-1", CiClass.LINUX, INTEGRATION, environment="Test")
    acme.need("bus-test-1", How.VIRTUALIZED, "fra-prod")
    acme.need("file-transfer", How.DEPENDS, "bus-test-1")
    for number in (1, 2, 3):
        acme.add(f"spare-{number}", CiClass.LINUX, COMPUTE, seen_days_ago=120 + number)
    acme.need("etl", How.FEEDS, "bi-portal")
    acme.need("payroll-interface", How.FEEDS, "erp")
    acme.need("signage", How.DEPENDS, "signage-cdn-gone")
