using System.Runtime.InteropServices;
using System.Text;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

/// <summary>What an administrator would do to interfaces from outside, in the calling thread's network namespace.</summary>
internal static class Links
{
    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort SetLink = 19;
    private const ushort NameAttribute = 3;
    private const ushort InfoAttribute = 18;
    private const ushort NamespaceAttribute = 28;

    internal static void Delete(int index) => Request(DeleteLink, index);

    internal static void Rename(int index, string name) => Request(SetLink, index, NameAttribute, Encoding.UTF8.GetBytes(name + '\0'));

    internal static void Move(int index, NamespaceThread to)
    {
        var descriptor = to.OpenNamespace();
        Request(SetLink, index, NamespaceAttribute, BitConverter.GetBytes(descriptor));
        Assert.Equal(0, Kernel.Close(descriptor));
    }

    /// <summary>Makes a bridge that is up.</summary>
    internal static void AddBridge(string name)
    {
        using NetlinkSocket socket = new();
        NetlinkMessage message = new(stackalloc byte[256], NewLink, NetlinkMessage.FlagAck | NetlinkMessage.FlagCreate | NetlinkMessage.FlagExclusive);
        message.Body(new LinkBody { Flags = 1, Change = 1 });
        message.Attribute(NameAttribute, name);
        message.Attribute(InfoAttribute, [10, 0, 1, 0, .. "bridge"u8]);
        var result = socket.Request(message);
        const int NotSupported = 95;
        Assert.SkipWhen(result.Error == NotSupported, "needs kernel bridges");
        Assert.Equal(default, result);
    }

    private static void Request(ushort type, int index, ushort attribute = 0, byte[]? value = null)
    {
        using NetlinkSocket socket = new();
        NetlinkMessage message = new(stackalloc byte[256], type, NetlinkMessage.FlagAck);
        message.Body(new LinkBody { Index = index });
        if (value is not null) message.Attribute(attribute, value);
        Assert.Equal(default, socket.Request(message));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct LinkBody
    {
        internal uint FamilyAndType;
        internal int Index;
        internal uint Flags;
        internal uint Change;
    }
}
