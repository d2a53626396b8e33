using VpnWs.Ethernet;
using VpnWs.Switching;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching;

public class AllocationTests
{
    private const int Frames = 1_000_000;

    [Theory]
    [InlineData("to 2")]
    [InlineData("to 2 and to 3 in turn")]
    [InlineData("flood")]
    [InlineData("unknown")]
    [InlineData("many sources behind a bridge")]
    [InlineData("no such source")]
    [InlineData("conflict")]
    [InlineData("table full")]
    public void A_million_frames_allocate_nothing(string traffic)
    {
        var lan = new Lan(new SwitchOptions { MaxAddressesPerBridge = 3 });
        var (one, bridge) = (lan.Join(A), lan.Join(B, bridge: true));
        lan.Join(C);
        lan.Send(bridge, D, MacAddress.Broadcast);
        lan.Send(bridge, E, MacAddress.Broadcast);
        (SwitchPort Source, byte[] Frame)[] turns = traffic switch
        {
            "to 2" => [(one, Frame(A, B))],
            "to 2 and to 3 in turn" => [(one, Frame(A, B)), (one, Frame(A, C))],
            "flood" => [(one, Frame(A, MacAddress.Broadcast))],
            "unknown" => [(one, Frame(A, Nobody))],
            "many sources behind a bridge" => [(bridge, Frame(B, A)), (bridge, Frame(D, A)), (bridge, Frame(E, C))],
            "no such source" => [(one, Frame(B, C))],
            "conflict" => [(lan.Join(A), Frame(A, B))],
            _ => [(bridge, Frame(Nobody, A))],
        };
        Run(lan, turns, frames: 100_000);
        Assert.Equal(0, LeastAllocated(() => Run(lan, turns, Frames)));
    }

    // A collection that other tests bring about meanwhile can shift the thread's count; what the code itself allocates shows in every round.
    private static long LeastAllocated(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 4 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    // The time moves on as it does in life, by less than a second altogether.
    private static void Run(Lan lan, (SwitchPort Source, byte[] Frame)[] turns, int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            var (source, frame) = turns[i % turns.Length];
            lan.Switch.Forward(source, frame, frame.Length, lan.Now + (i >> 10));
        }
    }
}
