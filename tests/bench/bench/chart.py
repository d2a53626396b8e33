"""A bar chart as SVG, readable on light and dark pages."""

from html import escape

from .summary import Summary

_WIDTH, _LABELS, _ROW, _TOP = 760, 300, 22, 44
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.head { font-weight: 600 }
.ours { fill: #1a7f64 } .others { fill: #9aa4af } .line { stroke: #d0d7de }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .ours { fill: #3fb58f } .others { fill: #6e7781 } .line { stroke: #30363d }
}"""


def svg(results):
    """TCP throughput of every variant, and what a gigabyte costs."""
    summary = Summary(results["rounds"])
    rows = [
        (title, key, summary.median(key, "tcp.gbit_per_s"), summary.median(key, "tcp.cpu_s_per_gb"))
        for key, title in results["titles"].items() if summary.median(key, "tcp.gbit_per_s")]
    height = _TOP + _ROW * len(rows) + 10
    most = max((speed for _, _, speed, _ in rows), default=1)
    scale = (_WIDTH - _LABELS - 170) / most
    bars = "".join(_bar(number, scale, *row) for number, row in enumerate(rows))
    cores = results["machine"]["cores"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="TCP throughput by kind of LAN">'
        f"<style>{_STYLE}</style>"
        f'<text class="head" x="0" y="16">TCP through the LAN, one stream, on {cores} cores: Gbit/s (and CPU-seconds per GB)</text>'
        f'<line class="line" x1="{_LABELS}" x2="{_LABELS}" y1="{_TOP - 16}" y2="{height - 8}"/>{bars}</svg>\n')


def _bar(number, scale, title, key, speed, cost):
    y = _TOP + number * _ROW
    kind = "ours" if title.startswith("VpnWs") else "others"
    length = max(speed * scale, 1)
    cost_text = f" ({cost:.1f})" if cost and key != "bridge" else ""
    return (
        f'<text x="{_LABELS - 8}" y="{y}" text-anchor="end">{escape(title)}</text>'
        f'<rect class="{kind}" x="{_LABELS}" y="{y - 12}" width="{length:.0f}" height="15" rx="2"/>'
        f'<text x="{_LABELS + length + 6:.0f}" y="{y}">{speed:.2f}{cost_text}</text>')
