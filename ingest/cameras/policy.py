"""Where the node may fetch pictures from: an allow-list by scheme and host that lies on the node itself.

It holds for the addresses of the configuration and for everything these lead to: redirects, playlists, segments.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from ingest.cameras.address import Address, AddressKind
from ingest.cameras.source import SourceError, SourceFailure
from ingest.sanitise import sanitise

SCHEMES = ("rtsp", "rtsps", "http", "https", "usb", "file")
"""All there are; ``file`` stands for files and folders."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str], Iterable[IpAddress]]


def resolve_host(host: str) -> list[IpAddress]:
    """All addresses of a name, or the address itself. Raises OSError where there are none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


@dataclass(frozen=True)
class SourcePolicy:
    """What cameras may lead to.

    Attributes:
        schemes: Of :data:`SCHEMES`.
        hosts: Names (``*`` stands for anything), addresses and networks (``10.20.0.0/16``); ``None``: every host.
        link_local: Whether link-local hosts (169.254.0.0/16, fe80::/10) are allowed: on many machines of clouds and
            factories they answer with secrets.
        resolve: For tests.
    """

    schemes: frozenset[str] = frozenset(SCHEMES)
    hosts: tuple[str, ...] | None = None
    link_local: bool = False
    resolve: Resolve = field(default=resolve_host, repr=False)

    def refusal(self, address: Address) -> str | None:
        """Why an address is not allowed, as far as that can be told without asking a name server; ``None``: it is."""
        scheme = scheme_of(address)
        if scheme not in self.schemes:
            return f"scheme {scheme!r} is not allowed on this node; sources.schemes lists {_listed(self.schemes)}"
        if address.kind not in (AddressKind.RTSP, AddressKind.HTTP):
            return None
        host = _host(address.target)
        literal = _literal(host)
        if literal is not None:
            return self._refuses_ip(host, [literal], named=self._is_named(host))
        if self.hosts is None or self._is_named(host) or any(_network(entry) for entry in self.hosts):
            return None
        return f"host {host!r} is not allowed on this node; sources.hosts lists {_listed(self.hosts)}"

    def check(self, address: Address, *, led_from: str | None = None) -> None:
        """Refuse what may not be opened now; names are looked up.

        Args:
            address: What is about to be opened.
            led_from: Host of the camera that led here (redirect, playlist), which is allowed to lead to itself.

        Raises:
            SourceError: ``NOT_ALLOWED``; ``UNREACHABLE`` where the name means nothing.
        """
        if (refusal := self.refusal(address)) is not None:
            raise SourceError(SourceFailure.NOT_ALLOWED, refusal)
        if address.kind not in (AddressKind.RTSP, AddressKind.HTTP):
            return
        host = _host(address.target)
        if led_from is not None and host != led_from and self.hosts is None:
            raise SourceError(
                SourceFailure.NOT_ALLOWED,
                f"the camera at {led_from} leads to {host}; list that host in sources.hosts if it should",
            )
        try:
            found = list(self.resolve(host))
        except (OSError, ValueError) as error:
            raise SourceError(SourceFailure.UNREACHABLE, f"host {host!r} cannot be found: {error}") from None
        if (refusal := self._refuses_ip(host, found, named=self._is_named(host))) is not None:
            raise SourceError(SourceFailure.NOT_ALLOWED, refusal)

    def _refuses_ip(self, host: str, found: list[IpAddress], *, named: bool) -> str | None:
        for address in found:
            plain = getattr(address, "ipv4_mapped", None) or address
            if plain.is_link_local and not self.link_local:
                return f"host {host!r} is link-local ({plain}); set sources.link_local = true if it is a camera"
            if self.hosts is not None and not named and not self._holds(plain):
                return f"host {host!r} ({plain}) is not allowed on this node; sources.hosts lists {_listed(self.hosts)}"
        return None

    def _is_named(self, host: str) -> bool:
        return any(fnmatchcase(host, entry.lower()) for entry in self.hosts or () if _network(entry) is None)

    def _holds(self, address: IpAddress) -> bool:
        return any(
            network.version == address.version and address in network
            for network in map(_network, self.hosts or ())
            if network is not None
        )


def scheme_of(address: Address) -> str:
    """The scheme as :data:`SCHEMES` names it."""
    if address.kind in (AddressKind.FILE, AddressKind.FOLDER):
        return "file"
    return "usb" if address.kind is AddressKind.USB else urlsplit(address.target).scheme.lower()


def host_of(address: Address) -> str:
    """The host of a network address, in small letters."""
    return _host(address.target)


def check_host_pattern(entry: str) -> str:
    """A host of the allow-list, tidied. Raises ValueError for what is neither name nor address nor network."""
    text = entry.strip().lower()
    if _network(text) is None and (not text or any(sign in text for sign in "/:@ ?#") or text == "*"):
        raise ValueError(
            f"{sanitise(entry)!r} is no host; give a name such as cam.example or *.cams.example, an address, or a"
            " network such as 10.20.0.0/16"
        )
    return text


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().rstrip(".")


def _literal(host: str) -> IpAddress | None:
    """Also the short forms that the system's resolver takes for addresses (``127.1``, ``0x7f000001``)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _listed(entries: Iterable[str]) -> str:
    return ", ".join(sorted(entries)) or "none"
