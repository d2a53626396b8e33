"""Medians over the rounds."""

import statistics


class Summary:
    """What the rounds say together; a value is named by its path, such as "tcp.gbit_per_s"."""

    def __init__(self, rounds):
        self._rounds = rounds

    def has(self, variant):
        return any(variant in one for one in self._rounds)

    def values(self, variant, path):
        return [_dig(one[variant], path.split(".")) for one in self._rounds if variant in one]

    def median(self, variant, path):
        """None where there is no value, or none in half of the rounds."""
        values = self.values(variant, path)
        known = [value for value in values if value is not None]
        return statistics.median(known) if len(known) * 2 > len(values) else None

    def memory_mib(self, variant, kind):
        """All programs of a variant together; kind is rss or pss."""
        sums = [sum(role[kind] for role in one[variant]["memory_kib"].values()) / 1024 for one in self._rounds if variant in one]
        return statistics.median(sums) if sums else None


def _dig(value, names):
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
