"""The page: one HTML file, one style sheet, ES modules. No build step, nothing from elsewhere."""

from importlib.resources import files


def static_files() -> dict[str, bytes]:
    """The page's files by name."""
    return {file.name: file.read_bytes() for file in (files("hub.console") / "static").iterdir() if file.is_file()}
