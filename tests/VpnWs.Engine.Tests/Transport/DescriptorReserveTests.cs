using System.Net.Sockets;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class DescriptorReserveTests
{
    [Theory]
    [InlineData(64, 48)]
    [InlineData(256, 192)]
    [InlineData(1024, 960)]
    [InlineData(1_048_576, 1_048_512)]
    public void A_quarter_of_the_descriptors_is_kept_back_but_sixty_four_at_most(long limit, long first) =>
        Assert.Equal(first, DescriptorReserve.FirstReservedOf(limit));

    [Fact]
    public void The_first_sockets_of_a_process_are_not_in_the_reserve()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.False(DescriptorReserve.Includes(socket));
    }
}
