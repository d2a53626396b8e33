using System.Net;
using VpnWs.Http;
using VpnWs.Server;
using VpnWs.Uwsgi;
using VpnWs.WebSockets;

namespace VpnWs.Fuzz.Targets;

/// <summary>A request head, and all that is done with what it says before somebody is let in.</summary>
internal abstract class HeadTarget(HandshakeSource source) : FuzzTarget
{
    protected const int MaxLength = 16_384;

    private const int Fixed = 8192;
    private const int PerByte = 48;

    private static readonly HttpGate Gate = MakeGate();

    public override long MostAllocated(int length) => Fixed + ((long)PerByte * Math.Min(length, MaxLength));

    public override int Take(byte[] input)
    {
        var status = Parse(input, out var request, out var consumed, out var error);
        Require(consumed >= 0 && consumed <= Math.Min(input.Length, MaxLength), "nothing is consumed that is not there");
        Require((status == HeadParseStatus.Complete) == (request is not null), "a complete head is a request");
        Require((status is HeadParseStatus.Malformed or HeadParseStatus.TooLarge) == (error is not null), "a bad head has a reason");
        Require(status != HeadParseStatus.NeedMoreData || input.Length < MaxLength, "no head goes on for ever");
        if (request is null) return ((int)status << 24) ^ (error?.Text.Length ?? 0) ^ (Math.Min(input.Length, 255) << 16);

        // As strangers, behind a trusted proxy, and through a Unix socket.
        foreach (var from in (IPAddress?[])[IPAddress.Parse("192.0.2.1"), IPAddress.Loopback, null])
        {
            var known = Gate.Identify(request, from, null);
            ClientAddress.KeyOf(known.RemoteAddress);
            PeerPort.IdentityOf(known);
        }

        var hasUser = BasicCredentials.TryParse(request.Authorization, out var given);
        Require(!hasUser || !given.User.Contains(':', StringComparison.Ordinal), "a user has no colon");
        HttpGate.Objection(request, isUnix: false);
        var verdict = HandshakeJudge.Judge(request, source, null, offloadAllowed: true);
        var answer = HttpResponse.For(verdict);
        Require(answer.Length > 0, "every request is answered");
        return answer.Length + (request.Protocols.Count << 16) + (hasUser ? 1 << 12 : 0) + (request.Path.Length << 20);
    }

    protected abstract HeadParseStatus Parse(byte[] input, out HandshakeRequest? request, out int consumed, out HeadError? error);

    private static HttpGate MakeGate()
    {
        var options = new VpnWsServerOptions { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] };
        return new HttpGate(options, new ClientLimits(options));
    }
}

/// <summary>The uwsgi packet.</summary>
internal sealed class UwsgiTarget() : HeadTarget(HandshakeSource.Uwsgi)
{
    public override string Name => "uwsgi";

    protected override HeadParseStatus Parse(byte[] input, out HandshakeRequest? request, out int consumed, out HeadError? error) =>
        UwsgiPacket.TryParse(input, MaxLength, out request, out consumed, out error);
}

/// <summary>The HTTP head.</summary>
internal sealed class HttpTarget() : HeadTarget(HandshakeSource.Http)
{
    public override string Name => "http";

    protected override HeadParseStatus Parse(byte[] input, out HandshakeRequest? request, out int consumed, out HeadError? error) =>
        HttpRequestHead.TryParse(input, MaxLength, out request, out consumed, out error);
}
