using System.Globalization;
using VpnWs.Hosting;
using VpnWs.Server;

namespace VpnWs.ServerProgram;

/// <summary>Writes peers as a table that fits a terminal.</summary>
internal static class PeerListing
{
    private const int LeastWidth = 8;

    /// <summary>A column, whose text may be cut short where <paramref name="IsElastic"/>.</summary>
    private sealed record Column(string Name, bool IsRight, bool IsElastic, Func<PeerInfo, string> Text);

    /// <summary>The lines of a table, the head first.</summary>
    /// <param name="peers">The peers.</param>
    /// <param name="before">The peers a period ago, which makes columns of rates; null for none.</param>
    /// <param name="period">The period.</param>
    /// <param name="now">The time that durations end at.</param>
    /// <param name="width">How many characters fit a line: elastic columns are cut, then columns left out from the right.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<PeerInfo> peers, IReadOnlyList<PeerInfo>? before, TimeSpan period, DateTimeOffset now, int width)
    {
        var columns = Columns(before, period, now);
        var cells = columns.Select(column => peers.Select(peer => OneLine.Of(column.Text(peer))).Prepend(column.Name).ToArray()).ToList();
        var widths = Fit(columns, [.. cells.Select(column => column.Max(text => text.Length))], width);
        return [.. Enumerable.Range(0, peers.Count + 1).Select(row =>
            string.Join("  ", widths.Select((size, i) => Pad(cells[i][row], size, columns[i].IsRight))).TrimEnd())];
    }

    /// <summary>As much of a table as fits a terminal, and in its last line how many peers are left out.</summary>
    /// <param name="lines">The table.</param>
    /// <param name="height">How many lines fit.</param>
    public static IReadOnlyList<string> Cut(IReadOnlyList<string> lines, int height)
    {
        if (lines.Count <= height || height < 2) return lines;
        return [.. lines.Take(height - 1), string.Create(CultureInfo.InvariantCulture, $"and {lines.Count - height + 1} more")];
    }

    /// <summary>A number of bytes in three digits or four signs: 999, 1.2k, 34M.</summary>
    public static string Amount(double bytes)
    {
        const string Units = "kMGTPE";
        var unit = -1;
        for (; bytes >= 999.5 && unit < Units.Length - 1; unit++) bytes /= 1000;
        var text = unit >= 0 && bytes < 9.95 ? bytes.ToString("0.0", CultureInfo.InvariantCulture) : bytes.ToString("0", CultureInfo.InvariantCulture);
        return unit < 0 ? text : text + Units[unit];
    }

    private static List<Column> Columns(IReadOnlyList<PeerInfo>? before, TimeSpan period, DateTimeOffset now)
    {
        var old = before?.ToDictionary(peer => peer.Id);
        List<Column> columns =
        [
            new("ID", true, false, peer => peer.Id.ToString(CultureInfo.InvariantCulture)),
            new("MAC", false, false, peer => peer.Mac?.ToString() ?? "-"),
            new("FROM", false, true, peer => peer.RemoteAddress),
            new("WHO", false, true, Who),
            new("UP", true, false, peer => peer.IsTap ? "" : Duration(now - peer.ConnectedAt)),
        ];
        if (old is not null)
        {
            columns.Add(new Column("IN/s", true, false, peer => Rate(peer, p => p.BytesReceived)));
            columns.Add(new Column("OUT/s", true, false, peer => Rate(peer, p => p.BytesSent)));
        }

        columns.Add(new Column("IN", true, false, peer => Amount(peer.BytesReceived)));
        columns.Add(new Column("OUT", true, false, peer => Amount(peer.BytesSent)));
        columns.Add(new Column("DROPS", true, false, peer => peer.FramesDropped.ToString(CultureInfo.InvariantCulture)));
        columns.Add(new Column("KIND", false, true, Kind));
        return columns;

        string Rate(PeerInfo peer, Func<PeerInfo, long> bytes) =>
            old.TryGetValue(peer.Id, out var then) ? Amount(Math.Max(0, bytes(peer) - bytes(then)) / period.TotalSeconds) : "-";
    }

    private static string Who(PeerInfo peer) =>
        peer.RemoteUser.Length == 0 ? peer.DistinguishedName : peer.DistinguishedName.Length == 0 ? peer.RemoteUser : $"{peer.RemoteUser} ({peer.DistinguishedName})";

    private static string Kind(PeerInfo peer)
    {
        var bridge = peer.IsBridge ? $"bridge+{peer.Addresses.Count}" : "";
        string[] words = [peer.IsTap ? "tap" : peer.Transport, bridge, peer.HasOffload ? "offload" : "", peer.IsClassic ? "classic" : "", peer.IsBlocked ? "blocked" : ""];
        return string.Join(' ', words.Distinct().Where(word => word.Length > 0));
    }

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{time.Days}d{time.Hours:00}h",
        { TotalHours: >= 1 } => $"{time.Hours}h{time.Minutes:00}m",
        { TotalMinutes: >= 1 } => $"{time.Minutes}m{time.Seconds:00}s",
        _ => $"{Math.Max(0, time.Seconds)}s",
    };

    private static List<int> Fit(List<Column> columns, List<int> widths, int width)
    {
        while (widths.Count > 1 && widths.Sum() + (2 * (widths.Count - 1)) is var total && total > width)
        {
            var elastic = Enumerable.Range(0, widths.Count).Where(i => columns[i].IsElastic && widths[i] > LeastWidth).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : widths[i]);
            if (elastic < 0) widths.RemoveAt(widths.Count - 1);
            else widths[elastic]--;
        }

        return widths;
    }

    private static string Pad(string text, int size, bool isRight)
    {
        if (text.Length > size) return text[..(size - 1)] + "…";
        return isRight ? text.PadLeft(size) : text.PadRight(size);
    }
}
