using System.Net;
using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Fuzz.Targets;

/// <summary>The readers of IP, ARP, Neighbor Discovery and DHCP, as the guards use them: what a part of a frame decides the whole frame decides too.</summary>
internal sealed class GuardTarget : FuzzTarget
{
    private readonly PacketGuard _guard = new(dhcp: true, router: true, new SourceAddresses([IPNetwork.Parse("10.0.0.1/32"), IPNetwork.Parse("2001:db8::/64")]));

    public override string Name => "guards";

    public override long MostAllocated(int length) => 0;

    public override int Take(byte[] input)
    {
        if (input.Length < EthernetFrame.HeaderLength) return 0;
        Require(_guard.TryInspect(input, isWhole: true, out var whole), "a whole frame is decided on");
        for (var length = EthernetFrame.HeaderLength; length < input.Length; length += 1 + (length / 4))
        {
            if (_guard.TryInspect(input.AsSpan(0, length), isWhole: false, out var part)) Require(part == whole, "more of a frame changes no decision");
        }

        return ((int)whole << 8) | LinkHeader.Read(input).PayloadOffset;
    }
}

/// <summary>The rules file.</summary>
internal sealed class RulesTarget : FuzzTarget
{
    private const int Fixed = 131_072;
    private const int PerByte = 256;

    public override string Name => "rules";

    public override long MostAllocated(int length) => Fixed + ((long)PerByte * length);

    public override int Take(byte[] input)
    {
        try
        {
            var rules = PeerRules.Parse(input);
            var verdict = rules.Judge("ada", "CN=ada");
            return (rules.Rules.Count << 8) | (verdict.IsDenied ? 1 : 0);
        }
        catch (FormatException e)
        {
            Require(e.Message.StartsWith("line ", StringComparison.Ordinal), "a fault has its line");
            return e.Message.Length << 16;
        }
    }
}
