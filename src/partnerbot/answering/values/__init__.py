"""Typed values in text: dates and numbers, found, compared and written across languages."""

from partnerbot.answering.values.dates import find_dates, relative_date_in
from partnerbot.answering.values.numbers import find_numbers, ordinals
from partnerbot.answering.values.value import PartialDate, Value, ValueKind, resolved, same_value
from partnerbot.answering.values.wording import format_value, long_date, writable

__all__ = [
    "PartialDate",
    "Value",
    "ValueKind",
    "find_dates",
    "find_numbers",
    "format_value",
    "long_date",
    "ordinals",
    "relative_date_in",
    "resolved",
    "same_value",
    "writable",
]
