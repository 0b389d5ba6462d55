"""Names in two fields, as the canonical party has them in one."""


def full_name(first: str, last: str) -> str:
    """Both, with a blank between."""
    return f"{first} {last}".strip()


def name_parts(name: str) -> tuple[str, str]:
    """The last word is the last name."""
    first, _, last = name.rpartition(" ")
    return first, last
