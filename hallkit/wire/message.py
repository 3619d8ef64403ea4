"""The base of every message that one program sends to another."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A frozen message; unknown fields are ignored, so that an older device understands a newer
    server. What the server accepts is stricter and is described in ``hall_server.api``."""

    model_config = ConfigDict(frozen=True, extra="ignore")
