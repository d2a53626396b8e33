using System.Text;
using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Switching.Guards;

namespace VpnWs.Fuzz.Targets;

/// <summary>A query of the control interface: whatever it says, the answer is JSON that we can read ourselves.</summary>
internal sealed class ControlTarget : FuzzTarget, IControlTarget
{
    private const int Fixed = 131_072;
    private const int PerByte = 256;

    private readonly IReadOnlyList<PeerInfo> _peers =
    [
        new() { Id = 1, IsTap = true, Mac = MacAddress.Parse("02:00:00:00:00:01") },
        new() { Id = 2, RemoteAddress = "192.0.2.1", RemoteUser = "ada \"quoted\" \u0001", DistinguishedName = "CN=x\\y" },
    ];

    private int _killed;

    public override string Name => "control";

    public override long MostAllocated(int length) => Fixed + ((long)PerByte * length);

    public IReadOnlyList<PeerInfo> GetPeers() => _peers;

    public bool Kill(long id)
    {
        if (id != 2) return false;
        _killed++;
        return true;
    }

    public bool ChangeLimits(long id, PortLimits change) => id == 2;

    public override int Take(byte[] input)
    {
        _killed = 0;
        var response = ControlResponse.Parse(ControlInterface.Answer(Encoding.Latin1.GetString(input), this, TimeZoneInfo.Utc));
        Require(response.Status is 200 or 400 or 404, "a query is answered 200, 400 or 404");
        Require(_killed <= 1, "a query kills one peer at most");
        return (response.Status * 10) + _killed;
    }
}

/// <summary>What claims to be the answer of a control interface, as our own client of it reads it.</summary>
internal sealed class AnswerTarget : FuzzTarget
{
    private const int Fixed = 65_536;
    private const int PerByte = 256;

    public override string Name => "answers";

    public override long MostAllocated(int length) => Fixed + ((long)PerByte * length);

    public override int Take(byte[] input)
    {
        try
        {
            var response = ControlResponse.Parse(input);
            var reason = ControlReader.ReadReason(response.Body);
            Require(reason is null || !reason.Any(char.IsControl), "a reason is one line");
            var peers = ControlReader.ReadPeers(response.Body);
            return response.Status + (peers.Count * 1000);
        }
        catch (InvalidDataException e)
        {
            return e.Message.Length;
        }
    }
}
