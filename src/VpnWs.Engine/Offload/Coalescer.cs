namespace VpnWs.Offload;

/// <summary>
/// Joins the small TCP (and UDP) frames of one batch into super-frames for a tap, after the rules of Linux's GRO: per flow the frames leave in the order they
/// came, whole and with right checksums or else untouched. A bounded number of flows is looked at at once, the oldest gives way.
/// Not for two threads at once. Memory: about 64 KiB per flow, taken when first needed and kept.
/// </summary>
internal sealed class Coalescer
{
    /// <summary>How many flows are looked at at once where nothing else is asked.</summary>
    public const int DefaultFlows = 8;

    private readonly CoalescedRun[] _runs;
    private readonly bool _mergeUdp;
    private int _active;

    /// <summary>Makes an empty coalescer.</summary>
    /// <param name="mergeUdp">Whether to join UDP too: only for a kernel that knows USO (Linux 6.2).</param>
    /// <param name="flows">How many flows to look at at once; at least one.</param>
    public Coalescer(bool mergeUdp, int flows = DefaultFlows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(flows, 1);
        _mergeUdp = mergeUdp;
        _runs = new CoalescedRun[flows];
        for (var i = 0; i < flows; i++) _runs[i] = new CoalescedRun();
    }

    /// <summary>How many frames left inside super-frames, since the start.</summary>
    public long FramesCoalesced { get; private set; }

    /// <summary>How many super-frames were made, since the start.</summary>
    public long SuperFrames { get; private set; }

    /// <summary>Takes a frame, any frame: copies what it may join with others, hands on at once what it cannot, behind whatever came before it in its flow.</summary>
    public void Add<TSink>(in VirtioNetHeader header, ReadOnlySpan<byte> frame, ref TSink sink)
        where TSink : IFrameSink, allows ref struct
    {
        if (FlowFrame.TryRead(header, frame, _mergeUdp, out var flow, out var isFragment))
        {
            if (TryMerge(flow, ref sink)) return;
        }
        else if (isFragment)
        {
            Flush(ref sink);
        }

        sink.Accept(header, frame);
    }

    /// <summary>Hands on all that is left, oldest first: to be called at the end of every batch.</summary>
    public void Flush<TSink>(ref TSink sink)
        where TSink : IFrameSink, allows ref struct
    {
        var active = _active;
        _active = 0;
        for (var i = 0; i < active; i++) Emit(_runs[i], ref sink);
    }

    private bool TryMerge<TSink>(in FlowFrame flow, ref TSink sink)
        where TSink : IFrameSink, allows ref struct
    {
        for (var i = 0; i < _active; i++)
        {
            var run = _runs[i];
            if (!run.IsSameFlow(flow)) continue;
            var merged = flow.IsMergeable && run.TryAppend(flow);
            if (!merged || run.IsClosed) Release(i, ref sink);
            if (merged) return true;
            break;
        }

        if (!flow.IsMergeable) return false;
        if (_active == _runs.Length) Release(0, ref sink);
        if (!_runs[_active].TryBegin(flow)) return false;
        _active++;
        return true;
    }

    private void Release<TSink>(int index, ref TSink sink)
        where TSink : IFrameSink, allows ref struct
    {
        var run = _runs[index];
        _active--;
        Array.Copy(_runs, index + 1, _runs, index, _active - index);
        _runs[_active] = run;
        Emit(run, ref sink);
    }

    private void Emit<TSink>(CoalescedRun run, ref TSink sink)
        where TSink : IFrameSink, allows ref struct
    {
        if (run.Count > 1)
        {
            SuperFrames++;
            FramesCoalesced += run.Count;
        }

        run.Emit(ref sink);
    }
}
