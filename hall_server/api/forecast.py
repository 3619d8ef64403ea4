"""How good the waiting times are."""

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from hall_server.api.access import need_staff
from hall_server.api.document import ADDRESS, NEEDS_KNOWN, STAFF, answers, blueprint
from hall_server.api.parts import parts
from hall_server.api.replies import reply
from hall_server.service.answers import ForecastAccuracy

api = blueprint("forecast")


class AccuracyQuery(BaseModel):
    """``GET /forecast/accuracy``."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(default=7, ge=1, le=31, description="so many days, today included")


@api.get(
    "/forecast/accuracy",
    summary="How good the waiting times were",
    security=STAFF,
    responses=answers(200, ForecastAccuracy, *NEEDS_KNOWN, *ADDRESS),
)
def forecast_accuracy(query: AccuracyQuery) -> Response:
    """Staff. Each ticket keeps the forecast that it was issued with; its first call scores it."""
    need_staff()
    return reply(parts().queries.forecast_accuracy(query.days))
