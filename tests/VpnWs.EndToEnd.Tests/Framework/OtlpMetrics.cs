using System.Text;

namespace VpnWs.Tests.Framework;

/// <summary>A metric as a collector knows it.</summary>
/// <param name="Meter">The meter's name.</param>
/// <param name="Name">The instrument's name.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Tags">The names of its tags, in alphabetical order.</param>
internal sealed record OtlpMetric(string Meter, string Name, string Unit, string Tags);

/// <summary>Reads what an OTLP exporter sends: opentelemetry/proto/metrics/v1/metrics.proto, of whose fields it knows those that it needs.</summary>
internal static class OtlpMetrics
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    /// <summary>The metrics of one ExportMetricsServiceRequest.</summary>
    public static IEnumerable<OtlpMetric> Read(byte[] request) =>
        from resource in Fields(request, 1)
        from scope in Fields(resource, 2)
        let meter = Text(Fields(scope, 1).Single(), 1)
        from metric in Fields(scope, 2)
        select new OtlpMetric(meter, Text(metric, 1), Text(metric, 3), string.Join(' ', Tags(metric)));

    private static IEnumerable<string> Tags(byte[] metric)
    {
        // Gauges and sums have the tags of a data point in one place, histograms in another.
        var points = Fields(metric, 5).Concat(Fields(metric, 7)).SelectMany(data => Fields(data, 1)).SelectMany(point => Fields(point, 7));
        var histograms = Fields(metric, 9).SelectMany(data => Fields(data, 1)).SelectMany(point => Fields(point, 9));
        return points.Concat(histograms).Select(tag => Text(tag, 1)).Distinct().Order(StringComparer.Ordinal);
    }

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Fields(message, field).SingleOrDefault([]));

    /// <summary>The values of a field whose values have a length: texts and messages.</summary>
    private static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            switch ((int)(key & 7))
            {
                case Varint:
                    Number(message, ref at);
                    break;
                case Fixed64:
                    at += sizeof(ulong);
                    break;
                case Fixed32:
                    at += sizeof(uint);
                    break;
                case Delimited:
                    var length = (int)Number(message, ref at);
                    if ((int)(key >> 3) == field) found.Add(message[at..(at + length)]);
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"no protobuf: wire type {key & 7}");
            }
        }

        return found;
    }

    private static ulong Number(byte[] message, ref int at)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            number |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return number;
        }
    }
}
