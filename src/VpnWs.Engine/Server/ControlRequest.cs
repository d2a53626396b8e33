using System.Globalization;
using VpnWs.Switching.Guards;
using VpnWs.Uwsgi;

namespace VpnWs.Server;

/// <summary>What is asked of a server's control interface: queries, and the packets that carry them to its uwsgi address.</summary>
internal static class ControlRequest
{
    /// <summary>Asks for the list of peers.</summary>
    public const string List = "";

    /// <summary>Asks to end the connection of a peer.</summary>
    public static string Kill(long id) => string.Create(CultureInfo.InvariantCulture, $"kill={id}");

    /// <summary>Asks to change what a peer may do.</summary>
    public static string Set(long id, PortLimits change) => string.Create(CultureInfo.InvariantCulture, $"set={id}&limits={Uri.EscapeDataString(change.ToString())}");

    /// <summary>The packet that carries a query.</summary>
    public static byte[] Write(string query) =>
        UwsgiPacket.Write(UwsgiPacket.Control, [new("REQUEST_METHOD", "GET"), new("QUERY_STRING", query)]);
}
