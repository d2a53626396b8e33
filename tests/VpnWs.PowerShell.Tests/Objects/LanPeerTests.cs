using VpnWs.PowerShell;
using VpnWs.Server;
using VpnWs.Switching.Guards;

namespace VpnWs.Tests.Objects;

public sealed class LanPeerTests
{
    [Fact]
    public void What_a_server_says_of_a_peer_cannot_steer_the_terminal()
    {
        const string Hostile = "a\x1b]0;title\ab\u202ec\nd";
        var peer = new LanPeer(new PeerInfo { RemoteUser = Hostile, DistinguishedName = Hostile, RemoteAddress = Hostile, Transport = Hostile, Rule = Hostile }, new NoSource());
        Assert.All((string[])[peer.User, peer.DistinguishedName, peer.RemoteAddress, peer.Transport, peer.Rule], static text => Assert.Equal("a?]0;title?b?c d", text));
    }

    private sealed class NoSource : IPeerSource
    {
        public string Name => "none";

        public Task<IReadOnlyList<PeerInfo>> GetPeersAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> KillAsync(long id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> ChangeLimitsAsync(long id, PortLimits change, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
