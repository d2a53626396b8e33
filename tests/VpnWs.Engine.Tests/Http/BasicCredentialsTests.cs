using System.Text;
using VpnWs.Http;

namespace VpnWs.Tests.Http;

public sealed class BasicCredentialsTests
{
    [Theory]
    [InlineData("Basic YWRhOmxvdmUtbGFjZQ==", "ada", "love-lace")]
    [InlineData("basic  YWRhOg== ", "ada", "")]
    [InlineData("Basic YTpiOmM=", "a", "b:c")]
    [InlineData("Basic Ojo=", "", ":")]
    [InlineData("Basic w6k6w7w=", "é", "ü")]
    [InlineData("Basic 6Tr8", "é", "ü")]
    public void User_and_password_are_parted_at_the_first_colon(string value, string user, string password)
    {
        Assert.True(BasicCredentials.TryParse(value, out var credentials));
        Assert.Equal((user, password), (credentials.User, credentials.Password));
        Assert.DoesNotContain("love", credentials.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic YWRh")]
    [InlineData("Basic YWRhOmxvdmUtbGFjZQ")]
    [InlineData("Basic ???")]
    [InlineData("Basic é")]
    [InlineData("Basic YQA6Yg==")]
    [InlineData("Bearer YWRhOmxvdmUtbGFjZQ==")]
    public void Anything_else_is_none(string? value) => Assert.False(BasicCredentials.TryParse(value, out _));

    [Fact]
    public void Whatever_is_encoded_comes_out() => Checks.Hold(Checks.HostileText, text =>
    {
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes($"ada:{clean}");
        Assert.True(BasicCredentials.TryParse("Basic " + Convert.ToBase64String(bytes), out var credentials));
        Assert.Equal(Encoding.UTF8.GetString(bytes)[4..], credentials.Password);
    });
}
