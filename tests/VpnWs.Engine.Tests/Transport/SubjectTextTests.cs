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
        Assert.Equal("CN=\\#Ada König,emailAddress=ada@example.com,1.2.3.4=x,OU=\\ #1\\ ,O=Lovelace\\, King \\+ \\\"Sons\\\",C=GB", SubjectText.Of(name.Build()));
    }

    [Fact]
    public void An_empty_subject_is_empty() => Assert.Equal("", SubjectText.Of(new X500DistinguishedName("")));
}
