using System.Net.Sockets;
using VpnWs.Offload;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Transport;

public sealed class OutboxTests : IDisposable
{
    private const int Limit = 1000;
    private const int ControlReserve = 4096;

    private readonly FakeChannel _channel = new();
    private readonly List<Exception> _failures = [];
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new Outbox(_channel, Limit, _failures.Add);

    [Fact]
    public void What_is_appended_leaves_in_order_and_in_one_send_with_the_flush()
    {
        Append([1, 2]);
        Append([3]);
        Assert.Empty(_channel.Sent);
        Assert.Equal(3, _outbox.Length);

        _outbox.Flush();

        Assert.Equal([1, 2, 3], _channel.Sent);
        Assert.Equal([3], _channel.Sends);
        Assert.Equal(0, _outbox.Length);
    }

    [Fact]
    public void A_spent_budget_leaves_each_outbox_its_share_and_all_memory_comes_back()
    {
        var budget = new OutboxBudget(100_000);
        using var other = new FakeChannel();
        var (full, late) = (new Outbox(_channel, 1 << 20, _ => { }, budget), new Outbox(other, 1 << 20, _ => { }, budget));
        while (full.TryAppend(new byte[1000]))
        {
        }

        Assert.True(budget.IsSpent);
        while (late.TryAppend(new byte[1000]))
        {
        }

        Assert.InRange(late.Length, OutboxBudget.Share - 1000, OutboxBudget.Share);
        late.Flush();
        full.Discard();
        full.Discard();
        Assert.False(full.TryAppend([1]));
        Assert.Equal(0, budget.Used);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(900)]
    public void A_frame_becomes_one_unmasked_binary_message(int length)
    {
        var bytes = Wire.Random(length);
        AppendFrame(bytes, withHeader: false);
        _outbox.Flush();
        Assert.Equal(Wire.Frame(Opcode.Binary, bytes), _channel.Sent);
    }

    [Fact]
    public void A_masked_frame_leaves_unmasked_with_its_offload_header_before_it()
    {
        var bytes = Wire.Random(600);
        var header = new VirtioNetHeader { Flags = 1, ChecksumStart = 34, ChecksumOffset = 16 };
        byte[] payload = [.. new byte[Frame.OffloadHeaderLength], .. bytes];
        var masked = payload.Select((value, i) => (byte)(value ^ Wire.Key[i % 4])).ToArray();
        const int Clear = 256;
        payload.AsSpan(0, Clear).CopyTo(masked);
        const int Prefix = Frame.OffloadHeaderLength;
        var frame = new Frame(masked.AsSpan(Prefix), BitConverter.ToUInt32(Wire.Key), Prefix, Clear - Prefix) { Offload = header };

        Assert.True(_outbox.TryAppend(ref frame, withHeader: true));
        _outbox.Flush();

        header.Write(payload);
        Assert.Equal(Wire.Frame(Opcode.Binary, payload), _channel.Sent);
    }

    [Fact]
    public void Over_the_bound_nothing_is_taken_and_what_waits_on_its_way_counts()
    {
        _channel.Room = 0;
        Append(new byte[600]);
        _outbox.Flush();
        Append(new byte[400]);
        Assert.Equal(Limit, _outbox.Length);

        Assert.False(_outbox.TryAppend([1]));
        Assert.False(TryAppendFrame(new byte[14]));
        Assert.Equal(Limit, _outbox.Length);

        _channel.Drain();
        Assert.Equal(Limit, _channel.Sent.Length);
        Append([1]);
    }

    [Fact]
    public void A_message_larger_than_the_bound_passes_an_empty_outbox_only()
    {
        AppendFrame(new byte[Limit + 1], withHeader: false);
        Assert.False(TryAppendFrame(new byte[14]));
        _outbox.Flush();
        Append([1]);
        Assert.False(TryAppendFrame(new byte[Limit + 1]));
    }

    [Fact]
    public void Control_frames_have_a_reserve_beyond_the_bound_and_no_more()
    {
        _channel.Room = 0;
        Append(new byte[Limit]);
        for (var i = 0; i < ControlReserve; i += 128) Assert.True(_outbox.TryAppendControl(new byte[128]));
        Assert.False(_outbox.TryAppendControl([1]));
        Assert.Equal(Limit + ControlReserve, _outbox.Length);
    }

    [Fact]
    public void What_the_kernel_does_not_take_follows_by_itself_and_in_order()
    {
        _channel.Room = 2;
        Append([1, 2, 3]);
        _outbox.Flush();
        Append([4, 5]);
        _outbox.Flush();
        Assert.Equal([1, 2], _channel.Sent);

        _channel.Drain();

        Assert.Equal([1, 2, 3, 4, 5], _channel.Sent);
        Assert.Equal(0, _outbox.Length);
    }

