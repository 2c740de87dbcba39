"""All tables of the domain."""

from callplans.models.account import (
    Account,
    Connection,
    Destination,
    DestinationKind,
    Mapping,
    Member,
    PaymentLine,
    Role,
    Secret,
    SignInLink,
)
from callplans.models.plans import Operation, PlacedApplet, Plan, PlanVersion, VersionState, Wire, placed_id

__all__ = [
    "Account",
    "Connection",
    "Destination",
    "DestinationKind",
    "Mapping",
    "Member",
    "Operation",
    "PaymentLine",
    "PlacedApplet",
    "Plan",
    "PlanVersion",
    "Role",
    "Secret",
    "SignInLink",
    "VersionState",
    "Wire",
    "placed_id",
]
