"""The kind of table all tables of these files are."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of TOML: no other keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)
