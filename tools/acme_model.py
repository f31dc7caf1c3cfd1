"""What the fictitious company ACME is made of, before any export format is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class CiClass(Enum):
    """Each class: ServiceNow's label, ServiceNow's table, the word of the generic tables."""

    BUSINESS_SERVICE = ("Business Service", "cmdb_ci_service_business", "business service")
    APPLICATION_SERVICE = ("Application Service", "cmdb_ci_service_auto", "service")
    OFFERING = ("Service Offering", "service_offering", "service offering")
    APPLICATION = ("Application", "cmdb_ci_appl", "application")
    APACHE = ("Apache Web Server", "cmdb_ci_apache_web_server", "application")
    APP_SERVER = ("Application Server", "cmdb_ci_app_server", "application")
    POSTGRESQL = ("PostgreSQL Instance", "cmdb_ci_db_postgresql_instance", "database")
    ORACLE = ("Oracle Instance", "cmdb_ci_db_ora_instance", "database")
    MSSQL = ("MSFT SQL Instance", "cmdb_ci_db_mssql_instance", "database")
    LINUX = ("Linux Server", "cmdb_ci_linux_server", "server")
    WINDOWS = ("Windows Server", "cmdb_ci_win_server", "server")
    ESX = ("ESX Server", "cmdb_ci_esx_server", "server")
    CLUSTER = ("Cluster", "cmdb_ci_cluster", "cluster")
    VCENTER_CLUSTER = ("VMware vCenter Cluster", "cmdb_ci_vcenter_cluster", "cluster")
    LOAD_BALANCER = ("Load Balancer", "cmdb_ci_lb", "network")
    SWITCH = ("IP Switch", "cmdb_ci_ip_switch", "network")
    ROUTER = ("IP Router", "cmdb_ci_ip_router", "network")
    FIREWALL = ("IP Firewall", "cmdb_ci_ip_firewall", "network")
    STORAGE_ARRAY = ("Mass Storage Device", "cmdb_ci_msd", "storage")
    VOLUME = ("Storage Volume", "cmdb_ci_storage_volume", "storage")
    UPS = ("UPS", "cmdb_ci_ups", "power")
    PDU = ("PDU", "cmdb_ci_pdu", "power")
    DATA_CENTER = ("Data Center", "cmdb_ci_datacenter", "site")
    EXTERNAL = ("External Service", "u_cmdb_ci_external_service", "external service")

    @property
    def label(self) -> str:
        """What a list export shows."""
        return self.value[0]

    @property
    def table(self) -> str:
        """What the database holds."""
        return self.value[1]

    @property
    def word(self) -> str:
        """What the generic tables say."""
        return self.value[2]


@dataclass(frozen=True, kw_only=True)
class Ci:
    """One configuration item; ``ident`` is its id in the generic shape."""

    ident: str
    name: str
    ci_class: CiClass
    team: str = ""
    supplier: str = ""
    location: str = ""
    criticality: str = ""
    lifecycle: str = "In Use"
    environment: str = "Production"
    min_up: str = ""
    parent: str = ""
    seen_days_ago: int = 2


class How(Enum):
    """How one CI needs another: the relation type, and whether its parent is the dependent."""

    DEPENDS = ("Depends on::Used by", True)
    RUNS = ("Runs on::Runs", True)
    HOSTED = ("Hosted on::Hosts", True)
    VIRTUALIZED = ("Virtualized by::Virtualizes", True)
    USED_BY = ("Used by::Uses", False)
    MEMBER = ("Members::Member of", True)
    NODE = ("Cluster of::Cluster", True)
    STORED = ("Provides storage for::Stored on", False)
    POWERED = ("Provides Power for::Receives Power From", False)
    SOFT = ("Uses::Used by", True)
    CONNECTED = ("Connects to::Connected by", True)
    MANAGED = ("Managed by::Manages", True)
    PROTECTED = ("Protected by::Protects", True)
    FEEDS = ("Feeds::Fed by", True)
    ASSOCIATED = ("svc_ci_assoc", True)
    OFFERED = ("service_offering.parent", True)

    @property
    def relation_type(self) -> str:
        """The relation type as the CMDB spells it."""
        return self.value[0]

    @property
    def dependent_is_parent(self) -> bool:
        """Whether the dependent stands in the parent column of ``cmdb_rel_ci``."""
        return self.value[1]

    @property
    def strength(self) -> str:
        """The strength in the generic tables."""
        if self in {How.CONNECTED, How.MANAGED, How.PROTECTED, How.FEEDS}:
            return "none"
        return "soft" if self is How.SOFT else ""

    @property
    def group(self) -> str:
        """The redundancy group of the dependent that the dependency joins."""
        if self is How.POWERED:
            return "power"
        return "members" if self in {How.MEMBER, How.NODE} else ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """One dependency."""

    dependent: str
    dependency: str
    how: How


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One agreement: an SLA on offerings, or an OLA or UPC on CIs."""

    ident: str
    kind: str
    name: str
    customer: str = ""
    provider: str = ""
    owner: str = ""
    covers: tuple[str, ...] = ()
    scope: str = ""
    target_percent: str = ""
    window: str = "month"
    calendar: str = "24x7"
    state: str = "agreed"
    valid_from: str = "2026-01-01"
    valid_to: str = "2027-12-31"
    next_review: str = "2027-01-15"
    penalty: str = ""


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """One outage; times are UTC."""

    number: str
    ci: str
    start: str
    end: str = ""
    kind: str = "unplanned"
    cause: str = ""


@dataclass(kw_only=True)
class Company:
    """Everything that the two examples write."""

    cis: list[Ci] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    interruptions: list[Interruption] = field(default_factory=list)

    def add(self, ident: str, ci_class: CiClass, team: str = "", **details: str | int) -> str:
        """Add one CI whose name is its id unless ``name`` is given; return the id."""
        name = str(details.pop("name", ident))
        self.cis.append(Ci(ident=ident, name=name, ci_class=ci_class, team=team, **details))  # type: ignore[arg-type]
        return ident

    def need(self, dependent: str, how: How, *dependencies: str) -> None:
        """Add one dependency on each of the CIs named."""
        for dependency in dependencies:
            self.needs.append(Need(dependent=dependent, dependency=dependency, how=how))

    def of_team(self, team: str, *classes: CiClass) -> tuple[str, ...]:
        """Return the ids of a team's CIs, of the classes named or of all, in order."""
        return tuple(
            ci.ident
            for ci in self.cis
            if ci.team == team
            and (not classes or ci.ci_class in classes)
            and ci.lifecycle == "In Use"
        )
