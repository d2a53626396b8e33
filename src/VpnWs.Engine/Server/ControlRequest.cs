using System.Globalization;
using VpnWs.Uwsgi;

namespace VpnWs.Server;

/// <summary>What is sent to a server's uwsgi address to use its control interface.</summary>
internal static class ControlRequest
{
    /// <summary>Asks for the list of peers.</summary>
    public static byte[] List() => Write("");

    /// <summary>Asks to end the connection of a peer.</summary>
    public static byte[] Kill(long id) => Write(string.Create(CultureInfo.InvariantCulture, $"kill={id}"));

    private static byte[] Write(string query) =>
        UwsgiPacket.Write(UwsgiPacket.Control, [new("REQUEST_METHOD", "GET"), new("QUERY_STRING", query)]);
}
