using VpnWs.Ethernet;

namespace VpnWs.Taps;

internal sealed class StubTap : ITap
{
    public string Name => "stub0";

    public MacAddress Address => MacAddress.Zero;

    public int Mtu => 1500;

    public bool HasOffload => false;

    public static (ITap Own, ITap Other) Pair() => (new StubTap(), new StubTap());

    public void Dispose()
    {
    }

    public TapStatus Read(Span<byte> buffer, out int length)
    {
        length = 0;
        return TapStatus.WouldBlock;
    }

    public void Wait(int milliseconds)
    {
    }

    public void Wake()
    {
    }

    public TapStatus Write(ReadOnlySpan<byte> frame) => TapStatus.Done;
}