    [Fact]
    public void Held_it_sends_nothing_until_released()
    {
        _outbox.Hold();
        Append([1]);
        _outbox.Flush();
        Assert.True(_outbox.TryAppendControl([2]));
        _outbox.Flush();
        Assert.Empty(_channel.Sent);

        _outbox.Release();
        Assert.Equal([1, 2], _channel.Sent);
    }

    [Fact]
    public void The_last_bytes_are_taken_though_it_is_full_and_nothing_follows_them()
    {
        _outbox.Hold();
        Append(new byte[Limit]);
        _outbox.Finish([9]);
        _outbox.Finish([8]);
        Assert.Empty(_channel.Sent);
        Assert.False(_outbox.Finished.IsCompleted);

        _outbox.Release();

        Assert.Equal([.. new byte[Limit], 9], _channel.Sent);
        Assert.True(_outbox.Finished.IsCompletedSuccessfully);
        Assert.False(_outbox.TryAppend([1]));
        Assert.False(_outbox.TryAppendControl([1]));
        Assert.False(TryAppendFrame(new byte[14]));
    }

    [Fact]
    public void It_is_finished_when_the_last_byte_has_left_and_not_before()
    {
        _channel.Room = 0;
        Append([1]);
        _outbox.Flush();
        _outbox.Finish([2]);
        Assert.False(_outbox.Finished.IsCompleted);
        _channel.Drain();
        Assert.True(_outbox.Finished.IsCompleted);
        Assert.Equal([1, 2], _channel.Sent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_broken_connection_is_told_once_and_holds_nothing(bool later)
    {
        if (later) _channel.Room = 0;
        else _channel.Fault = new SocketException((int)SocketError.ConnectionReset);
        Append([1, 2, 3]);
        _outbox.Flush();
        if (later)
        {
            Append([4]);
            _channel.Fault = new IOException();
            _channel.Drain();
        }

        Assert.Single(_failures);
        Assert.Equal(0, _outbox.Length);
        Assert.True(_outbox.Finished.IsCompleted);
        Assert.False(_outbox.TryAppend([1]));
        _outbox.Release();
        _outbox.Finish([1]);
        Assert.Single(_failures);
        Assert.Empty(_channel.Sent);
    }

    [Fact]
    public async Task It_is_congested_while_more_than_half_full_and_draining_and_room_is_waited_for_until_a_quarter()
    {
        const int SlowPeriod = 250;
        var now = Environment.TickCount64;
        Append([1]);
        _outbox.Flush();
        _channel.Room = 0;
        Append(new byte[Limit / 2]);
        Assert.False(_outbox.IsCongested(now));
        Append([1]);
        Assert.True(_outbox.IsCongested(now));
        Assert.False(_outbox.IsCongested(now + 10_000), "It has not drained for so long that its receiver does not read.");
        _outbox.Flush();

        // In vain: for a while nobody shall wait for such a receiver again.
        var next = now + 20;
        await _outbox.WaitForRoomAsync(next - SlowPeriod);
        Assert.False(_outbox.IsCongested(next - 1));
        Assert.True(_outbox.IsCongested(next));

        var waiting = _outbox.WaitForRoomAsync(next).AsTask();
        _channel.Drain();
        await waiting;
        Append(new byte[Limit]);
        Assert.True(_outbox.IsCongested(next));
    }

    [Fact]
    public async Task Nobody_waits_for_an_outbox_that_is_drained_or_broken()
    {
        Append(new byte[Limit / 4]);
        Assert.True(_outbox.WaitForRoomAsync(0).AsTask().IsCompletedSuccessfully);
        Append(new byte[Limit / 2]);
        var waiting = _outbox.WaitForRoomAsync(0).AsTask();
        _channel.Fault = new IOException();
        _outbox.Flush();
        await waiting;
        Assert.False(_outbox.IsCongested(0));
        Assert.True(_outbox.WaitForRoomAsync(0).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Many_threads_lose_and_mix_nothing()
    {
        const int Threads = 4;
        const int Messages = 5000;
        var outbox = new Outbox(_channel, int.MaxValue - ControlReserve, _failures.Add);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Messages; i++)
            {
                Assert.True(outbox.TryAppend([(byte)thread, (byte)(i >> 8), (byte)i]));
                if (i % 7 == 0) outbox.Flush();
            }

            outbox.Flush();
        })));

        var sent = _channel.Sent;
        Assert.Equal(Threads * Messages * 3, sent.Length);
        var next = new int[Threads];
        for (var at = 0; at < sent.Length; at += 3) Assert.Equal(next[sent[at]]++, (sent[at + 1] << 8) | sent[at + 2]);
    }

    public void Dispose() => _channel.Dispose();

    private void Append(byte[] bytes) => Assert.True(_outbox.TryAppend(bytes));

    private void AppendFrame(byte[] bytes, bool withHeader)
    {
        var frame = new Frame(bytes);
        Assert.True(_outbox.TryAppend(ref frame, withHeader));
    }

    private bool TryAppendFrame(byte[] bytes)
    {
        var frame = new Frame(bytes);
        return _outbox.TryAppend(ref frame, withHeader: false);
    }
}
