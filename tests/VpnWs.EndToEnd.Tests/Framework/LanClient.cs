namespace VpnWs.Tests.Framework;

/// <summary>A machine with a client program and its tap on the LAN.</summary>
internal sealed class LanClient : IDisposable
{
    private readonly string[] _command;

    public LanClient(Lan lan, int number, ProgramPair of, int mtu, string[] options)
    {
        Address = $"10.88.0.{number}";
        AddressV6 = $"fd88::{number}";
        Machine = lan.AddMachine($"client{number}", number);
        _command = [of.Client, "--exec", SetUp(Lan.TapName, number, mtu), .. options, Lan.TapName, lan.Url];
        Process = Machine.Start(_command);
    }

    public NetworkNamespace Machine { get; }

    public ProcessUnderTest Process { get; private set; }

    public string Address { get; }

    public string AddressV6 { get; }

    /// <summary>The hardware address of the tap.</summary>
    public string MacAddress => Machine.LinkAddress(Lan.TapName);

    /// <summary>The hook that gives a tap its addresses on the LAN and brings it up.</summary>
    public static string SetUp(string tap, int number, int mtu) =>
        $"ip link set {tap} mtu {mtu} up && ip addr add 10.88.0.{number}/24 dev {tap} && ip addr add fd88::{number}/64 dev {tap} nodad";

    public void Restart()
    {
        Process.Dispose();
        Process = Machine.Start(_command);
    }

    public void Dispose()
    {
        Process.Dispose();
        Machine.Dispose();
    }
}
