"""UPS tells the moment of an activity in three parts: date, time and offset; and again in two, in UTC."""

from datetime import UTC, datetime
from typing import Any


def zoned(tree: Any) -> Any:
    """The parcel with `at` and `gmt` in each activity, in ISO 8601, where its dates say so."""
    return {**tree, "activity": [_in_utc(_zoned(one)) for one in tree.get("activity") or []]}


def _zoned(activity: Any) -> Any:
    date, time = str(activity.get("date") or ""), str(activity.get("time") or "")
    if len(date) != 8 or len(time) not in (0, 6):
        return activity
    rest = {name: value for name, value in activity.items() if name not in ("date", "time", "gmtOffset")}
    day = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    offset = str(activity.get("gmtOffset") or "").replace("+00:00", "Z")
    clock = f"T{time[:2]}:{time[2:4]}:{time[4:]}{offset}" if time else ""
    return {**rest, "at": day + clock}


def _in_utc(activity: Any) -> Any:
    date, time = str(activity.get("gmtDate") or ""), str(activity.get("gmtTime") or "")
    if len(date) != 8 or len(time) != 8:
        return activity
    rest = {name: value for name, value in activity.items() if name not in ("gmtDate", "gmtTime")}
    return {**rest, "gmt": f"{date[:4]}-{date[4:6]}-{date[6:]}T{time}Z"}


def apart(tree: Any) -> Any:
    """The parcel as UPS has it."""
    return {**tree, "activity": [_apart(_from_utc(one)) for one in tree.get("activity") or []]}


def _from_utc(activity: Any) -> Any:
    if "T" not in str(activity.get("gmt")):
        return activity
    at = datetime.fromisoformat(activity["gmt"])
    at = at.astimezone(UTC) if at.tzinfo else at
    rest = {name: value for name, value in activity.items() if name != "gmt"}
    return {**rest, "gmtDate": f"{at:%Y%m%d}", "gmtTime": f"{at:%H:%M:%S}"}


def _apart(activity: Any) -> Any:
    at = activity.get("at")
    if not isinstance(at, str):
        return activity
    rest = {name: value for name, value in activity.items() if name != "at"}
    date, _, clock = at.partition("T")
    parts = {"date": date.replace("-", "")}
    if clock:
        parts["time"] = clock[:8].replace(":", "")
    if offset := clock[8:]:
        parts["gmtOffset"] = "+00:00" if offset == "Z" else offset
    return {**parts, **rest}
