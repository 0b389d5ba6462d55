"""The hub's own SFTP mailbox: the partner logs in, uploads into /inbox and collects from /outbox.

The hub itself is the far end: an upload is received when the partner closes the file, or renames it from a temporary
name (.part, .tmp, .filepart, .uploading); a delivery lies in /outbox until the partner has downloaded it.
"""

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

hosted = True


class Settings(BaseModel):
    """What a connection may say."""

    model_config = ConfigDict(extra="forbid")

    user: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9._@-]+$",
        description="The partner's user name.",
    )
    password: str | None = Field(None, description='The secret that holds the password: "secret:<name>".')
    public_keys: list[str] = Field(
        default_factory=list, description="The partner's public keys, each as `ssh-ed25519 AAAA..` or `ssh-rsa AAAA..`."
    )
    keep_hours: float = Field(
        72, ge=0, le=24 * 90, description="Hours for which the partner still sees what it has uploaded or downloaded."
    )

    @field_validator("public_keys")
    @classmethod
    def _are_keys(cls, lines: list[str]) -> list[str]:
        for line in lines:
            if len(line.split()) < 2 or not line.split()[1].startswith("AAAA"):
                raise ValueError(f'"{line[:40]}" is not a public key such as "ssh-ed25519 AAAA.."')
        return lines

    @model_validator(mode="after")
    def _has_a_way_in(self) -> "Settings":
        if self.password is None and not self.public_keys:
            raise ValueError("the mailbox needs password or public_keys, else nobody can log in")
        return self
