"""What one does with columns of times."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from h2o._expression import Expression
from h2o._operation import Operable, argument, unary
from h2o.exceptions import H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Times"]


class Times(Operable):
    """Operations on times: their parts, by the clocks of the server's time zone, and how to make them."""

    year = unary("year", "The year of each time.")
    month = unary("month", "The month of each time, from 1.")
    week = unary("week", "The week of the year of each time (ISO 8601).")
    day = unary("day", "The day of the month of each time.")
    dayOfWeek = unary("dayOfWeek", "The day of the week of each time, Mon to Sun.")
    hour = unary("hour", "The hour of the day of each time.")
    minute = unary("minute", "The minute of the hour of each time.")
    second = unary("second", "The second of the minute of each time.")

    def as_date(self, format: str) -> H2OFrame:
        """Milliseconds since 1970 out of text; ``format`` is such as ``%Y-%m-%d`` or ``yyyy-MM-dd``."""
        return self._derived("as.Date", self, format)

    @staticmethod
    def mktime(
        year: Any = 1970,
        month: Any = 0,
        day: Any = 0,
        hour: Any = 0,
        minute: Any = 0,
        second: Any = 0,
        msec: Any = 0,
    ) -> H2OFrame:
        """Milliseconds since 1970 out of parts, each a number or a column; months and days count from 0.

        Where all parts are numbers the frame has one row. :meth:`moment` is the one to use in new code.
        """
        parts = (year, month, day, hour, minute, second, msec)
        if any(isinstance(part, Operable) for part in parts):
            return _frame("mktime", *parts)
        return _frame("cbind", Expression("mktime", *parts))

    @staticmethod
    def moment(
        year: Any = None,
        month: Any = None,
        day: Any = None,
        hour: Any = None,
        minute: Any = None,
        second: Any = None,
        msec: Any = None,
        date: datetime.date | None = None,
        time: datetime.time | None = None,
    ) -> H2OFrame:
        """A column of times out of parts, each a number or a column; missing where there is no such time.

        ``date`` (a date, or a datetime, which is complete) stands for year, month and day, ``time`` for hour,
        minute, second and msec. Raises H2OValueError where both are given, or neither the date.
        """
        clock = (hour, minute, second, msec)
        if isinstance(date, datetime.datetime):
            if time is not None:
                raise H2OValueError("a datetime is complete: give no time beside it")
            time = date.time()
            date = date.date()
        if time is not None:
            _require_none("time", hour=hour, minute=minute, second=second, msec=msec)
            clock = (time.hour, time.minute, time.second, time.microsecond // 1000)
        if date is not None:
            _require_none("date", year=year, month=month, day=day)
            year, month, day = date.year, date.month, date.day
        if year is None or month is None or day is None:
            raise H2OValueError("moment needs year, month and day, or a date")
        return _frame("moment", year, month, day, *(0 if part is None else part for part in clock))


def _require_none(instead: str, **parts: Any) -> None:
    given = [name for name, part in parts.items() if part is not None]
    if given:
        raise H2OValueError(f"{instead} stands for {', '.join(parts)}: give no {given[0]} beside it")


def _frame(operator: str, *arguments: Any) -> H2OFrame:
    from h2o.frame import H2OFrame

    return H2OFrame._of(Expression(operator, *map(argument, arguments)))
