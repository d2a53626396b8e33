"""What the host of a virtual machine takes from it: a measure during which it takes much is taken again, whatever it came to."""

from .processes import BenchError, machine_ticks

# Of the machine's processor time. On a host of its own a machine loses none of it; two percent are told by no measure here.
DISTURBING = 0.02
TRIES = 3


def undisturbed(action):
    """Runs a measure, up to three times while the host disturbs it; the least disturbed counts, with its share of stolen time under "stolen"."""
    best = None
    for tried in range(1, TRIES + 1):
        before = _ticks()
        try:
            result = action()
        except BenchError:
            if best is None:
                raise
            best["tries"] = tried
            break
        stolen = _share(before, _ticks())
        if best is None or stolen < best["stolen"]:
            best = {**result, "stolen": stolen}
        best["tries"] = tried
        if stolen <= DISTURBING:
            break
    return best


def words(measures):
    """What to tell of the measures that were taken so; nothing where there are none."""
    taken = [one for one in measures if isinstance(one, dict) and "stolen" in one]
    if not taken:
        return
    again = sum(one["tries"] > 1 for one in taken)
    still = sum(one["stolen"] > DISTURBING for one in taken)
    yield (f"Of {len(taken)} measures {again} were taken again because the machine's host took more than {DISTURBING:.0%} of the processors' time meanwhile, "
           f"at most {TRIES} times; in {still} of those that count it still did, at most {max(one['stolen'] for one in taken):.0%}.")


def _ticks():
    """Ticks stolen, and ticks in all; guests are part of user."""
    ticks = machine_ticks()
    return ticks[7], sum(ticks[:8])


def _share(before, after):
    return (after[0] - before[0]) / max(after[1] - before[1], 1)
