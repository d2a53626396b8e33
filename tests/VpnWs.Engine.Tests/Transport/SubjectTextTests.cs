using System.Security.Cryptography.X509Certificates;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class SubjectTextTests
{
    [Fact]
    public void Parts_stand_in_the_order_and_form_that_nginx_writes_them_in()
    {
        // In the order of the text; it encodes them the other way round, as openssl does with /C=GB/.../CN=....
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName("#Ada König");
        name.AddEmailAddress("ada@example.com");
        name.Add("1.2.3.4", "x");
        name.AddOrganizationalUnitName(" #1 ");
        name.AddOrganizationName("Lovelace, King + \"Sons\"");
        name.AddCountryOrRegion("GB");
        Assert.Equal("CN=\\#Ada König,emailAddress=ada@example.com,1.2.3.4=#0C0178,OU=\\ #1\\ ,O=Lovelace\\, King \\+ \\\"Sons\\\",C=GB", SubjectText.Of(name.Build()));
    }

    // As "openssl x509 -subject -nameopt RFC2253,-esc_msb" writes them.
    [Theory]
    [InlineData("31 28 30 0B 06 03 55 04 0A 0C 04 4576696C 30 19 06 03 55 04 03 0C 12 782C4F553D4C61622C4F3D4578616D706C65", "CN=x\\,OU=Lab\\,O=Example+O=Evil")]
    [InlineData("31 0C 30 0A 06 03 55 04 0B 0C 03 610A62", "OU=a\\0Ab")]
    [InlineData("31 0C 30 0A 06 03 55 04 0B 0C 03 7F2078", "OU=\\7F x")]
    [InlineData("31 0C 30 0A 06 03 55 04 0B 04 03 2C4F3D", "OU=#04032C4F3D")]
    [InlineData("31 0C 30 0A 06 03 55 04 0B 0C 03 C328FF", "OU=#0C03C328FF")]
    public void No_value_passes_for_another_part_of_the_name(string part, string expected)
    {
        var bytes = Convert.FromHexString(part.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(bytes.Length - 2, bytes[1]);
        Assert.Equal(expected, SubjectText.Of(new X500DistinguishedName([0x30, (byte)bytes.Length, .. bytes])));
    }

    [Fact]
    public void An_empty_subject_is_empty() => Assert.Equal("", SubjectText.Of(new X500DistinguishedName("")));
}
