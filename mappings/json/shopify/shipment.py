"""Tracking numbers and their pages stand in two lists beside each other; the first of each also by itself."""

from typing import Any

PAIRS = {"tracking_number": "tracking_numbers", "tracking_url": "tracking_urls"}


def parcelled(shipment: dict[str, Any]) -> dict[str, Any]:
    """One object for each parcel. What stands by itself and is not the first of its list is left where it is."""
    out = dict(shipment)
    parcels: list[dict[str, Any]] = []
    for one, many in PAIRS.items():
        listed = out.pop(many, None) or []
        if out.get(one) is not None and out[one] in [*listed[:1], *([] if listed else [out[one]])]:
            listed = listed or [out[one]]
            del out[one]
        parcels += [{"place": str(number + 1)} for number in range(len(parcels), len(listed))]
        for parcel, value in zip(parcels, listed, strict=False):
            parcel[one] = value
    return out | {"parcels": parcels} if parcels else out


def listed(shipment: dict[str, Any]) -> dict[str, Any]:
    """Back again: both lists, and the first of each by itself."""
    out = dict(shipment)
    parcels = out.pop("parcels", [])
    for one, many in PAIRS.items():
        values = [parcel[one] for parcel in parcels if parcel.get(one) is not None]
        if values:
            out = {one: values[0]} | out | {many: values}
    return out
