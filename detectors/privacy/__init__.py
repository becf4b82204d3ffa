"""Privacy of evidence (隐私遮蔽): faces and number plates are made unreadable, or the picture is withheld."""

from detectors.privacy.finding import privacy_detections
from detectors.privacy.mosaic import Region
from detectors.privacy.policy import RedactionPolicy
from detectors.privacy.redaction import (
    Redacted,
    Withheld,
    WithholdReason,
    encode_jpeg,
    redact,
    redact_with,
)
from detectors.privacy.regions import regions_to_cover
from detectors.privacy.remembering import Rememberable, rememberable

__all__ = [
    "Redacted",
    "RedactionPolicy",
    "Region",
    "Rememberable",
    "Withheld",
    "WithholdReason",
    "encode_jpeg",
    "privacy_detections",
    "redact",
    "redact_with",
    "regions_to_cover",
    "rememberable",
]
