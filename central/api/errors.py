"""Exceptions of the rooms below, as JSON problems."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from starlette.exceptions import HTTPException
from starlette.responses import Response

from alerts.cases import CaseError, CaseNotFoundError, Conflict, InvalidDecisionError
from central.fleet.desk import FleetError
from central.problems import problem


def install_errors(app: FastAPI) -> None:
    """Answer every expected exception with a problem document."""
    app.add_exception_handler(CaseError, _case_error)
    app.add_exception_handler(FleetError, _fleet_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(WaitedTooLong, _database)


def _case_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, CaseError)
    if isinstance(error, Conflict):
        return problem(
            409,
            error.code,
            str(error),
            decided_by=error.decided_by,
            action=error.action,
            at=error.at.isoformat(timespec="milliseconds"),
            version=error.version,
        )
    status = (
        404 if isinstance(error, CaseNotFoundError) else 422 if isinstance(error, InvalidDecisionError) else 409
    )
    return problem(status, error.code, str(error))


def _fleet_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, FleetError)
    return problem(error.status, error.code, str(error))


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        {"field": ".".join(str(part) for part in item["loc"]), "problem": item["msg"]}
        for item in error.errors()[:10]
    ]
    detail = "; ".join(f"{item['field']}: {item['problem']}" for item in found)
    return problem(422, "invalid_request", detail, errors=found)


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    return problem(error.status_code, code, str(error.detail), headers=headers)


def _database(_: Request, error: Exception) -> Response:
    return problem(503, "database_unavailable", type(error).__name__, headers={"Retry-After": "2"})
