namespace VpnWs.Tests.Framework;

/// <summary>A machine with a client program and its tap on the LAN.</summary>
internal sealed class LanClient(NetworkNamespace machine, int number, string[] command) : IDisposable
{
    public NetworkNamespace Machine => machine;

    public ProcessUnderTest Process { get; private set; } = machine.Start(command);

    public string Address => $"10.88.0.{number}";

    public string AddressV6 => $"fd88::{number}";

    /// <summary>The hardware address of the tap.</summary>
    public string MacAddress => machine.LinkAddress(Lan.TapName);

    /// <summary>The hook that gives a tap its addresses on the LAN and brings it up.</summary>
    public static string SetUp(string tap, int number, int mtu) =>
        $"ip link set {tap} mtu {mtu} up && ip addr add 10.88.0.{number}/24 dev {tap} && ip addr add fd88::{number}/64 dev {tap} nodad";

    /// <summary>Starts the program again with the same words.</summary>
    public void Restart()
    {
        Process.Dispose();
        Process = machine.Start(command);
    }

    public void Dispose() => Process.Dispose();
}
