"""What every tool's settings share (Verbindungseinstellungen): its name, and where its secrets are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """A part of the configuration: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretSettings(Part):
    """Where a secret is read from; never the secret itself. Exactly one of the three.

    ``{ env = "LEXWARE_KEY" }``, ``{ file = "secrets/lexware" }`` (only the secret, readable for nobody else) or
    ``{ keyring = "lexware" }`` (in the keyring of the system, under the service ``kontorist``).
    """

    env: str = ""
    file: Path | None = None
    keyring: str = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(map(bool, (self.env, self.file, self.keyring))) != 1:
            raise ValueError("name exactly one place of the secret: env, file or keyring")
        return self


class WriteBack(Part):
    """What the tool is told (Rückschreiben). Nothing, unless it is wished."""

    payments: bool = False  # what was booked here is booked there
    dunning: bool = False  # what was said to the debtor is noted there


class ToolSettings(Part):
    """What the settings of every tool have; each tool adds its own below."""

    kind: str
    name: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")  # tells several sources of one company apart
    write_back: WriteBack = WriteBack()


class WebToolSettings(ToolSettings):
    """What the settings of every tool have that is reached over HTTPS under an address of the office's own."""

    url: str = Field(min_length=1)
    allow_http: bool = False  # without encryption: only inside one's own network
