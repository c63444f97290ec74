"""Time zones: between UTC and what clocks show, for whole arrays of milliseconds since 1970.

The rules are those of Python's zoneinfo (Arrow's end in 2037): all changes of a zone's offset are found once
and then looked up.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.errors import InvalidArgument

Milliseconds = NDArray[np.int64]

_START, _END = datetime(1850, 1, 1, tzinfo=UTC), datetime(2450, 1, 1, tzinfo=UTC)
_KNOWN_UNTIL = int(_END.timestamp()) * 1000
_STEP = timedelta(days=7)
"""No zone has changed its offset there and back within a week."""
_SECOND = timedelta(seconds=1)
_DAY = 86_400_000
_CALENDAR_PERIOD = 146_097 * _DAY
"""400 years: the Gregorian calendar repeats, days of the week included, and with it the rules of zones."""


def require_zone(zone: str) -> None:
    """Raise InvalidArgument unless there is such a time zone."""
    if zone not in zoneinfo.available_timezones():
        raise InvalidArgument("name", f"Unacceptable timezone {zone} given; see (listTimeZones)")


def zone_labels() -> list[str]:
    """Every time zone with its offset from UTC outside of summer time: `+01:00 Europe/Berlin`."""
    return sorted(f"{_standard_offset(zone)} {zone}" for zone in zoneinfo.available_timezones())


def to_local(times: Milliseconds, zone: str) -> Milliseconds:
    """What clocks in `zone` show at the given times, as milliseconds since they showed 1970-01-01."""
    return times if zone == "UTC" else times + _offsets(zone).at(times)


def to_utc(shown: Milliseconds, zone: str) -> Milliseconds:
    """When clocks in `zone` show what is given.

    That is the first time for an hour that they show twice; an hour that they leave out counts from the
    hour before on (as in java.time).
    """
    if zone == "UTC":
        return shown
    offsets = _offsets(zone)
    before, after = shown - offsets.at(shown - _DAY), shown - offsets.at(shown + _DAY)
    only_after = (to_local(before, zone) != shown) & (to_local(after, zone) == shown)
    return np.where(only_after, after, before)


@dataclass(frozen=True)
class _Offsets:
    """A zone's offsets from UTC: `values[i]` from `since[i]` on."""

    since: Milliseconds
    values: Milliseconds

    def at(self, times: Milliseconds) -> Milliseconds:
        periods = np.maximum(-((_KNOWN_UNTIL - times) // _CALENDAR_PERIOD), 0)
        place = np.searchsorted(self.since[1:], times - periods * _CALENDAR_PERIOD, "right")
        return np.asarray(self.values[place])


@lru_cache(maxsize=64)
def _offsets(zone: str) -> _Offsets:
    rules, moment = zoneinfo.ZoneInfo(zone), _START
    since, values = [moment], [_offset(moment, rules)]
    while moment < _END:
        following = moment + _STEP
        if _offset(following, rules) != values[-1]:
            since.append(_change(moment, following, rules))
            values.append(_offset(following, rules))
        moment = following
    return _Offsets(
        np.array([moment.timestamp() * 1000 for moment in since]).astype(np.int64),
        np.array([value.total_seconds() * 1000 for value in values]).astype(np.int64),
    )


def _offset(moment: datetime, rules: zoneinfo.ZoneInfo) -> timedelta:
    offset = moment.astimezone(rules).utcoffset()
    assert offset is not None
    return offset


def _change(low: datetime, high: datetime, rules: zoneinfo.ZoneInfo) -> datetime:
    """The second from which on the offset is that of `high`, not that of `low`."""
    start = _offset(low, rules)
    while high - low > _SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, rules) == start else (low, middle)
    return high


def _standard_offset(zone: str) -> str:
    moment = datetime.now(UTC).astimezone(zoneinfo.ZoneInfo(zone))
    offset, summer = moment.utcoffset() or timedelta(), moment.dst() or timedelta()
    minutes = int((offset - summer).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
