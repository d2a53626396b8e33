using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using VpnWs.Ethernet;
using VpnWs.Switching;

namespace VpnWs.Tests.Switching;

/// <summary>Whatever happens in whatever order, the switch does what the naive one does.</summary>
public class ModelTests
{
    private static readonly MacAddress[] Stations = [Lan.A, Lan.B, Lan.C, Lan.D, Lan.E];

    private static readonly MacAddress[] Others =
        [MacAddress.Broadcast, MacAddress.Zero, Lan.Multicast, Lan.Reserved, Lan.Nobody];

    private static readonly long[] Waits = [0, 1, 100, 500, 999, 1000, 1500, 2999, 3000, 10_000, 36_000, 36_001, 299_000, 300_000];

    private static readonly Gen<MacAddress> Station = Gen.Elements(Stations);

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (4, from port in Gen.Choose(0, 5)
            from declared in Gen.Choose(-2, Stations.Length - 1)
            from identity in Gen.Elements(null, null, "alice", "bob")
            select (Step)new Join(port == 1 || port == 5, port is 2 or 5, port == 3, identity, declared < 0 ? null : Stations[declared])),
        (2, Gen.Choose(0, 99).Select(static port => (Step)new Leave(port))),
        (30, from port in Gen.Choose(0, 99)
             from source in Gen.Frequency((12, Station), (1, Gen.Elements(Others)))
             from destination in Gen.Frequency((3, Station), (2, Gen.Elements(Others)))
             from heard in Gen.Elements(true, true, true, false)
             from length in Gen.Frequency((30, Gen.Constant(60)), (1, Gen.Choose(0, 14)))
             select (Step)new Send(port, source, destination, heard, length)),
        (4, Gen.Choose(0, 99).Select(static port => (Step)new Hear(port))),
        (8, Gen.Elements(Waits).Select(static time => (Step)new Wait(time))),
        (8, Gen.Constant((Step)new Tick())),
        (1, from port in Gen.Choose(0, 99)
            from address in Gen.Frequency((5, Station), (1, Gen.Elements(Others)))
            select (Step)new Replace(port, address)));

    private static readonly Gen<SwitchOptions> Options =
        from flags in Gen.Choose(0, 1).ListOf(3)
        from isolate in Gen.Choose(0, 1)
        from limit in Gen.Choose(1, 4)
        select new SwitchOptions
        {
            Broadcast = flags[0] == 0,
            Multicast = flags[1] == 0,
            ForwardReserved = flags[2] == 0,
            Isolate = isolate == 1,
            MaxAddressesPerBridge = limit,
        };

    private static readonly Arbitrary<(SwitchOptions Options, Step[] Steps)> Histories = Arb.From(
        Options.SelectMany(static options => Steps.ArrayOf(150).Select(steps => (options, steps))),
        static history => Shorter(history.steps).Select(steps => (history.options, steps)));

    private abstract record Step;

    private sealed record Join(bool Bridge, bool Uplink, bool Classic, string? Identity, MacAddress? Declared) : Step;

    private sealed record Leave(int Port) : Step;

    private sealed record Send(int Port, MacAddress From, MacAddress To, bool Heard, int Length) : Step;

    private sealed record Hear(int Port) : Step;

    private sealed record Wait(long Time) : Step;

    private sealed record Tick : Step;

    private sealed record Replace(int Port, MacAddress Address) : Step;

    [Fact]
    public void The_switch_does_what_the_naive_one_does() =>
        Prop.ForAll(Histories, static history => Compare(history.Options, history.Steps)).Check(
            Config.QuickThrowOnFailure.WithMaxTest(400));

    private static void Compare(SwitchOptions options, Step[] steps)
    {
        var lan = new Lan(options);
        var naive = new NaiveSwitch(options);
        var ports = new List<(TestPort Real, NaiveSwitch.Member Model)>();
        var sent = 0;
        foreach (var step in steps)
        {
            Take(step, lan, naive, ports, ++sent);
            Assert.Equal(naive.News.Order(), lan.TakeNews().Order());
            naive.News.Clear();
            foreach (var (real, model) in ports)
            {
                Assert.Equal(naive.AddressesOf(model), lan.AddressesOf(real));
                var primary = lan.Switch.PrimaryAddressOf(real);
                var addresses = lan.Switch.AddressesOf(real);
                if (model.Declared is { } declared && addresses.Contains(declared)) Assert.Equal(declared, primary);
                else Assert.Equal(addresses.Count > 0, primary is { } some && addresses.Contains(some));
            }

            Assert.Equal(naive.Addresses, lan.Switch.Totals().Addresses);
        }

        foreach (var (real, _) in ports)
        {
            foreach (var reason in Enum.GetValues<DropReason>())
            {
                Assert.Equal(naive.Drops.GetValueOrDefault((real.Id, reason)), real.Counters.Drops(reason));
            }
        }
    }

    private static void Take(Step step, Lan lan, NaiveSwitch naive, List<(TestPort Real, NaiveSwitch.Member Model)> ports, int number)
    {
        switch (step)
        {
            case Join it:
                var port = lan.Join(it.Declared, it.Bridge, it.Uplink, it.Identity, it.Classic);
                ports.Add((port, naive.Join(port.Id, it.Declared, it.Bridge, it.Uplink, it.Identity, it.Classic, lan.Now)));
                break;
            case Leave it when ports.Count > 0:
                lan.Switch.Remove(Of(it.Port).Real);
                naive.Leave(Of(it.Port).Model);
                break;
            case Send it when ports.Count > 0:
                var (real, model) = Of(it.Port);
                if (it.Heard) real.LastHeard = model.LastHeard = lan.Now;
                var decision = lan.Switch.Forward(real, Unlike(Lan.Frame(it.From, it.To), number), it.Length, lan.Now);
                Assert.Equal(naive.Send(model, it.From, it.To, it.Length, lan.Now), Lan.Describe(decision, real));
                break;
            case Hear it when ports.Count > 0:
                Of(it.Port).Real.LastHeard = Of(it.Port).Model.LastHeard = lan.Now;
                break;
            case Wait it:
                lan.Wait(it.Time);
                break;
            case Tick:
                lan.Tick();
                naive.Tick(lan.Now);
                break;
            case Replace it when ports.Count > 0:
                lan.Switch.ReplaceDeclared(Of(it.Port).Real, it.Address, lan.Now);
                naive.Replace(Of(it.Port).Model, it.Address, lan.Now);
                break;
        }

        // Late comers more often than those who may have left.
        (TestPort Real, NaiveSwitch.Member Model) Of(int number) => ports[^(1 + (number % Math.Min(ports.Count, 6)))];
    }

    // Copies of a frame from several ports are a loop, which is not what the model is about.
    private static byte[] Unlike(byte[] frame, int number)
    {
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), (ushort)(0x9000 + number));
        return frame;
    }

    private static IEnumerable<Step[]> Shorter(Step[] steps)
    {
        for (var size = steps.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= steps.Length; at += size) yield return [.. steps[..at], .. steps[(at + size)..]];
        }
    }
}
