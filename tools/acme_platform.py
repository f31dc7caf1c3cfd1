"""ACME's platform: sites, power, network, storage, virtual machines, shared databases."""

from __future__ import annotations

from acme_model import CiClass, Company, How

FACILITIES, NETWORK, STORAGE = "Facilities", "Network Operations", "Storage and Backup"
COMPUTE, DATABASE, WORKPLACE = "Compute Platform", "Database Services", "Workplace Services"


def add_platform(acme: Company) -> None:
    """Add everything that the services of ACME share."""
    _add_sites(acme)
    _add_network(acme)
    _add_storage(acme)
    _add_hypervisors(acme)
    _add_identity(acme)
    _add_shared_databases(acme)


def add_servers(acme: Company, team: str, names: str, **details: str) -> list[str]:
    """Add virtual machines named ``shop-web-1..4``; return their ids."""
    stem, _, count = names.partition("..")
    base, _, first = stem.rpartition("-")
    hosted_on = details.pop("on", "fra-prod")
    ci_class = CiClass.WINDOWS if details.pop("os", "linux") == "windows" else CiClass.LINUX
    location = "Munich" if hosted_on.startswith("muc") else "Frankfurt"
    servers = [f"{base}-{number}" for number in range(int(first), int(count or first) + 1)]
    for server in servers:
        acme.add(server, ci_class, team, location=location, **details)
        acme.need(server, How.VIRTUALIZED, hosted_on)
    return servers


def add_pool(acme: Company, ident: str, team: str, members: list[str], min_up: str) -> str:
    """Add a cluster of which ``min_up`` members are needed; "" where the CMDB does not say."""
    acme.add(ident, CiClass.CLUSTER, team, min_up=min_up)
    acme.need(ident, How.MEMBER, *members)
    return ident


def _add_sites(acme: Company) -> None:
    for site, city in (("fra", "Frankfurt"), ("muc", "Munich")):
        centre = acme.add(
            f"dc-{city.lower()}",
            CiClass.DATA_CENTER,
            FACILITIES,
            name=f"Data Center {city}",
            location=city,
        )
        feeds = []
        for side in "ab":
            ups, pdu = f"{site}-ups-{side}", f"{site}-pdu-{side}"
            acme.add(ups, CiClass.UPS, FACILITIES, supplier="Voltara", location=city)
            feeds.append(acme.add(pdu, CiClass.PDU, FACILITIES, location=city))
            acme.need(pdu, How.DEPENDS, ups)
            acme.need(ups, How.HOSTED, centre)
        add_pool(acme, f"{site}-power", FACILITIES, feeds, "1")


def _add_network(acme: Company) -> None:
    for site, city in (("fra", "Frankfurt"), ("muc", "Munich")):
        cores = [f"{site}-core-{number}" for number in (1, 2)]
        firewalls = [f"{site}-fw-{number}" for number in (1, 2)]
        for device in cores:
            acme.add(device, CiClass.SWITCH, NETWORK, supplier="Netcraft Systems", location=city)
            acme.need(device, How.DEPENDS, f"{site}-power")
        for device in firewalls:
            acme.add(device, CiClass.FIREWALL, NETWORK, supplier="Bastion Networks", location=city)
            acme.need(device, How.DEPENDS, f"{site}-power")
        add_pool(acme, f"{site}-core", NETWORK, cores, "1")
        add_pool(acme, f"{site}-firewall", NETWORK, firewalls, "" if site == "muc" else "1")
        acme.need(f"{site}-firewall", How.DEPENDS, f"{site}-core")
        for number in range(1, 5 if site == "fra" else 4):
            access = acme.add(
                f"{site}-access-{number}",
                CiClass.SWITCH,
                NETWORK,
                supplier="Netcraft Systems",
                location=city,
            )
            acme.need(access, How.CONNECTED, *cores)
            acme.need(access, How.DEPENDS, f"{site}-core")
            acme.need(access, How.DEPENDS, f"{site}-power")
    _add_lines(acme)
    balancers = [f"fra-lb-{number}" for number in (1, 2)]
    for balancer in balancers:
        acme.add(
            balancer,
            CiClass.LOAD_BALANCER,
            NETWORK,
            supplier="Bastion Networks",
            location="Frankfurt",
        )
        acme.need(balancer, How.DEPENDS, "fra-firewall")
        acme.need(balancer, How.DEPENDS, "fra-power")
    add_pool(acme, "fra-lb", NETWORK, balancers, "1")


def _add_lines(acme: Company) -> None:
    lines = {
        "internet": [("inet-telenord", "TeleNord"), ("inet-cityfiber", "CityFiber")],
        "wan-fra-muc": [("wan-fra-muc-1", "TeleNord"), ("wan-fra-muc-2", "CityFiber")],
    }
    for pool, members in lines.items():
        for line, supplier in members:
            acme.add(line, CiClass.EXTERNAL, NETWORK, supplier=supplier, location="Frankfurt")
        add_pool(acme, pool, NETWORK, [line for line, _ in members], "1")
    for number in range(1, 4):
        router = acme.add(
            f"store-router-{number}",
            CiClass.ROUTER,
            NETWORK,
            supplier="TeleNord",
            location="Stores",
        )
        acme.need(router, How.CONNECTED, "inet-telenord")


