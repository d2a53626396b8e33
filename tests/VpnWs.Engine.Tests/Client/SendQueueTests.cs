using VpnWs.Client;

namespace VpnWs.Tests.Client;

/// <summary>What waits on a link: within its bound, small frames of quiet conversations first, each conversation in order.</summary>
public sealed class SendQueueTests
{
    private const int Bound = 2 * 1024 * 1024;
    private const int Bulk = 80 * 1024;

    private readonly SendQueue _queue = new();

    [Fact]
    public void Where_nothing_waits_every_frame_goes_the_usual_way()
    {
        Assert.Equal(SendLane.Chunk, _queue.Choose(1, 60, filled: 0));
        Assert.Equal(SendLane.Chunk, _queue.Choose(1, Bulk, filled: 0));
    }

    [Fact]
    public void A_small_frame_of_a_quiet_conversation_goes_past_a_transfer()
    {
        Fill(flow: 1, Bulk);
        Assert.Equal(SendLane.Express, _queue.Choose(2, 98, filled: 0));
        Assert.True(_queue.TryAddExpress([1, 2, 3]));
        Assert.Equal([1, 2, 3], _queue.TakeExpress().ToArray());
        Assert.True(_queue.TakeExpress().IsEmpty);
    }

    [Fact]
    public void A_conversation_never_overtakes_itself()
    {
        Fill(flow: 1, Bulk);
        Fill(flow: 2, Bulk);
        Assert.Equal(SendLane.Chunk, _queue.Choose(1, 60, filled: 0));
        Take();
        // The frame just put into the chunk that is being filled has not gone yet.
        Assert.Equal(SendLane.Chunk, _queue.Choose(1, 60, filled: 60));
        Assert.Equal(SendLane.Chunk, _queue.Choose(2, 60, filled: 60));
        Take();
    }

    [Fact]
    public void Once_its_chunk_is_sent_a_conversation_counts_as_quiet_again()
    {
        Fill(flow: 1, Bulk);
        Fill(flow: 2, Bulk);
        Take();
        Assert.Equal(SendLane.Express, _queue.Choose(1, 60, filled: 0));
        Assert.Equal(SendLane.Chunk, _queue.Choose(2, 60, filled: 0));
    }

    [Fact]
    public void While_its_chunk_is_being_sent_a_conversation_does_not_go_past_it()
    {
        Fill(flow: 1, Bulk);
        var chunk = _queue.TakeChunk()!;
        Assert.Equal(SendLane.Chunk, _queue.Choose(1, 60, filled: 0));
        Assert.Equal(SendLane.Express, _queue.Choose(2, 60, filled: 0));
        _queue.Return(chunk);
        Assert.Equal(SendLane.Chunk, _queue.Choose(2, 60, filled: 0));
    }

    [Fact]
    public void A_chunk_that_was_put_behind_another_is_taken_with_it()
    {
        Fill(flow: 1, 1000);
        Fill(flow: 2, 1000);
        var both = _queue.TakeChunk()!;
        Assert.Equal(2000, both.Length);
        _queue.Return(both);
        Fill(flow: 3, Bulk);
        Assert.Equal(SendLane.Express, _queue.Choose(2, 60, filled: 0));
    }

    [Fact]
    public void Beyond_the_bound_frames_are_dropped_and_after_room_was_made_no_more()
    {
        for (var length = 0; length + Bulk <= Bound; length += Bulk) Fill(flow: 1, Bulk);
        Fill(flow: 1, Bound % Bulk);
        Assert.Equal(SendLane.Drop, _queue.Choose(1, Bulk, filled: 0));
        Assert.Equal(SendLane.Drop, _queue.Choose(1, 60, filled: 0));
        Assert.Equal(SendLane.Express, _queue.Choose(2, 60, filled: 0));
        Take();
        Assert.Equal(SendLane.Chunk, _queue.Choose(1, Bulk, filled: 0));
    }

    [Fact]
    public void A_flood_of_small_frames_fills_its_lane_and_then_queues_like_any_other()
    {
        Fill(flow: 1, Bulk);
        var express = 0;
        while (_queue.Choose(2, 200, filled: 0) == SendLane.Express)
        {
            Assert.True(_queue.TryAddExpress(new byte[208]));
            express++;
        }

        Assert.InRange(express * 208, 8 * 1024, 16 * 1024);
        Assert.True(_queue.TryAddControl(new byte[100]));
        // It has something waiting now, so what follows stays behind that, room or not.
        Assert.Equal((express * 208) + 100, _queue.TakeExpress().Length);
        Assert.Equal(SendLane.Chunk, _queue.Choose(2, 200, filled: 200));
    }

    [Fact]
    public void Control_frames_are_bounded_too()
    {
        var count = 0;
        while (_queue.TryAddControl(new byte[125])) count++;
        Assert.InRange(count, 16 * 1024 / 125, 20 * 1024 / 125);
    }

    [Fact]
    public void Nothing_comes_after_the_last()
    {
        Fill(flow: 1, Bulk);
        var last = _queue.Rent();
        last.Commit(10);
        _queue.Finish(last);
        var late = _queue.Rent();
        late.Commit(20);
        Assert.Same(late, _queue.Add(late));
        Assert.Equal(0, late.Length);
        Assert.False(_queue.TryAddExpress([1]));
        Assert.False(_queue.TryAddControl([1]));
        Assert.True(_queue.TakeExpress().IsEmpty);
        Assert.Equal(Bulk + 10, _queue.TakeChunk()!.Length);
        Assert.True(_queue.IsEmpty);
    }

    [Fact]
    public void A_chunk_comes_out_whole_or_in_slices_that_end_where_messages_do()
    {
        var chunk = _queue.Rent();
        byte[] lengths = [20, 20, 20, 1, 65];
        byte mark = 0;
        foreach (var length in lengths)
        {
            chunk.Room[..(length * 1024)].Fill(++mark);
            chunk.Commit(length * 1024);
        }

        List<int> slices = [];
        var sent = new List<byte>();
        var isLast = false;
        while (!isLast)
        {
            var slice = chunk.NextSlice(whole: slices.Count == 2, out isLast);
            slices.Add(slice.Length / 1024);
            sent.AddRange(slice);
        }

        Assert.Equal([40, 86], slices);
        Assert.Equal(chunk.Length, sent.Count);
        Assert.Equal(lengths.SelectMany((length, index) => Enumerable.Repeat((byte)(index + 1), length * 1024)), sent);
        chunk.Clear();
        Assert.Equal(0, chunk.NextSlice(whole: true, out isLast).Length);
        Assert.True(isLast);
    }

    private void Fill(uint flow, int length)
    {
        var chunk = _queue.Rent();
        Assert.Equal(SendLane.Chunk, _queue.Choose(flow, length, filled: 0));
        chunk.Commit(length);
        _queue.Add(chunk);
    }

    private void Take() => _queue.Return(_queue.TakeChunk()!);
}
