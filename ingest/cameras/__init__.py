"""Camera sources (视频源): files, network streams, folders of pictures, USB cameras, as one stream of looks."""

from ingest.cameras.address import Address, AddressError, AddressKind, parse_address
from ingest.cameras.key_frames import DecodeChoice
from ingest.cameras.opening import SourceOptions, open_source
from ingest.cameras.policy import SourcePolicy
from ingest.cameras.source import End, Frame, NoPicture, Source, SourceError, SourceFailure, SourceReport
from ingest.cameras.still import grab_still
from ingest.cameras.stream import StreamOptions
from ingest.cameras.tls import TlsOptions
from ingest.sanitise import sanitise

__all__ = [
    "Address",
    "AddressError",
    "AddressKind",
    "DecodeChoice",
    "End",
    "Frame",
    "NoPicture",
    "Source",
    "SourceError",
    "SourceFailure",
    "SourceOptions",
    "SourcePolicy",
    "SourceReport",
    "StreamOptions",
    "TlsOptions",
    "grab_still",
    "open_source",
    "parse_address",
    "sanitise",
]
