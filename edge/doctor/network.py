"""Looks at broker, centre and certificates, and asks the centre what time it is."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import paho.mqtt.client as paho
from cryptography import x509
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import CentreSection, NodeConfig
from edge.doctor.finding import Finding, ok, problem
from edge.doctor.judging import judge_certificate
from ingest.config import MqttSettings
from ingest.link import tls_context
from ingest.sanitise import sanitise

TIMEOUT_S = 8.0
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def examine_broker(config: NodeConfig) -> list[Finding]:
    """Reach it, speak to it, be let in."""
    mqtt = config.mqtt
    where = f"{mqtt.host}:{mqtt.port}"
    findings = _client_certificates(mqtt)
    if (refused := _reach("broker", mqtt.host, mqtt.port)) is not None:
        return [*findings, refused]
    if mqtt.tls is not None:
        findings.append(_server_certificate("broker", mqtt.host, mqtt.port, tls_context(mqtt.tls)))
    # An identity of its own: that of the node would push a running node off the broker.
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=f"kerbwatch-doctor-{config.node.name}", protocol=paho.MQTTv5
    )
    answered, answer = threading.Event(), []

    def on_connect(_c: object, _u: object, _f: object, reason: object, _p: object) -> None:
        answer.append(reason)
        answered.set()

    client.on_connect = on_connect
    client.connect_timeout = TIMEOUT_S
    try:
        if mqtt.username is not None:
            client.username_pw_set(mqtt.username, mqtt.password())
        if mqtt.tls is not None:
            client.tls_set_context(tls_context(mqtt.tls))
        client.connect(mqtt.host, mqtt.port, keepalive=30)
        client.loop_start()
        answered.wait(TIMEOUT_S)
    except (OSError, ValueError) as error:
        fix = "look at [mqtt] host, port and tls, and at the broker's log"
        return [*findings, problem("broker", "broker_refused", f"{where}: {sanitise(str(error))}", fix)]
    finally:
        client.disconnect()
        client.loop_stop()
    return [*findings, _judged(where, answer[0] if answer else None)]


def _judged(where: str, reason: object) -> Finding:
    if reason is None:
        return problem(
            "broker",
            "broker_silent",
            f"{where} takes the connection but does not speak MQTT within {TIMEOUT_S:.0f} s",
            "is it an MQTT 5 broker, and is TLS meant? look at [mqtt] tls",
        )
    if getattr(reason, "is_failure", False):
        return problem(
            "broker",
            "broker_not_authorised",
            f"{where} does not let this node in: {reason}",
            "correct [mqtt] username and the first line of password_file, or add the user at the broker",
        )
    return ok("broker", f"{where} lets this node in")


def examine_centre(centre: CentreSection | None) -> tuple[list[Finding], float | None]:
    """Reach it and be let in; also the centre's time minus ours in seconds, where it says."""
    if centre is None:
        return [ok("centre", "no [centre]: pictures stay on this box")], None
    parts = urlsplit(centre.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if (refused := _reach("centre", parts.hostname or "", port)) is not None:
        return [refused], None
    findings = []
    context = ssl.create_default_context(cafile=str(centre.ca_file) if centre.ca_file else None)
    if parts.scheme == "https":
        findings.append(_server_certificate("centre", parts.hostname or "", port, context))
    token = centre.token()
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        with httpx.Client(base_url=centre.url, timeout=TIMEOUT_S, verify=context, trust_env=False) as client:
            # A model that is not there: whoever is let in is told 404.
            answer = client.get(f"/api/v1/models/{'0' * 64}", headers=headers)
    except httpx.HTTPError as error:
        text = sanitise(f"{type(error).__name__}: {error}")
        return [*findings, problem("centre", "centre_unreachable", text, "look at [centre] url and ca_file")], None
    if answer.status_code in (401, 403, 429):
        fix = "put the right token into the first line of token_file"
        findings.append(problem("centre", "centre_not_authorised", f"it answers {answer.status_code}", fix))
    elif answer.status_code >= 500:
        fix = "look at the centre's log and its /healthz"
        findings.append(problem("centre", "centre_unwell", f"it answers {answer.status_code}", fix))
    else:
        findings.append(ok("centre", f"{centre.url} lets this node in"))
    return findings, _differs_s(answer.headers.get("date"))


def _differs_s(date: str | None) -> float | None:
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    differs_s = (told - datetime.now(UTC)).total_seconds()
    # The header has whole seconds and is a little old.
    return 0.0 if abs(differs_s) <= 2.0 else differs_s


def _reach(check: str, host: str, port: int) -> Finding | None:
    """None where a connection can be had."""
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_S):
            return None
    except socket.gaierror:
        return problem(
            check,
            f"{check}_unknown_host",
            f"the name {host} is not known here",
            "correct it, or the DNS of this box",
        )
    except TimeoutError:
        text = f"{host}:{port} does not answer within {TIMEOUT_S:.0f} s"
        return problem(check, f"{check}_silent", text, "is the network up, and does a firewall let it through?")
    except ConnectionRefusedError:
        return problem(
            check, f"{check}_refused", f"nothing listens on {host}:{port}", "start it, or correct host and port"
        )
    except OSError as error:
        return problem(
            check, f"{check}_unreachable", f"{host}:{port}: {error.strerror}", "look at the network of this box"
        )


def _server_certificate(check: str, host: str, port: int, context: ssl.SSLContext) -> Finding:
    name = f"{check} certificate"
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            raw = secured.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError as error:
        fix = "name its authority in ca_file, or have it made for this host name; check this box's clock"
        return problem(name, "certificate_refused", error.verify_message, fix)
    except OSError as error:
        return problem(name, "tls_failed", str(error), "does that port speak TLS?")
    if raw is None:
        return problem(name, "no_certificate", "it shows no certificate", "does that port speak TLS?")
    return judge_certificate(name, x509.load_der_x509_certificate(raw).not_valid_after_utc, datetime.now(UTC))


def _client_certificates(mqtt: MqttSettings) -> list[Finding]:
    """The certificates named in the file."""
    tls, findings = mqtt.tls, []
    named = [] if tls is None else [("ca_file", tls.ca_file), ("cert_file", tls.cert_file)]
    for field, path in named:
        if path is not None:
            findings += [
                judge_certificate(f"[mqtt] tls.{field}", moment, datetime.now(UTC)) for moment in _ends(path)[:1]
            ]
    return findings


def _ends(path: Path) -> list[datetime]:
    """When the certificates of a PEM file end, the earliest first."""
    found = []
    for match in _PEM.finditer(path.read_bytes()):
        try:
            found.append(x509.load_pem_x509_certificate(match[0]).not_valid_after_utc)
        except ValueError:
            continue  # told when the connection is tried
    return sorted(found)
