"""Which addresses may be spoken to: those of this machine and of private networks, and what a person adds.

The one rule for every connection of the program. It is asked with the number that a name stands for at that moment, so
that a name which changes its meaning leads nowhere else.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from medic_console.core.errors import UsageError
from medic_console.core.settings import read_settings, settings_file

Number = IPv4Address | IPv6Address
_INSIDE = (
    *("127.0.0.0/8", "::1/128"),  # this machine
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
    "fc00::/7",  # RFC 4193
    *("169.254.0.0/16", "fe80::/10"),  # of one link
)
_NETWORKS = tuple(map(ip_network, _INSIDE))
PUBLIC = "--allow-public-endpoint"
WARNING = (
    "{where} may be outside this house's network: every prompt goes there, with the text of the items in it. "
    "Use it for items without patients alone."
)


@dataclass(frozen=True, slots=True)
class Access:
    """What a person allows.

    Attributes:
        ca_file: Certificates of one's own authority, in PEM; None: those of the system.
        ranges: Networks that count as private too, such as `192.0.2.0/24`.
        public: Any address may be spoken to.
    """

    ca_file: Path | None = None
    ranges: tuple[str, ...] = ()
    public: bool = False

    def allows(self, address: str) -> bool:
        """Tell whether a number, such as `10.1.2.3`, may be connected to."""
        return self.public or is_inside(address, networks(self.ranges))


def usual_access(public: bool = False) -> Access:
    """Return what the settings allow.

    Args:
        public: Any address may be spoken to, as a person says at each run anew.
    """
    found = read_settings(settings_file()).settings
    return Access(found.ca_file, found.networks, public)


def is_inside(address: str, more: Iterable[IPv4Network | IPv6Network] = ()) -> bool:
    """Tell whether a number is of this machine, of a private network, or of one of `more`."""
    number: Number = ip_address(address)
    if isinstance(number, IPv6Address) and number.ipv4_mapped is not None:
        number = number.ipv4_mapped
    return any(number in network for network in (*_NETWORKS, *more))


def networks(texts: Iterable[str]) -> list[IPv4Network | IPv6Network]:
    """Return the networks that texts name.

    Raises:
        UsageError: One is no network.
    """
    found = []
    for text in texts:
        try:
            found.append(ip_network(text.strip()))
        except ValueError as error:
            raise UsageError(f"{text.strip()!r} is no network ({error}).", "Write it as 192.0.2.0/24.") from error
    return found


def require() -> None:
    """Check that what speaks to servers is installed.

    Raises:
        UsageError: It is not.
    """
    if importlib.util.find_spec("httpx") is None:
        raise UsageError(
            "Endpoints need the package httpx, which is not installed.",
            "Install it: pip install 'medic-console[endpoint]'",
        )
