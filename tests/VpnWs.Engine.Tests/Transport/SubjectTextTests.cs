using System.Security.Cryptography.X509Certificates;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class SubjectTextTests
{
    [Fact]
    public void Parts_stand_in_the_order_and_form_that_nginx_writes_them_in()
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCountryOrRegion("GB");
        name.AddOrganizationName("Lovelace, King + \"Sons\"");
        name.AddOrganizationalUnitName(" #1 ");
        name.Add("1.2.3.4", "x");
        name.AddEmailAddress("ada@example.com");
        name.AddCommonName("#Ada König");
        Assert.Equal("CN=\\#Ada König,emailAddress=ada@example.com,1.2.3.4=x,OU=\\ #1\\ ,O=Lovelace\\, King \\+ \\\"Sons\\\",C=GB", SubjectText.Of(name.Build()));
    }

    [Fact]
    public void An_empty_subject_is_empty() => Assert.Equal("", SubjectText.Of(new X500DistinguishedName("")));
}
