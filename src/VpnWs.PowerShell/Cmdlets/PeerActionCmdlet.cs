using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>What cmdlets have in common that do something to peers: which peers are meant, and one after the other.</summary>
public abstract class PeerActionCmdlet : PeerCmdlet
{
    private const string ObjectSet = "Object";

    /// <summary>Makes a cmdlet for one pipeline.</summary>
    private protected PeerActionCmdlet()
    {
    }

    /// <summary>Peers, as Get-VpnWsPeer gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [ValidateNotNullOrEmpty]
    public LanPeer[] InputObject { get; set; } = [];

    /// <summary>The ids of peers.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ServerSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = UriSet)]
    [ArgumentCompleter(typeof(PeerIdCompleter))]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    /// <summary>The server of this session whose peers are meant, as an object or name; needed where several servers have a peer of that id.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerSource[]? Server { get; set; }

    /// <summary>Does it to all that are meant; a server's own tap is an error.</summary>
    /// <param name="action">What is done, in words.</param>
    /// <param name="onTap">The error for a tap.</param>
    /// <param name="act">Does it to one, and says whether the peer was there.</param>
    /// <param name="done">Takes those to whom it was done.</param>
    private protected void Act(string action, Func<LanPeer, LanException> onTap, Func<LanPeer, CancellationToken, Task<bool>> act, Action<LanPeer> done)
    {
        foreach (var peer in ParameterSetName == ObjectSet ? InputObject : ById(Server, Id))
        {
            if (peer.IsTap) WriteError(Failures.Record(onTap(peer), peer));
            else if (ShouldProcess(peer.ToString(), action)) ActOn(peer, act, done);
        }
    }

    private void ActOn(LanPeer peer, Func<LanPeer, CancellationToken, Task<bool>> act, Action<LanPeer> done)
    {
        try
        {
            if (!Wait(stop => act(peer, stop))) throw NotFound(peer.Id);
            done(peer);
        }
        catch (Exception e) when (e is not PipelineStoppedException && Failures.IsExpected(e))
        {
            WriteError(Failures.Record(e, peer));
        }
    }
}
