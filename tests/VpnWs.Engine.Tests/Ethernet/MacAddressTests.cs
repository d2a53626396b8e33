using FsCheck;
using FsCheck.Fluent;
using VpnWs.Ethernet;

namespace VpnWs.Tests.Ethernet;

public class MacAddressTests
{
    private const ulong Ones = 0xffff_ffff_ffff;

    private static readonly Arbitrary<MacAddress> Addresses =
        Arb.From(Gen.Choose(0, 0xff_ffff).Two().Select(static halves => new MacAddress(((ulong)halves.Item1 << 24) | (uint)halves.Item2)));

    [Theory]
    [InlineData("00:00:00:00:00:00", 0UL)]
    [InlineData("ff:ff:ff:ff:ff:ff", Ones)]
    [InlineData("01:80:c2:00:00:0e", 0x0180_c200_000eUL)]
    [InlineData("02:00:5E:10:aB:cD", 0x0200_5e10_abcdUL)]
    [InlineData("02-00-5e-10-ab-cd", 0x0200_5e10_abcdUL)]
    public void An_address_is_read_in_either_case_with_colons_or_dashes(string text, ulong value)
    {
        Assert.Equal(value, MacAddress.Parse(text).Value);
        Assert.True(MacAddress.TryParse(text, out var address));
        Assert.Equal(value, address.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("02:00:00:00:00")]
    [InlineData("02:00:00:00:00:01 ")]
    [InlineData(" 02:00:00:00:00:01")]
    [InlineData("02:00:00:00:00:01:02")]
    [InlineData("0200.0000.0001....")]
    [InlineData("020000000001")]
    [InlineData("02:00:00:00:00:0g")]
    [InlineData("02:00:00:00:00:-1")]
    [InlineData("02:00:00:00:00:+1")]
    [InlineData("02:00:00:00: 0:01")]
    [InlineData("02:00:00:00:1\0:01")]
    [InlineData("02:00:00:00:00:1\0")]
    [InlineData("02:00:00:00:00:\0\0")]
    [InlineData("02:00-00:00-00:01")]
    [InlineData("02.00.00.00.00.01")]
    [InlineData("02:00:00:00:00:٠١")]
    public void Text_that_is_no_address_is_refused(string? text)
    {
        Assert.False(MacAddress.TryParse(text, out var address));
        Assert.Equal(MacAddress.Zero, address);
        Assert.Throws<FormatException>(() => MacAddress.Parse(text!));
    }

    [Fact]
    public void The_error_shows_the_text_and_the_right_form()
    {
        var error = Assert.Throws<FormatException>(() => MacAddress.Parse("nonsense"));
        Assert.Equal("'nonsense' is not a MAC address; write it as aa:bb:cc:dd:ee:ff.", error.Message);
    }

    [Fact]
    public void Writing_then_reading_gives_the_same_address() =>
        Prop.ForAll(Addresses, static address => MacAddress.Parse(address.ToString()) == address).QuickCheckThrowOnFailure();

    [Fact]
    public void The_text_is_six_lower_case_pairs_joined_by_colons() =>
        Prop.ForAll(Addresses, static address =>
        {
            var bytes = new byte[6];
            address.CopyTo(bytes);
            return address.ToString() == string.Join(':', bytes.Select(static part => part.ToString("x2")));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_go_in_and_out_in_the_order_of_the_wire() =>
        Prop.ForAll(Addresses, static address =>
        {
            var bytes = new byte[8];
            bytes[6] = 0xee;
            address.CopyTo(bytes);
            ulong value = 0;
            foreach (var part in bytes[..6]) value = (value << 8) | part;
            return value == address.Value && MacAddress.Read(bytes) == address && bytes[6] == 0xee && bytes[7] == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Equality_order_and_hash_follow_the_number() =>
        Prop.ForAll(Addresses, Addresses, static (a, b) =>
            (a == b) == (a.Value == b.Value) && (a != b) == (a.Value != b.Value) && a.Equals(b) == (a.Value == b.Value)
            && a.Equals((object)b) == (a.Value == b.Value) && Math.Sign(a.CompareTo(b)) == a.Value.CompareTo(b.Value)
            && (a < b) == (a.Value < b.Value) && (a > b) == (a.Value > b.Value)
            && (a <= b) == (a.Value <= b.Value) && (a >= b) == (a.Value >= b.Value)
            && a.GetHashCode() == new MacAddress(a.Value).GetHashCode()).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("ff:ff:ff:ff:ff:ff", true, true, true, false, false)]
    [InlineData("00:00:00:00:00:00", false, false, false, true, false)]
    [InlineData("01:00:5e:00:00:fb", true, false, false, false, false)]
    [InlineData("33:33:00:00:00:01", true, false, true, false, false)]
    [InlineData("02:00:00:00:00:01", false, false, true, false, false)]
    [InlineData("00:01:00:00:00:00", false, false, false, false, false)]
    [InlineData("ff:ff:ff:ff:ff:fe", true, false, true, false, false)]
    [InlineData("01:80:c2:00:00:00", true, false, false, false, true)]
    [InlineData("01:80:c2:00:00:0f", true, false, false, false, true)]
    [InlineData("01:80:c2:00:00:10", true, false, false, false, false)]
    [InlineData("00:80:c2:00:00:0f", false, false, false, false, false)]
    public void An_address_knows_its_kind(string text, bool group, bool broadcast, bool local, bool zero, bool reserved)
    {
        var address = MacAddress.Parse(text);
        Assert.Equal(group, address.IsGroup);
        Assert.Equal(broadcast, address.IsBroadcast);
        Assert.Equal(local, address.IsLocal);
        Assert.Equal(zero, address.IsZero);
        Assert.Equal(reserved, address.IsReserved);
    }

    [Fact]
    public void A_number_of_more_than_48_bits_is_no_address()
    {
        Assert.Equal(MacAddress.Broadcast, new MacAddress(Ones));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MacAddress(Ones + 1));
    }

    [Fact]
    public void Formatting_says_when_the_room_is_too_small()
    {
        Span<char> room = stackalloc char[17];
        var address = MacAddress.Parse("02:00:00:00:00:01");
        Assert.False(address.TryFormat(room[..16], out var written, default, null));
        Assert.Equal(0, written);
        Assert.True(address.TryFormat(room, out written, default, null));
        Assert.Equal("02:00:00:00:00:01", new string(room[..written]));
        Assert.Equal("at 02:00:00:00:00:01", $"at {address}");
    }
}