def _add_storage(acme: Company) -> None:
    for site, array, city in (("fra", "san-1", "Frankfurt"), ("muc", "san-2", "Munich")):
        fabric = [f"{site}-fc-{number}" for number in (1, 2)]
        for switch in fabric:
            acme.add(switch, CiClass.SWITCH, STORAGE, supplier="Datavault", location=city)
            acme.need(switch, How.DEPENDS, f"{site}-power")
        add_pool(acme, f"{site}-san-fabric", STORAGE, fabric, "1")
        acme.add(
            array,
            CiClass.STORAGE_ARRAY,
            STORAGE,
            supplier="Datavault",
            location=city,
            criticality="1 - most critical",
        )
        acme.need(array, How.POWERED, f"{site}-pdu-a", f"{site}-pdu-b")
        acme.need(array, How.DEPENDS, f"{site}-san-fabric")
    acme.add("nas-1", CiClass.STORAGE_ARRAY, STORAGE, supplier="Datavault", location="Frankfurt")
    acme.need("nas-1", How.DEPENDS, "fra-power")
    acme.need("nas-1", How.DEPENDS, "fra-core")
    for volume in ("vm-1", "vm-2", "dmz", "erp", "dwh", "mail"):
        add_volume(acme, f"vol-{volume}", "san-1")
    for volume in ("muc-vm", "wms"):
        add_volume(acme, f"vol-{volume}", "san-2")


def add_volume(acme: Company, ident: str, array: str) -> str:
    """Add a volume on a storage array."""
    acme.add(
        ident, CiClass.VOLUME, STORAGE, location="Munich" if array == "san-2" else "Frankfurt"
    )
    acme.need(ident, How.STORED, array)
    return ident


def _add_hypervisors(acme: Company) -> None:
    clusters = {
        "fra-prod": ("fra-esx", 1, 8, "6", ("vol-vm-1", "vol-vm-2")),
        "fra-dmz": ("fra-esx", 9, 11, "2", ("vol-dmz",)),
        "muc-prod": ("muc-esx", 1, 5, "60%", ("vol-muc-vm",)),
    }
    for cluster, (stem, first, last, min_up, volumes) in clusters.items():
        site = stem[:3]
        city = "Munich" if site == "muc" else "Frankfurt"
        acme.add(cluster, CiClass.VCENTER_CLUSTER, COMPUTE, location=city, min_up=min_up)
        for number in range(first, last + 1):
            host = acme.add(
                f"{stem}-{number}",
                CiClass.ESX,
                COMPUTE,
                supplier="Ironworks Servers",
                location=city,
            )
            acme.need(host, How.DEPENDS, f"{site}-power")
            acme.need(host, How.DEPENDS, f"{site}-access-{(number - 1) % 3 + 1}")
            acme.need(cluster, How.NODE, host)
        acme.need(cluster, How.STORED, *volumes)
    acme.need("fra-dmz", How.DEPENDS, "fra-firewall")
    servers = add_servers(acme, COMPUTE, "vcenter-1", os="windows")
    acme.need("fra-prod", How.MANAGED, *servers)
    acme.need("muc-prod", How.MANAGED, *servers)


def _add_identity(acme: Company) -> None:
    """Add directory and name service; each needs the other, as in many companies."""
    controllers = [
        *add_servers(acme, WORKPLACE, "dc-fra-1..2", os="windows"),
        *add_servers(acme, WORKPLACE, "dc-muc-1", os="windows", on="muc-prod"),
    ]
    add_pool(acme, "domain-controllers", WORKPLACE, controllers, "1")
    directory = acme.add("active-directory", CiClass.APPLICATION, WORKPLACE)
    names = acme.add("dns", CiClass.APPLICATION, WORKPLACE)
    acme.need(directory, How.RUNS, "domain-controllers")
    acme.need(names, How.RUNS, "domain-controllers")
    acme.need(directory, How.DEPENDS, names)
    acme.need(names, How.DEPENDS, directory)
    portal = add_servers(acme, WORKPLACE, "sso-1..2", on="fra-dmz")
    add_pool(acme, "sso-pool", WORKPLACE, portal, "1")
    single_sign_on = acme.add("single-sign-on", CiClass.APPLICATION, WORKPLACE)
    acme.need(single_sign_on, How.RUNS, "sso-pool")
    acme.need(single_sign_on, How.DEPENDS, directory)


def _add_shared_databases(acme: Company) -> None:
    nodes = add_servers(acme, DATABASE, "ora-core-1..2")
    add_pool(acme, "ora-core", DATABASE, nodes, "1")
    erp = acme.add(
        "ora-erp", CiClass.ORACLE, DATABASE, supplier="Oraculum", criticality="1 - most critical"
    )
    acme.need(erp, How.RUNS, "ora-core")
    acme.need(erp, How.STORED, "vol-erp")
    for name, volume in (("mssql-shared", "vol-vm-2"), ("mssql-dwh", "vol-dwh")):
        server = add_servers(acme, DATABASE, f"{name}-1", os="windows")
        acme.add(name, CiClass.MSSQL, DATABASE)
        acme.need(name, How.RUNS, *server)
        acme.need(name, How.STORED, volume)
    backup = add_servers(acme, STORAGE, "backup-1..2", on="muc-prod")
    acme.need("ora-erp", How.PROTECTED, *backup)
    acme.need("mssql-shared", How.PROTECTED, *backup)
